package view

import (
	"math"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Screen is what a view is drawn for.
type Screen struct {
	// Width and Height are in cells; zero stands for 80 and 24. The text takes
	// Height lines at most: who wants to keep the line of the prompt on the
	// screen gives one less.
	Width, Height int
	// Color asks for ANSI-16 colours.
	Color bool
	// Location is where times are told; nil means UTC, marked Z.
	Location *time.Location
	// Command is how this Job is explained, word by word, to be extended by flags in
	// what to type next. Without it the text writes the name and the namespace.
	Command []string
}

// Unbounded is the height of a log, which nobody scrolls off the screen.
const Unbounded = math.MaxInt32

// The least that a screen is drawn for, and what is taken where none is known.
const (
	leastWidth, defaultWidth = 24, 80
	defaultHeight            = 24
)

// sheet is one Explanation about to be drawn on one Screen.
type sheet struct {
	*v1alpha1.Explanation
	screen Screen
}

func newSheet(e *v1alpha1.Explanation, screen Screen) sheet {
	if screen.Width <= 0 {
		screen.Width = defaultWidth
	}
	screen.Width = max(screen.Width, leastWidth)
	if screen.Height <= 0 {
		screen.Height = defaultHeight
	}
	if screen.Location == nil {
		screen.Location = time.UTC
	}
	return sheet{e, screen}
}

// completions is how many indexes there are.
func (s sheet) completions() int64 { return int64(s.Completions()) }

// isLog: nobody scrolls it off the screen, so that nothing of it is cut.
func (s sheet) isLog() bool { return s.screen.Height == Unbounded }

// fit cuts a line to a width, unless it stands in a log.
func (s sheet) fit(l line, width int) line {
	if s.isLog() {
		return l
	}
	return l.fit(width)
}

// wrap breaks a line between words, and flow between pieces. What is wider than a
// line by itself is cut, but in a log.
func (s sheet) wrap(l line, width, indent int) []line { return s.fitted(wrap(l, width, indent), width) }

func (s sheet) flow(pieces []line, gap string, width, indent int) []line {
	return s.fitted(flow(pieces, gap, width, indent), width)
}

func (s sheet) fitted(lines []line, width int) []line {
	for i := range lines {
		lines[i] = s.fit(lines[i], width)
	}
	return lines
}
