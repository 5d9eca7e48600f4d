package replay

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// idleSlots are those of indexes in backoff, for as long as others had not started: pods
// are created for the lowest index first, and for one in backoff none is (manageJob,
// v1.37.2).
type idleSlots struct {
	// until then an index waited to start.
	until   evidence.Instant
	idle    time.Duration
	holders indexes.Builder
}

func (s *idleSlots) addIndex(pods []*podFacts) {
	before := s.idle
	for i, pod := range pods {
		if !pod.Failed || pod.FailsIndex || pod.Finished >= s.until || !pod.isJudged() {
			continue
		}
		end := min(s.until, pod.Finished+evidence.Instant(controller.Delay(pod.BornWith()+1)/time.Microsecond))
		if i+1 < len(pods) {
			end = min(end, pods[i+1].created)
		}
		s.idle += time.Duration(max(0, end-pod.Finished)) * time.Microsecond
	}
	if s.idle > before {
		s.holders.Add(pods[0].Index)
	}
}

// waitedUntil is when the last index first started, or when the Job was decided, or now;
// zero where nobody can tell, and where backoff holds no slots.
func (t *totals) waitedUntil(neverStarted int64) evidence.Instant {
	if !t.hasRules() || !t.perIndex() || !t.isUndisturbed() {
		return 0
	}
	end := evidence.InstantOf(t.now)
	if t.verdict.isDecided() {
		end = evidence.InstantOf(t.verdict.decided)
	}
	isWaiting := !t.verdict.isDecided() && t.isWhole() && !t.unfinished().Minus(t.withPods).Empty()
	if isWaiting || neverStarted > 0 {
		return end
	}
	return min(end, t.lastFirst)
}

// idlePercent of what all pods took is from when on idle slots are worth a line.
const idlePercent = 5

// findings: slots that stood idle for long.
func (u *usage) findings() []v1alpha1.Finding {
	if u == nil {
		return nil
	}
	var took time.Duration
	for _, seconds := range u.seconds {
		took += time.Duration(seconds) * time.Second
	}
	slots := &u.idleSlots
	if slots.idle < v1alpha1.StuckAfter || slots.idle/idlePercent < took/100 {
		return nil
	}
	atLeast := ""
	if !u.isExact {
		atLeast = "at least "
	}
	return []v1alpha1.Finding{{
		Kind: v1alpha1.BackoffHeldSlots, Indexes: slots.holders.Set().String(),
		Message: "slots stood idle for " + atLeast + v1alpha1.Duration(slots.idle) + " in all, held by indexes in backoff while others waited to start; the pods took " + v1alpha1.Duration(took),
	}}
}
