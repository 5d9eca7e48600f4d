package view

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// What a log bears: retries are told in turns, and a Job about which there was
// nothing to tell gives a sign of life.
const (
	betweenRetries = 10 * time.Second
	mostSilence    = 30 * time.Second
)

// mostTold is how many indexes have a line of their own; more are told together.
const mostTold = 3

// Progress tells a Job that is followed as a log: a line for each change that
// matters, with its time, and never the same twice.
type Progress struct {
	// HasStatus: beside the lines a Status is shown, so that none has to be a sign of
	// life.
	HasStatus bool

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
	pace       pace
}

// event is something to tell, and when it happened.
type event struct {
	at    metav1.Time
	words string
}

// NewProgress tells times as the screen does.
func NewProgress(screen Screen) *Progress {
	return &Progress{screen: screen, stuck: map[v1alpha1.FindingKind]bool{}, failures: map[int32]int{}}
}

// Lines is what is new about the Job, each line without its newline.
func (p *Progress) Lines(e *v1alpha1.Explanation) []string {
	s := newSheet(e, p.screen)
	p.pace.see(s)
	var told []event
	now := func(words ...string) {
		for _, w := range words {
			told = append(told, event{e.ObservedAt, w})
		}
	}
	state, failed := p.stateEvents(s), p.failedEvents(s)
	if e.Conclusion.State.Decided() {
		state, failed = failed, state // which came of it
	}
	told = append(append(told, state...), failed...)
	if e.Conclusion.CanOnlyEnd != p.canOnlyEnd && !e.Conclusion.State.Decided() {
		if p.canOnlyEnd = e.Conclusion.CanOnlyEnd; p.canOnlyEnd != "" {
			now("the Job can only end " + string(p.canOnlyEnd))
		}
	}
	now(p.stuckLines(s)...)
	if e.ObservedAt.Sub(p.retriesAt) >= betweenRetries {
		if lines := p.retryLines(s); len(lines) > 0 {
			now(lines...)
			p.retriesAt = e.ObservedAt.Time
		}
	}
	if !p.HasStatus && len(told) == 0 && e.ObservedAt.Sub(p.lineAt) >= mostSilence {
		now(s.countWords() + p.pace.words(s))
	}
	if len(told) > 0 {
		p.lineAt = e.ObservedAt.Time
	}
	lines := make([]string, len(told))
	for i, event := range told {
		lines[i] = s.stamped(event.at, "("+s.doneInShort()+")  "+event.words)
	}
	return lines
}

// Status is how far the Job has come and how fast it goes on, in a line of at most so
// many cells that has no text of the cluster.
func (p *Progress) Status(e *v1alpha1.Explanation, width int) string {
	s := newSheet(e, p.screen)
	words := "(" + s.doneInShort() + ")"
	for _, fate := range []v1alpha1.Fate{v1alpha1.Running, v1alpha1.Pending, v1alpha1.Terminating, v1alpha1.BackingOff} {
		if n := s.Counts[fate]; n > 0 {
			words += "  " + thousands(n) + " " + fateWords[fate]
		}
	}
	return strings.TrimSuffix(render([]line{sentence(words + p.pace.words(s)).fit(width)}, false), "\n")
}

// Note is a line of our own in the same form, such as one about the server.
func (p *Progress) Note(now time.Time, words string) string {
	e := &v1alpha1.Explanation{}
	e.ObservedAt.Time = now
	return newSheet(e, p.screen).stamped(e.ObservedAt, " "+words)
}

func (s sheet) stamped(at metav1.Time, words string) string {
	return terminal.Disarm(s.clock(at) + " " + text(words).text)
}

// doneInShort is how far the Job has come: "866/2,000, 3 failed".
func (s sheet) doneInShort() string {
	words := thousands(s.Counts[v1alpha1.Succeeded]) + "/" + thousands(s.completions())
	if failed := s.Counts[v1alpha1.Failed]; failed > 0 {
		words += ", " + thousands(failed) + " failed"
	}
	return words
}

// stateEvents begin the log, and tell each other state that the Job is in.
func (p *Progress) stateEvents(s sheet) []event {
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
	at := s.ObservedAt
	for _, when := range []*metav1.Time{c.DecidedTime, c.FinishedTime} {
		if when != nil {
			at = *when
		}
	}
	return []event{{at, words}}
}

// failedEvents tell the indexes that failed since.
func (p *Progress) failedEvents(s sheet) []event {
	var runs []indexes.Interval
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Fate == v1alpha1.Failed {
			runs = append(runs, indexes.Interval{First: record.Index, Last: record.Last()})
		}
	}
	fresh := indexes.FromIntervals(runs).Minus(p.failed)
	p.failed = p.failed.Union(fresh)
	if fresh.Len() > mostTold {
		return []event{{s.ObservedAt, thousands(fresh.Len()) + " indexes failed: " + inShort(fresh.String(), 60)}}
	}
	var told []event
	for i := range s.Fates {
		record := &s.Fates[i]
		if record.Fate != v1alpha1.Failed || !fresh.Has(record.Index) {
			continue
		}
		at := s.ObservedAt
		if n := len(record.Attempts); n > 0 && record.Attempts[n-1].FinishTime != nil {
			at = *record.Attempts[n-1].FinishTime
		}
		told = append(told, event{at, s.rangeWords(record) + " failed: " + record.Message})
	}
	return told
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
