package view

import (
	"math"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// durationsTable is how long attempts that succeeded ran, and waited to.
func durationsTable(d *v1alpha1.Durations) (titles []string, rows [][]string) {
	for _, of := range []struct {
		name   string
		spread v1alpha1.Spread
	}{{"ran", d.Run}, {"waited to run", d.Wait}} {
		if n := of.spread; n.Count > 0 {
			rows = append(rows, []string{of.name, inSeconds(n.Median), inSeconds(n.P95), inSeconds(n.Max), thousands(n.Count)})
		}
	}
	return []string{"SUCCEEDED", "MEDIAN", "P95", "MAX", "ATTEMPTS"}, rows
}

// durations is the table of how long it took, and the slowest below it.
func (s sheet) durations() []line {
	if s.Durations == nil {
		return nil
	}
	titles, rows := durationsTable(s.Durations)
	if len(rows) == 0 {
		return nil
	}
	lines := numbersTable(titles, rows).lines(s.screen.Width, 1)
	if slowest := slowestWords(s.Durations); len(slowest) > 0 {
		pieces := []line{{text("slowest:")}}
		for _, words := range slowest {
			pieces = append(pieces, sentence(words))
		}
		told := s.flow(folded(pieces, s.screen.Width), "  ", s.screen.Width, 2)
		if !s.isLog() && len(told) > 1 {
			told = told[:1]
		}
		lines = append(lines, told...)
	}
	return lines
}

// slowestWords name the longest runs, how long they took, and where; none where all
// were over at once.
func slowestWords(d *v1alpha1.Durations) []string {
	var all []string
	if d.Run.Max < 1 {
		return nil
	}
	for _, slow := range d.Slowest {
		words := decimal(slow.Index) + " in " + inSeconds(slow.Seconds)
		if slow.Node != "" {
			words += " on " + slow.Node
		}
		all = append(all, words)
	}
	return all
}

// inSeconds tells a number of seconds as other durations are told.
func inSeconds(seconds float64) string {
	switch {
	case math.IsNaN(seconds) || seconds < 1:
		return runTime(0)
	case seconds >= math.MaxInt64/float64(time.Second):
		return lasted(math.MaxInt64)
	}
	return lasted(time.Duration(seconds * float64(time.Second)))
}
