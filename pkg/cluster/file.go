package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

const writeHint = "write it with: kubectl get job,pods,events -o yaml"

// ReadFiles reads what kubectl printed, from files and, for "-", standard
// input, and keeps what belongs to the Job that is meant. A namespace, unless
// empty, hides all others.
func ReadFiles(ctx context.Context, names []string, stdin io.Reader, namespace string, reference Reference) (*evidence.Job, error) {
	pile := newPile(namespace)
	for _, name := range names {
		if err := pile.read(ctx, name, stdin); err != nil {
			return nil, err
		}
	}
	where := strings.Join(names, ", ")
	if where == "-" {
		where = "standard input"
	}
	job, err := pile.choose(reference, where)
	if err != nil {
		return nil, err
	}
	if err := checkJob(job); err != nil {
		return nil, err
	}
	return pile.evidence(job)
}

// pile is what a set of files holds, reduced as it is read.
type pile struct {
	namespace string

	jobs     []batchv1.Job
	attempts []evidence.Attempt
	families []*family // of each attempt
	events   []evidence.Event
	others   map[string]int // objects of kinds that tell us nothing, by kind

	known   map[identity]known
	shared  map[string]*family
	reducer evidence.Reducer

	observedAt    time.Time
	serverVersion string
	conflicts     int

	// What a snapshot tells of its own reading.
	isSnapshot           bool
	podsRead, eventsRead bool
	gaps                 []evidence.Gap
}

// family is what tells whose a pod is, the same for all pods of a Job.
type family struct {
	namespace  string
	labels     labels.Set
	controller metav1.OwnerReference // its UID is empty where nobody controls the pod
}

// identity finds duplicates of an object: by its UID, or else its name.
type identity struct{ kind, id string }

func identify(kind string, meta *metav1.ObjectMeta) identity {
	if meta.UID == "" {
		return identity{kind, "/" + meta.Namespace + "/" + meta.Name}
	}
	return identity{kind, string(meta.UID)}
}

// known is where an object is kept, and which version of it.
type known struct {
	at      int
	version uint64
}

func newPile(namespace string) *pile {
	return &pile{namespace: namespace, others: map[string]int{}, known: map[identity]known{}, shared: map[string]*family{}}
}

func (p *pile) read(ctx context.Context, name string, stdin io.Reader) error {
	title := name
	if name == "-" {
		title = "standard input"
	}
	s, err := open(ctx, name, stdin)
	if err != nil {
		return fmt.Errorf("reading %s: %w", title, err)
	}
	defer s.Close()
	before := p.total()
	d := &decoder{object: p.object, list: p.list}
	err = d.decode(s)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errCutOff), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reading %s: it is cut off after %s\nhint: it was not written to its end; %s", title, count(p.total()-before, "object", "objects"), writeHint)
	case err != nil:
		return fmt.Errorf("reading %s: %s\nhint: %s", title, oneLine(err), writeHint)
	}
	return nil
}

func (p *pile) total() int {
	n := len(p.jobs) + len(p.attempts) + len(p.events)
	for _, others := range p.others {
		n += others
	}
	return n
}

// list reads the annotations of a List. With several the latest instant holds,
// and what one of several snapshots could not read is missing.
func (p *pile) list(metadata metav1.ObjectMeta) {
	if at, err := time.Parse(time.RFC3339, metadata.Annotations[AnnotationObservedAt]); err == nil && at.After(p.observedAt) {
		p.observedAt = at
	}
	if version := metadata.Annotations[AnnotationServerVersion]; version != "" {
		p.serverVersion = version
	}
	gaps, ok := parseGaps(metadata.Annotations[AnnotationGaps])
	if !ok {
		return
	}
	podsRead, eventsRead := parseRead(metadata.Annotations[AnnotationRead])
	p.podsRead = podsRead && (p.podsRead || !p.isSnapshot)
	p.eventsRead = eventsRead && (p.eventsRead || !p.isSnapshot)
	p.isSnapshot = true
	for _, gap := range gaps {
		if !slices.Contains(p.gaps, gap) {
			p.gaps = append(p.gaps, gap)
		}
	}
}

