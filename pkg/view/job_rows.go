package view

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// JobRows tells of Jobs where nothing can be written over: first the table of List,
// with nothing cut, and then a row for each Job whose row became another, though not
// by growing older.
type JobRows struct {
	columns Columns
	// byLabel: Jobs were chosen by their labels, which may change.
	byLabel bool
	color   bool
	// widths are those of the widest cells that were told.
	widths []int
	told   map[jobName]toldJob
	rounds int
}

// jobName is one Job: another of the same name may come after it.
type jobName struct {
	namespace, name string
	uid             types.UID
}

// toldJob is how a Job stood when it was told, and when it was last seen.
type toldJob struct {
	standing standing
	round    int
}

// standing is what a row says, but for what time alone changes.
type standing struct {
	state         v1alpha1.State
	indexes       [4]int64
	ready, why    string
	failedPods    int32
	failedIndexes string
}

// NewJobRows has told nothing yet.
func NewJobRows(columns Columns, byLabel bool, screen Screen) *JobRows {
	return &JobRows{columns: columns, byLabel: byLabel, color: screen.Color, told: map[jobName]toldJob{}}
}

// Lines are the rows that have changed since it was asked before.
func (r *JobRows) Lines(list *v1alpha1.JobSummaryList) string {
	r.rounds++
	var changed []v1alpha1.JobSummary
	for i := range list.Items {
		job := summary{&list.Items[i], list.ObservedAt}
		name, now := job.jobName(), job.standing(r.columns)
		if was, is := r.told[name]; !is || was.standing != now {
			changed = append(changed, list.Items[i])
		}
		r.told[name] = toldJob{now, r.rounds}
	}
	t := jobTable(changed, list.ObservedAt, r.columns, Screen{})
	gone := table{columns: jobColumns, rows: r.gone()}.chosen(r.columns)
	t.rows = append(gone.rows, t.rows...)
	if len(t.rows) == 0 {
		return ""
	}
	return render(r.lines(t), r.color)
}

// lines are the rows below those that were told, and at first below titles.
func (r *JobRows) lines(t table) (lines []line) {
	isFirst := r.widths == nil
	if isFirst {
		r.widths = make([]int, len(t.columns))
	}
	for n, width := range t.widths() {
		r.widths[n] = max(r.widths[n], width)
	}
	if isFirst && !r.columns.NoTitles {
		lines = append(lines, t.row(t.titles(), r.widths, Unbounded))
	}
	for _, cells := range t.rows {
		lines = append(lines, t.row(cells, r.widths, Unbounded))
	}
	return lines
}

// gone forgets the Jobs that are not there any more, and has a row for each.
func (r *JobRows) gone() (rows [][]line) {
	var names []jobName
	for name, told := range r.told {
		if told.round != r.rounds {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b jobName) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name), cmp.Compare(a.uid, b.uid))
	})
	for _, name := range names {
		delete(r.told, name)
		cells := make([]line, len(jobColumns))
		cells[namespaceColumn], cells[nameColumn], cells[stateColumn] = sentence(name.namespace), sentence(name.name), sentence("Deleted")
		if r.byLabel {
			cells[stateColumn], cells[reasonColumn] = sentence("Gone"), sentence("deleted, or its labels changed")
		}
		rows = append(rows, cells)
	}
	return rows
}

func (s summary) jobName() jobName {
	return jobName{s.Metadata.Namespace, s.Metadata.Name, s.Metadata.UID}
}

func (s summary) standing(columns Columns) standing {
	now := standing{state: s.Conclusion.State, ready: s.ready(), why: s.why()}
	for i, share := range s.shares() {
		now.indexes[i] = share.n
	}
	if columns.Wide {
		now.failedPods, now.failedIndexes = s.Status.Failed, s.failedInShort()
	}
	return now
}
