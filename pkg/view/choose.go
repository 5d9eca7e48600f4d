package view

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// ListRows are the rows of a List, of which the first is its titles.
func ListRows(list *v1alpha1.JobSummaryList, columns Columns, screen Screen) []string {
	screen.Width = newSheet(&v1alpha1.Explanation{}, screen).screen.Width - len(chosenMark)
	screen.Height = 0 // they are moved over
	return linesOf(List(list, columns, screen))
}

// CauseRows are a row for each cause, the first is their titles.
func CauseRows(e *v1alpha1.Explanation, screen Screen) []string {
	s := newSheet(e, screen)
	s.screen.Width -= len(chosenMark)
	all := make([]int, len(s.Signatures))
	for n := range all {
		all[n] = n
	}
	return drawn(s.causesTable(all).lines(s.screen.Width, 1), s.screen)
}

// CauseLines tell one cause, n from 1, and cut what goes beyond the screen.
func CauseLines(e *v1alpha1.Explanation, n int, screen Screen) []string {
	s := newSheet(e, screen)
	return drawn(brokenOff(s.cause(n), s.screen.Height, s.screen.Width), s.screen)
}

// CauseID is what a cause is called by, n from 1.
func CauseID(e *v1alpha1.Explanation, n int) string {
	return bare(sheet{Explanation: e}.shortID(n - 1))
}

// chosenMark is before the row that the cursor stands on.
const chosenMark = "> "

// Chosen is a row that the cursor stands on, and NotChosen any other.
func Chosen(row string, screen Screen) string {
	screen = newSheet(&v1alpha1.Explanation{}, screen).screen
	var bare strings.Builder
	for _, s := range (line{{chosenMark + ansi.Strip(row), plain}}).fit(screen.Width).pad(screen.Width, false) {
		bare.WriteString(s.text)
	}
	return strings.TrimSuffix(render([]line{{{bare.String(), chosenInk}}}, screen.Color), "\n")
}

// NotChosen is a row beside the chosen one.
func NotChosen(row string) string { return strings.Repeat(" ", len(chosenMark)) + row }

func linesOf(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// KeyRows are keys and what they do, side by side.
func KeyRows(keys [][2]string, screen Screen) []string {
	s := newSheet(&v1alpha1.Explanation{}, screen)
	t := table{columns: []column{{title: "KEY"}, {title: "WHAT IT DOES", least: leastWidth / 2}}}
	for _, k := range keys {
		t.rows = append(t.rows, []line{{inked(k[0], bold)}, sentence(k[1])})
	}
	return drawn(t.lines(s.screen.Width, 3), s.screen)
}
