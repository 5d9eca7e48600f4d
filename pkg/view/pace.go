package view

import (
	"math"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// paceOver is over how long the rate of a Job is taken, and leastDone how many
// indexes must have ended before one is told.
const (
	paceOver  = 5 * time.Minute
	leastDone = 20
)

// pace is how fast indexes end.
type pace struct{ seen []sample }

// sample is how many indexes had ended at an instant.
type sample struct {
	at   time.Time
	done int64
}

// see takes a sample. What was before a suspension says nothing of what comes after.
func (p *pace) see(s sheet) {
	if s.Conclusion.State != v1alpha1.StateRunning {
		p.seen = nil
		return
	}
	now := sample{s.ObservedAt.Time, s.Counts[v1alpha1.Succeeded] + s.Counts[v1alpha1.Failed]}
	if n := len(p.seen); n > 0 && p.seen[n-1].done == now.done && n > 1 {
		return // the first of its kind will do
	}
	p.seen = append(p.seen, now)
	for len(p.seen) > 2 && now.at.Sub(p.seen[1].at) >= paceOver {
		p.seen = p.seen[1:]
	}
}

// words are the rate and what follows from it, empty where too little has ended.
func (p *pace) words(s sheet) string {
	done := s.Counts[v1alpha1.Succeeded] + s.Counts[v1alpha1.Failed]
	if len(p.seen) == 0 || s.Conclusion.State != v1alpha1.StateRunning || done < leastDone {
		return ""
	}
	first := p.seen[0]
	lasted := s.ObservedAt.Sub(first.at)
	if done == first.done || lasted <= 0 {
		return ""
	}
	perSecond := float64(done-first.done) / lasted.Seconds()
	words := "; " + thousands(int64(math.Round(perSecond*60))) + " a minute"
	if perSecond*60 < 1 {
		words = "; " + thousands(int64(math.Round(perSecond*3600))) + " an hour"
	}
	left := time.Duration(min(math.MaxInt64/2, float64(s.completions()-done)/perSecond*float64(time.Second)))
	if limit, start := s.Spec.ActiveDeadlineSeconds, s.Conclusion.StartTime; limit != nil && start != nil {
		until := start.Add(time.Duration(*limit) * time.Second).Sub(s.ObservedAt.Time)
		if until > 0 && until < left {
			by := done + int64(perSecond*until.Seconds())
			return words + "; at this rate activeDeadlineSeconds ends it at " + thousands(by) + " of " + thousands(s.completions())
		}
	}
	return words + ", about " + v1alpha1.Duration(left) + " left at this rate"
}
