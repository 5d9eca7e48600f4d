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
	words := "Log of cause " + decimal(l.Cause)
	if l.Cause >= 1 && l.Cause <= len(e.Signatures) {
		words += " (" + e.Signatures[l.Cause-1].Text + ")"
	}
	words += ": index " + decimal(l.Index)
	if l.Pod != "" {
		words += ", pod " + l.Pod
	}
	if l.Container != "" {
		words += ", container " + l.Container
	}
	return bare(words)
}

// text is the lines, or why there are none.
func (l *Log) text() string {
	switch {
	case l.Gone != "":
		return "gone: " + bare(l.Gone) + "\n"
	case len(l.Lines) == 0:
		return "empty\n"
	}
	var b strings.Builder
	for _, line := range l.Lines {
		b.WriteString(strings.TrimRight(terminal.SanitizeLog(line), " \t") + "\n")
	}
	return b.String()
}
