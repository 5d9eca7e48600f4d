package view

import (
	"strings"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// What a log bears: retries are told in turns, and a Job about which there was
// nothing to tell gives a sign of life.
const (
	betweenRetries = 10 * time.Second
	mostSilence    = time.Minute
)

// mostTold is how many indexes have a line of their own; more are told together.
const mostTold = 3

// Progress tells a Job that is followed as a log: a line for each change that
// matters, with its time, and never the same twice.
type Progress struct {
	screen Screen
	// What was told, and when.
	begun      bool
	state      v1alpha1.State
	canOnlyEnd v1alpha1.State
	failed     indexes.Set
	stuck      map[v1alpha1.FindingKind]bool
	failures   map[int32]int
	retriesAt  time.Time
	lineAt     time.Time
}

// NewProgress tells times as the screen does.
func NewProgress(screen Screen) *Progress {
	return &Progress{screen: screen, stuck: map[v1alpha1.FindingKind]bool{}, failures: map[int32]int{}}
}

// Lines is what is new about the Job, each line without its newline.
func (p *Progress) Lines(e *v1alpha1.Explanation) []string {
	s := newSheet(e, p.screen)
	var told []string
	told = append(told, p.stateLines(s)...)
	told = append(told, p.failedLines(s)...)
	if e.Conclusion.CanOnlyEnd != p.canOnlyEnd && !e.Conclusion.State.Decided() {
		if p.canOnlyEnd = e.Conclusion.CanOnlyEnd; p.canOnlyEnd != "" {
			told = append(told, "the Job can only end "+string(p.canOnlyEnd))
		}
	}
	told = append(told, p.stuckLines(s)...)
	now := e.ObservedAt.Time
	if now.Sub(p.retriesAt) >= betweenRetries {
		if lines := p.retryLines(s); len(lines) > 0 {
			told, p.retriesAt = append(told, lines...), now
		}
	}
	if len(told) == 0 && now.Sub(p.lineAt) >= mostSilence {
		told = append(told, s.countWords())
	}
	if len(told) > 0 {
		p.lineAt = now
	}
	return p.stamped(s, told)
}

// Note is a line of our own in the same form, such as one about the server.
func (p *Progress) Note(now time.Time, words string) string {
	e := &v1alpha1.Explanation{}
	e.ObservedAt.Time = now
	return p.stamped(newSheet(e, p.screen), []string{words})[0]
}

func (p *Progress) stamped(s sheet, told []string) []string {
	lines := make([]string, len(told))
	for i, words := range told {
		lines[i] = terminal.Disarm(s.clock(s.ObservedAt) + "  " + text(words).text)
	}
	return lines
}

// stateLines begin the log, and tell each other state that the Job is in.
func (p *Progress) stateLines(s sheet) []string {
	c := &s.Conclusion
	if p.begun && c.State == p.state {
		return nil
	}
	words := strings.ToUpper(string(c.State))
	if c.Reason != "" {
		words += " (" + c.Reason + ")"
	}
	if !p.begun {
		words += "  job " + strings.TrimPrefix(s.Metadata.Namespace+"/"+s.Metadata.Name, "/")
	}
	if c.State.Decided() {
		words += ": " + c.Message
	} else {
		words += ": " + s.countWords()
	}
	p.begun, p.state = true, c.State
	return []string{words}
}

// failedLines tell the indexes that failed since.
func (p *Progress) failedLines(s sheet) []string {
	var runs []indexes.Interval
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Fate == v1alpha1.Failed {
			runs = append(runs, indexes.Interval{First: record.Index, Last: record.Last()})
		}
	}
	fresh := indexes.FromIntervals(runs).Minus(p.failed)
	p.failed = p.failed.Union(fresh)
	if fresh.Len() > mostTold {
		return []string{thousands(fresh.Len()) + " indexes failed: " + inShort(fresh.String(), 60)}
	}
	var lines []string
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Fate == v1alpha1.Failed && fresh.Has(record.Index) {
			lines = append(lines, s.rangeWords(record)+" failed: "+record.Message)
		}
	}
	return lines
}

func (s sheet) rangeWords(record *v1alpha1.IndexFate) string {
	if record.Last() == record.Index {
		return "index " + decimal(record.Index)
	}
	return "indexes " + decimal(record.Index) + "-" + decimal(record.Last())
}

// stuckLines tell once of each kind of thing that holds the Job up.
func (p *Progress) stuckLines(s sheet) []string {
	var lines []string
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Kind.Stuck() && !p.stuck[f.Kind] {
			p.stuck[f.Kind] = true
			lines = append(lines, "stuck: "+f.Message)
		}
	}
	return lines
}

// retryLines tell the indexes whose attempt failed since and will be made again.
func (p *Progress) retryLines(s sheet) []string {
	var fresh []*v1alpha1.IndexFate
	var set []int32
	for i := range s.Fates {
		record := &s.Fates[i]
		if record.Fate != v1alpha1.BackingOff || p.failures[record.Index] >= len(record.Attempts) {
			continue
		}
		p.failures[record.Index] = len(record.Attempts)
		fresh, set = append(fresh, record), append(set, record.Index)
	}
	if len(fresh) > mostTold {
		return []string{thousands(int64(len(fresh))) + " indexes wait for a retry: " + inShort(indexes.Of(set...).String(), 60)}
	}
	var lines []string
	for _, record := range fresh {
		lines = append(lines, "index "+decimal(record.Index)+": "+record.Message)
	}
	return lines
}

// fateWords are how a count of indexes goes on, in the order of the fates.
var fateWords = map[v1alpha1.Fate]string{
	v1alpha1.Failed: "failed", v1alpha1.Running: "running", v1alpha1.Pending: "pending", v1alpha1.Terminating: "terminating",
	v1alpha1.Stopped: "stopped", v1alpha1.NeverStarted: "never started", v1alpha1.Unfinished: "unfinished", v1alpha1.Unknown: "unknown",
	v1alpha1.BackingOff: "waiting for a retry", v1alpha1.Waiting: "waiting",
}

// countWords is how far the Job has come.
func (s sheet) countWords() string {
	parts := []string{thousands(s.Counts[v1alpha1.Succeeded]) + " of " + thousands(s.completions()) + " succeeded"}
	for _, fate := range v1alpha1.Fates {
		if n := s.Counts[fate]; n > 0 && fate != v1alpha1.Succeeded {
			parts = append(parts, thousands(n)+" "+fateWords[fate])
		}
	}
	return strings.Join(parts, ", ")
}
