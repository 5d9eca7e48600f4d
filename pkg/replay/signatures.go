package replay

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// signatures groups the failed attempts that have one cause, the one that did
// most harm first: by indexes failed, by whether it fails the Job, by indexes stopped,
// then by attempts. Attempts
// that the controller itself ended are no failures of their own and have no cause
// to tell.
func (t *totals) signatures(fates []v1alpha1.IndexFate) []v1alpha1.Signature {
	groups := slices.Collect(maps.Values(t.sortCauses(fates).groups))
	for _, g := range groups {
		g.failed, g.stopped = g.lenOf(v1alpha1.Failed), g.lenOf(v1alpha1.Stopped)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(
			cmp.Compare(b.failed, a.failed), cmp.Compare(b.failsJob(), a.failsJob()), cmp.Compare(b.stopped, a.stopped),
			cmp.Compare(b.result.Attempts, a.result.Attempts), strings.Compare(a.key, b.key),
		)
	})
	signatures := make([]v1alpha1.Signature, 0, len(groups))
	for _, g := range groups {
		signatures = append(signatures, g.signature())
	}
	return signatures
}

// sortCauses groups the failed attempts of some indexes, and marks each with its
// group: which attempts are of a cause cannot be told from the Signature.
func (t *totals) sortCauses(fates []v1alpha1.IndexFate) *sorter {
	s := newSorter()
	for i := range fates {
		for attempt, pod := range withPods(fates[i].Attempts, t.podsOf(fates[i].Index)) {
			if attempt.Failure == nil || pod != nil && !pod.isOwnFailure() {
				continue // the controller deleted it
			}
			s.groupOf(attempt).add(&fates[i], attempt, t.cameDownAt(attempt, pod))
		}
	}
	return s
}

// cameDownAt is when the attempt ended, as the trigger and the first failure have it:
// by the request of its deletion, where that was what counted.
func (t *totals) cameDownAt(a *v1alpha1.Attempt, pod *podFacts) *metav1.Time {
	if pod != nil && pod.Deleted {
		if at := t.cameDown(pod); !at.IsZero() {
			return t.shared.stamp(at)
		}
	}
	return endOf(a)
}

// sorter finds the group of an attempt. Attempts share what is told of their
// failure, so that few have to be put into words.
type sorter struct {
	groups map[string]*group
	known  map[cause]*group
	seen   map[toldFailure]*group
}

// toldFailure is what attempts of one cause have in common that share their failure.
type toldFailure struct {
	failure    *v1alpha1.Failure
	wasDeleted bool
}

func newSorter() *sorter {
	return &sorter{groups: map[string]*group{}, known: map[cause]*group{}, seen: map[toldFailure]*group{}}
}

func (s *sorter) groupOf(attempt *v1alpha1.Attempt) *group {
	told := toldFailure{attempt.Failure, wasDeleted(attempt)}
	g := s.seen[told]
	if g == nil {
		g = s.groupOfCause(causeOf(attempt), attempt)
		s.seen[told] = g
	}
	return g
}

func (s *sorter) groupOfCause(same cause, attempt *v1alpha1.Attempt) *group {
	g := s.known[same]
	if g == nil {
		key := same.signature(attempt.Pod)
		if g = s.groups[key]; g == nil {
			g = newGroup(key, same, attempt)
			s.groups[key] = g
		}
		g.several = g.several || same.message != g.cause.message
		s.known[same] = g
	}
	return g
}

// group gathers the attempts of one signature.
type group struct {
	key string
	// cause is that of the first attempt; several: another had another message.
	cause   cause
	several bool
	result  v1alpha1.Signature
	members indexes.Builder
	// failed and stopped are how many of the members are, once all are known.
	failed, stopped int64
	outcomes        map[v1alpha1.Fate]*indexes.Builder
	nodes           map[string]int64
	ends            map[int64]int64 // how many ended in a second
	// exampleFailed: the index of the example failed.
	exampleFailed bool
}

func newGroup(key string, same cause, a *v1alpha1.Attempt) *group {
	text, _, _ := strings.Cut(key, "\x00")
	return &group{
		key: key, cause: same,
		result: v1alpha1.Signature{
			ID: signatureID(key), Text: text, Container: a.Failure.Container, ContainerType: a.Failure.ContainerType, ExitCode: a.Failure.ExitCode,
			Reason: a.Failure.Reason, Decision: a.Decision, Rule: a.Rule,
		},
		outcomes: map[v1alpha1.Fate]*indexes.Builder{},
		nodes:    map[string]int64{},
		ends:     map[int64]int64{},
	}
}

