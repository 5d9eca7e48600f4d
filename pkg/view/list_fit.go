package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// fitting splits the Jobs into those for which there is room below the titles, and
// the rest, which takes a line.
func fitting(jobs []v1alpha1.JobSummary, columns Columns, height int) (shown, hidden []v1alpha1.JobSummary) {
	room := height
	if !columns.NoTitles {
		room--
	}
	if height <= 0 || len(jobs) <= room {
		return jobs, nil
	}
	fits := max(0, room-1)
	return jobs[:fits], jobs[fits:]
}

// states in the order in which they are told, the worst first.
var states = []v1alpha1.State{
	v1alpha1.StateFailed, v1alpha1.StateFailing, v1alpha1.StateRunning, v1alpha1.StateSuspended,
	v1alpha1.StateSucceeding, v1alpha1.StateComplete,
}

// moreJobs counts Jobs by their states, by as many of them as a width has room for.
func moreJobs(jobs []v1alpha1.JobSummary, width int) line {
	counts := map[v1alpha1.State]int64{}
	for i := range jobs {
		counts[jobs[i].Conclusion.State]++
	}
	begin, others := "and "+many(int64(len(jobs)), "more Job", "more Jobs"), int64(len(jobs))
	counted := sentence(begin)
	var words []string
	for _, state := range states {
		n := counts[state]
		if n == 0 {
			continue
		}
		words = append(words, thousands(n)+" "+string(state))
		others -= n
		told := begin + ": " + strings.Join(words, ", ")
		if others > 0 {
			told += ", " + many(others, "other", "others")
		}
		if longer := sentence(told); longer.width() <= width {
			counted = longer
		}
	}
	return counted.fit(width)
}