func (p *pile) object(kind metav1.TypeMeta, raw []byte) error {
	switch kind {
	case metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}:
		var job batchv1.Job
		if err := decodeObject(kind, raw, &job); err != nil {
			return err
		}
		p.addJob(&job)
	case metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}:
		var pod filePod
		if err := decodeObject(kind, raw, &pod); err != nil {
			return err
		}
		p.addPod(pod.pod())
	case metav1.TypeMeta{APIVersion: "v1", Kind: "Event"}:
		var event corev1.Event
		if err := decodeObject(kind, raw, &event); err != nil {
			return err
		}
		p.addEvent(&event)
	case metav1.TypeMeta{APIVersion: "events.k8s.io/v1", Kind: "Event"}:
		var event eventsv1.Event
		if err := decodeObject(kind, raw, &event); err != nil {
			return err
		}
		p.addEvent(olderEvent(&event))
	default:
		if err := decodeObject(kind, raw, &struct{}{}); err != nil {
			return err
		}
		p.others[describe(kind)]++
	}
	return nil
}

// describe names a kind that tells us nothing; a Job of another group needs to
// be told from ours.
func describe(kind metav1.TypeMeta) string {
	switch kind.Kind {
	case "":
		return "object without a kind"
	case "Job", "Pod", "Event":
		if kind.APIVersion == "" {
			return kind.Kind + " without an apiVersion"
		}
		return kind.Kind + " of " + kind.APIVersion
	}
	return kind.Kind
}

// decodeObject fills a typed object; an error names the object, if it can.
func decodeObject(kind metav1.TypeMeta, raw []byte, into any) error {
	err := utiljson.Unmarshal(raw, into)
	if err == nil {
		return nil
	}
	var named struct{ Metadata json.RawMessage }
	var metadata struct{ Namespace, Name string }
	_ = json.Unmarshal(raw, &named)
	_ = json.Unmarshal(named.Metadata, &metadata)
	return fmt.Errorf("%s %s: %w", kind.Kind, qualified(metadata.Namespace, metadata.Name), err)
}

// place says where in a list of n an object goes: at its end, or over an older
// version of itself. ok is false for one that is older than what is there.
func (p *pile) place(kind string, meta *metav1.ObjectMeta, n int) (at int, ok bool) {
	key := identify(kind, meta)
	version, _ := strconv.ParseUint(meta.ResourceVersion, 10, 64)
	before, duplicate := p.known[key]
	if !duplicate {
		p.known[key] = known{n, version}
		return n, true
	}
	if before.version != version {
		p.conflicts++
	}
	p.known[key] = known{before.at, max(version, before.version)}
	return before.at, version >= before.version
}

func put[T any](list []T, at int, value T) []T {
	if at == len(list) {
		return append(list, value)
	}
	list[at] = value
	return list
}

func (p *pile) hides(meta *metav1.ObjectMeta) bool {
	return p.namespace != "" && meta.Namespace != p.namespace
}

func (p *pile) addJob(job *batchv1.Job) {
	if p.hides(&job.ObjectMeta) {
		return
	}
	if at, ok := p.place("Job", &job.ObjectMeta, len(p.jobs)); ok {
		p.jobs = put(p.jobs, at, *job)
	}
}

func (p *pile) addPod(pod *corev1.Pod) {
	if p.hides(&pod.ObjectMeta) {
		return
	}
	at, ok := p.place("Pod", &pod.ObjectMeta, len(p.attempts))
	if !ok {
		return
	}
	family := p.familyOf(pod)
	job := p.jobOf(family)
	if job != nil && p.attempts == nil {
		p.attempts = make([]evidence.Attempt, 0, expectedPods(job))
	}
	p.attempts = put(p.attempts, at, p.reducer.Reduce(pod, job))
	p.families = put(p.families, at, family)
}

