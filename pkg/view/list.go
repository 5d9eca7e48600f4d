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
// never those of state, failures and reason. With a height it is a screen that is
// drawn again and again: nothing is wider, and a last line counts the Jobs for which
// there is no room.
func List(list *v1alpha1.JobSummaryList, columns Columns, screen Screen) string {
	shown, hidden := fitting(list.Items, columns, screen.Height)
	t := jobTable(shown, list.ObservedAt, columns, screen)
	width := screen.Width
	if width <= 0 || columns.Wide && screen.Height <= 0 {
		width = t.width()
	}
	lines := t.lines(width, 1)
	if columns.NoTitles {
		lines = lines[1:]
	}
	if len(hidden) > 0 {
		lines = append(lines, moreJobs(hidden, width))
		lines = lines[max(0, len(lines)-screen.Height):]
	}
	return render(lines, screen.Color)
}

// jobTable has a row for each of the Jobs and the columns that were asked for.
func jobTable(jobs []v1alpha1.JobSummary, observedAt metav1.Time, columns Columns, screen Screen) table {
	bar := int64(wideBar)
	if 0 < screen.Width && screen.Width < roomForWideBar && !columns.Wide {
		bar = narrowBar
	}
	t := table{columns: slices.Clone(jobColumns)}
	reason, widest := &t.columns[reasonColumn], 0
	for i := range jobs {
		cells := summary{&jobs[i], observedAt}.row(bar)
		if screen.Width > 0 && !columns.Wide {
			cells[nameColumn] = cells[nameColumn].fitMiddle(max(leastName, screen.Width-beside))
		}
		t.rows = append(t.rows, cells)
		widest = max(widest, cells[reasonColumn].width())
	}
	// Where all reasons are short no other column goes for them.
	reason.least = min(leastReason, max(widest, len(reason.title)))
	return t.chosen(columns)
}

// jobColumns are all columns that there are.
var jobColumns = []column{
	{title: "NAMESPACE"},
	{title: "NAME"},
	{title: "STATE"},
	{title: "INDEXES", spare: 1},
	{title: "SUCCEEDED", right: true, spare: 2},
	{title: "FAILED", right: true},
	{title: "READY", right: true, spare: 3},
	{title: "AGE", spare: 4},
	{title: "REASON", least: leastReason},
	{title: "DURATION", spare: 5},
	{title: "FAILED PODS", right: true, spare: 6},
	{title: "OWNER", spare: 7},
	{title: "FAILED INDEXES", spare: 8},
}

// The columns that are spoken of.
const namespaceColumn, nameColumn, stateColumn, reasonColumn = 0, 1, 2, 8

// chosen is the table with the columns that were asked for.
func (t table) chosen(columns Columns) table {
	if columns.Wide {
		t.fillEmpty()
	} else {
		for len(t.columns) > usualColumns {
			t = t.without(usualColumns)
		}
	}
	if !columns.Namespace {
		t = t.without(namespaceColumn)
	}
	return t
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
		sentence(s.failedInShort()),
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

func (s summary) failedInShort() string {
	if s.Status.FailedIndexes == nil {
		return ""
	}
	return inShort(*s.Status.FailedIndexes, 40)
}

func (s summary) ownerWords() string {
	if s.Owner == nil || s.Owner.Name == "" {
		return ""
	}
	return s.Owner.Kind + "/" + s.Owner.Name
}
