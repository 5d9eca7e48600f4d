package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// LogPrefix is what the lines of an attempt's log begin with: 3#1.
func LogPrefix(index, attempt int32, color bool) string {
	name := decimal(index) + "#" + decimal(attempt)
	if color {
		name = logStyles[int(index)%len(logStyles)].Render(name)
	}
	return name + " "
}

// Log is the end of what one attempt of a cause wrote: that of its example.
type Log struct {
	Cause          int // counts from 1, as on the screen
	Index          int32
	Attempt        int32 // counts from 1; 0 where it is not known
	Pod, Container string
	Lines          []string
	// Gone is why there are no lines, where there are none.
	Gone string
}

// Logs is each log under a title of its own. Its lines are not cut to the
// screen: the end of a line may be what matters.
func Logs(e *v1alpha1.Explanation, logs []Log) string {
	var b strings.Builder
	for i := range logs {
		b.WriteString("\n" + logs[i].title(e) + "\n" + logs[i].text())
	}
	return b.String()
}

// title names a log in one line.
func (l *Log) title(e *v1alpha1.Explanation) string {
	words := "Log of index " + decimal(l.Index)
	if l.Attempt > 0 {
		words += ", attempt " + decimal(l.Attempt)
	}
	if l.Cause >= 1 && l.Cause <= len(e.Signatures) {
		words += ": " + e.Signatures[l.Cause-1].Text
	}
	for _, part := range []struct{ what, name string }{{"pod", l.Pod}, {"container", l.Container}} {
		if part.name != "" {
			words += ", " + part.what + " " + part.name
		}
	}
	return bare(words)
}

// text is the lines, or why there are none.
func (l *Log) text() string {
	switch {
	case l.Gone != "":
		return "no log: " + bare(l.Gone) + "\n"
	case len(l.Lines) == 0:
		return "empty\n"
	}
	var b strings.Builder
	for _, line := range l.Lines {
		b.WriteString(strings.TrimRight(terminal.SanitizeLog(line), " \t") + "\n")
	}
	return b.String()
}

// tail is the last lines of a cause's example, below what is told of it. Nothing is
// cut of them.
func (s sheet) tail(cause int, logs []Log) []line {
	var lines []line
	for i := range logs {
		if l := &logs[i]; l.Cause == cause {
			for text := range strings.Lines(l.text()) {
				lines = append(lines, line{{"    | " + strings.TrimSuffix(text, "\n"), plain}})
			}
		}
	}
	return lines
}