// familyOf makes pods share their family. The completion index, which no two
// pods of a Job need share, is not among the labels that selectors look at: a
// selector must match the Job's own template.
func (p *pile) familyOf(pod *corev1.Pod) *family {
	delete(pod.Labels, batchv1.JobCompletionIndexAnnotation)
	found := family{namespace: pod.Namespace, labels: pod.Labels}
	if controller := metav1.GetControllerOfNoCopy(pod); controller != nil {
		found.controller = *controller
	}
	key := fmt.Sprint(found.namespace, "/", found.labels, "/", found.controller.Kind, "/", found.controller.Name, "/", found.controller.UID)
	if p.shared[key] == nil {
		p.shared[key] = &found
	}
	return p.shared[key]
}

// jobOf is the Job that controls a family, if it was read already: kubectl
// prints Jobs before pods.
func (p *pile) jobOf(f *family) *batchv1.Job {
	if job, ok := p.known[identity{"Job", string(f.controller.UID)}]; ok {
		return &p.jobs[job.at]
	}
	return nil
}

func (p *pile) addEvent(event *corev1.Event) {
	if p.hides(&event.ObjectMeta) || event.InvolvedObject.Kind != "Job" && !isPodWarning(event) {
		return
	}
	if at, ok := p.place("Event", &event.ObjectMeta, len(p.events)); ok {
		p.events = put(p.events, at, reduceEvent(event))
	}
}

// olderEvent is an events.k8s.io event as the API server shows it in v1.
func olderEvent(e *eventsv1.Event) *corev1.Event {
	older := &corev1.Event{
		ObjectMeta:          e.ObjectMeta,
		InvolvedObject:      e.Regarding,
		Reason:              e.Reason,
		Message:             e.Note,
		Type:                e.Type,
		EventTime:           e.EventTime,
		Source:              e.DeprecatedSource,
		FirstTimestamp:      e.DeprecatedFirstTimestamp,
		LastTimestamp:       e.DeprecatedLastTimestamp,
		Count:               e.DeprecatedCount,
		ReportingController: e.ReportingController,
	}
	if e.Series != nil {
		older.Series = &corev1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return older
}

// choose finds the Job that is meant, or says what there is instead.
func (p *pile) choose(reference Reference, where string) (*batchv1.Job, error) {
	if len(p.jobs) > 0 {
		return reference.choose(p.jobs, where)
	}
	owners := map[string]bool{}
	pods := 0
	for _, family := range p.families {
		if c := &family.controller; c.Kind == "Job" {
			owners[c.Name] = true
			pods++
		}
	}
	switch {
	case pods > 0:
		list := make([]string, 0, len(owners))
		for name := range owners {
			list = append(list, name)
		}
		slices.Sort(list)
		if len(list) > maxNames {
			list = append(list[:maxNames], fmt.Sprintf("%d more", len(list)-maxNames))
		}
		return nil, fmt.Errorf("%s holds %s of job %s but not the Job itself\nhint: %s", where, count(pods, "pod", "pods"), strings.Join(list, ", "), writeHint)
	case p.total() == 0 && p.namespace != "":
		return nil, fmt.Errorf("%s holds nothing of namespace %s\nhint: leave out -n, or choose another", where, p.namespace)
	case p.total() == 0:
		return nil, fmt.Errorf("%s is empty\nhint: %s", where, writeHint)
	}
	kinds := p.others
	if len(p.attempts) > 0 {
		kinds["Pod"] = len(p.attempts)
	}
	if len(p.events) > 0 {
		kinds["Event"] = len(p.events)
	}
	return nil, fmt.Errorf("%s holds no Job, only %s\nhint: %s", where, tally(kinds), writeHint)
}

// oneLine takes line breaks out of a parser's message.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