func (g *group) add(record *v1alpha1.IndexFate, a *v1alpha1.Attempt, at *metav1.Time) {
	a.Signature = g.result.ID
	g.result.Attempts++
	g.members.Add(record.Index)
	outcome := g.outcomes[record.Fate]
	if outcome == nil {
		outcome = new(indexes.Builder)
		g.outcomes[record.Fate] = outcome
	}
	outcome.Add(record.Index)
	if a.Node != "" {
		g.nodes[a.Node]++
	}
	if g.isBetterExample(record) {
		g.result.Example = &v1alpha1.Example{Index: record.Index, Attempt: a.Number, Pod: a.Pod, Node: a.Node}
		g.result.Message, g.exampleFailed = a.Failure.Message, record.Fate == v1alpha1.Failed
	}
	if at != nil {
		g.ends[at.Unix()]++
		if first := g.result.FirstTime; first == nil || at.Before(first) {
			g.result.FirstTime, g.result.FirstIndex = at, &record.Index
		}
	}
}

// isBetterExample: an attempt of an index that failed goes before any other, and
// of one index the last does.
func (g *group) isBetterExample(record *v1alpha1.IndexFate) bool {
	if g.result.Example == nil || g.result.Example.Index == record.Index {
		return true
	}
	return !g.exampleFailed && record.Fate == v1alpha1.Failed
}

// failsJob is 1 where a FailJob rule matched, 0 elsewhere.
func (g *group) failsJob() int {
	if g.result.Decision == v1alpha1.DecisionFailJob {
		return 1
	}
	return 0
}

// lenOf is how many of the members have that fate.
func (g *group) lenOf(fate v1alpha1.Fate) int64 {
	members := g.outcomes[fate]
	if members == nil {
		return 0
	}
	return members.Set().Len()
}

// The digits of a signature's ID: none that spells words or is taken for another.
// It begins with a letter, and is as long as it takes to be one in a thousand
// million.
const (
	idDigits  = "bcdfghjklmnpqrstvwxz2456789"
	idLetters = 20
	idLength  = 8
)

// signatureID follows from what makes the cause one, so that it is the same from
// look to look.
func signatureID(key string) string {
	hash := fnv.New64a()
	hash.Write([]byte(key))
	n := hash.Sum64()
	id := []byte{idDigits[n%idLetters]}
	n /= idLetters
	for len(id) < idLength {
		id = append(id, idDigits[n%uint64(len(idDigits))])
		n /= uint64(len(idDigits))
	}
	return string(id)
}

func endOf(a *v1alpha1.Attempt) *metav1.Time {
	switch {
	case a.FinishTime != nil:
		return a.FinishTime
	case a.Deletion != nil:
		return a.Deletion.Requested
	}
	return a.BackoffFrom
}

func (g *group) signature() v1alpha1.Signature {
	result := g.result
	if !g.several {
		result.Text = g.cause.words(g.cause.message) // nothing has to be left out
	}
	result.Indexes = g.members.Set().String()
	result.Outcomes = map[v1alpha1.Fate]string{}
	for fate, members := range g.outcomes {
		result.Outcomes[fate] = members.Set().String()
	}
	if ends := slices.Sorted(maps.Keys(g.ends)); len(ends) > 0 {
		result.FirstTime, result.LastTime = second(ends[0]), second(ends[len(ends)-1])
		result.FirstIndex = new(*g.result.FirstIndex)
		result.Busiest = g.busiestMinute(ends)
	}
	result.Nodes = []v1alpha1.NodeCount{}
	for name, n := range g.nodes {
		result.Nodes = append(result.Nodes, v1alpha1.NodeCount{Name: name, Attempts: n})
	}
	sort.Slice(result.Nodes, func(i, j int) bool {
		a, b := result.Nodes[i], result.Nodes[j]
		if a.Attempts != b.Attempts {
			return a.Attempts > b.Attempts
		}
		return a.Name < b.Name
	})
	return result
}

// busiestMinute is the earliest with most of the ends.
func (g *group) busiestMinute(ends []int64) *v1alpha1.Minute {
	var busiest v1alpha1.Minute
	var n int64
	last := 0
	for _, first := range ends {
		for last < len(ends) && ends[last]-first < 60 {
			n += g.ends[ends[last]]
			last++
		}
		if n > busiest.Attempts {
			busiest = v1alpha1.Minute{Time: *second(first), Attempts: n}
		}
		n -= g.ends[first]
	}
	return &busiest
}

func second(unix int64) *metav1.Time { return &metav1.Time{Time: time.Unix(unix, 0).UTC()} }
