package view

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Columns says which columns of a list are drawn beside the usual ones.
type Columns struct {
	Namespace, Wide, NoTitles bool
}

// List is a row per Job. Without a width nothing is cut, for a program reads it;
// with one, names are shortened in their middle, and columns go until the rest fits:
// never those of state, failures and reason.
func List(list *v1alpha1.JobSummaryList, columns Columns, screen Screen) string {
	bar := int64(wideBar)
	if 0 < screen.Width && screen.Width < roomForWideBar && !columns.Wide {
		bar = narrowBar
	}
	t := table{columns: []column{
		{title: "NAMESPACE"},
		{title: "NAME"},
		{title: "STATE"},
		{title: "INDEXES", spare: 1},
		{title: "SUCCEEDED", right: true, spare: 2},
		{title: "FAILED", right: true},
		{title: "READY", right: true, spare: 3},
		{title: "AGE", spare: 4},
		{title: "REASON", least: leastReason},
		{title: "DURATION"},
		{title: "FAILED PODS", right: true},
		{title: "OWNER"},
		{title: "FAILED INDEXES"},
	}}
	for i := range list.Items {
		job := summary{&list.Items[i], list.ObservedAt}
		cells := job.row(bar)
		if screen.Width > 0 && !columns.Wide {
			cells[1] = cells[1].fitMiddle(max(leastName, screen.Width-beside))
		}
		t.rows = append(t.rows, cells)
	}
	if columns.Wide {
		t.fillEmpty()
	} else {
		for len(t.columns) > usualColumns {
			t = t.without(usualColumns)
		}
	}
	if !columns.Namespace {
		t = t.without(0)
	}
	width := screen.Width
	if width <= 0 || columns.Wide {
		width = t.width()
	}
	lines := t.lines(width, 1)
	if columns.NoTitles {
		lines = lines[1:]
	}
	return render(lines, screen.Color)
}

// What names leave to the other columns, and the least that they and the reasons
// take: that of MaxFailedIndexesExceeded.
const (
	beside      = 60
	leastName   = 20
	leastReason = 24
)

// usualColumns is how many of the columns stand before those of Wide.
const usualColumns = 9

// fillEmpty writes <none> as kubectl does, so that programs can count columns.
func (t table) fillEmpty() {
	for _, cells := range t.rows {
		for n := range cells {
			if cells[n].width() == 0 {
				cells[n] = sentence("<none>")
			}
		}
	}
}

// How many cells a bar has, and the width from which it is the wide one.
const (
	narrowBar, wideBar = 10, 20
	roomForWideBar     = 110
)

// summary is a Job about to be drawn.
type summary struct {
	*v1alpha1.JobSummary
	observedAt metav1.Time
}

func (s summary) row(bar int64) []line {
	c := &s.Conclusion
	state := string(c.State)
	if state == "" {
		state = "Unknown"
	}
	age, _ := between(s.CreationTime, &s.observedAt)
	end := c.FinishedTime
	if end == nil {
		end = &s.observedAt
	}
	duration, _ := between(c.StartTime, end)
	failedIndexes := ""
	if s.Status.FailedIndexes != nil {
		failedIndexes = *s.Status.FailedIndexes
	}
	shares := s.shares()
	return []line{
		sentence(s.Metadata.Namespace),
		sentence(s.Metadata.Name),
		{inked(state, stateInks[c.State])},
		barOf(shares, bar),
		sentence(thousands(shares[0].n) + "/" + thousands(total(shares))),
		sentence(thousands(shares[1].n)),
		sentence(s.ready()),
		sentence(age),
		sentence(s.why()),
		sentence(duration),
		sentence(thousands(int64(s.Status.Failed))),
		sentence(s.ownerWords()),
		sentence(inShort(failedIndexes, 40)),
	}
}

// ready is how many of the active pods are ready: none for a while is a sign.
func (s summary) ready() string {
	active := thousands(int64(s.Status.Active))
	if s.Status.Ready == nil {
		return active
	}
	return thousands(int64(*s.Status.Ready)) + "/" + active
}

// why is the reason of a decided Job, and what is known of another's end.
func (s summary) why() string {
	c := &s.Conclusion
	var words []string
	switch {
	case c.Reason != "":
		words = append(words, c.Reason)
	case c.Predicted != nil:
		words = append(words, "next sync: "+c.Predicted.Reason)
	case c.CanOnlyEnd != "":
		words = append(words, "can only end "+string(c.CanOnlyEnd))
	}
	if s.Owner != nil && s.Owner.Queue != "" && c.State == v1alpha1.StateSuspended {
		words = append(words, "held by queue "+s.Owner.Queue)
	}
	if s.Spec.ManagedBy != nil && *s.Spec.ManagedBy != "kubernetes.io/job-controller" {
		words = append(words, "managed by "+*s.Spec.ManagedBy)
	}
	return strings.Join(words, ", ")
}

func (s summary) ownerWords() string {
	if s.Owner == nil || s.Owner.Name == "" {
		return ""
	}
	return s.Owner.Kind + "/" + s.Owner.Name
}

// share is how many indexes of a Job have a kind.
type share struct {
	n    int64
	kind uint8
}

// shares splits the indexes by what the Job alone tells: succeeded, failed, with
// an active pod, and the rest. Which those are only pods could tell, but a bar
// is of shares: the rest waits or, once the Job is decided, is left unfinished.
func (s summary) shares() []share {
	rest := int64(0)
	for fate, n := range s.Counts {
		if fate != v1alpha1.Succeeded && fate != v1alpha1.Failed {
			rest += n
		}
	}
	active := min(rest, max(0, int64(s.Status.Active)))
	idle := kindOf(v1alpha1.Waiting, "")
	if s.Conclusion.State.Decided() {
		idle = kindOf(v1alpha1.Unfinished, "")
	}
	return []share{
		{s.Counts[v1alpha1.Succeeded], kindOf(v1alpha1.Succeeded, "")},
		{s.Counts[v1alpha1.Failed], kindOf(v1alpha1.Failed, "")},
		{active, kindOf(v1alpha1.Running, "")},
		{rest - active, idle},
	}
}

func total(shares []share) int64 {
	var n int64
	for _, s := range shares {
		n += s.n
	}
	return n
}

// barOf draws shares in proportion: a cell per index where there are as few, and
// otherwise at least one for every kind that there is.
func barOf(shares []share, most int64) line {
	all := total(shares)
	cells := make([]uint8, 0, most)
	for _, s := range apportion(shares, min(all, most), all) {
		for range s.n {
			cells = append(cells, s.kind)
		}
	}
	return letters(cells)
}

// apportion gives so many cells to the shares of all: the whole part of what each
// is due but one at least, and then one by one to who has most left over, or from
// who has most too much.
func apportion(shares []share, cells, all int64) []share {
	given := slices.Clone(shares)
	left := cells
	for i, s := range shares {
		if s.n > 0 {
			given[i].n = max(1, s.n*cells/all)
			left -= given[i].n
		}
	}
	for left != 0 {
		step := left / max(left, -left)
		best := -1
		for i, s := range shares {
			if s.n == 0 || step < 0 && given[i].n == 1 {
				continue
			}
			due := func(i int) int64 { return step * (shares[i].n*cells - given[i].n*all) }
			if best < 0 || due(i) > due(best) {
				best = i
			}
		}
		given[best].n += step
		left -= step
	}
	return given
}
