package oracle

import (
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

func (s *snapshot) sawPod(pod *corev1.Pod, attempt *evidence.Attempt) {
	failed := replay.IsPodFailed(s.job, attempt)
	switch {
	case failed && pod.Status.Phase == corev1.PodFailed:
		s.saw("failed: by its phase")
	case failed:
		s.saw("failed: by its deletion")
	case replay.IsPodTerminating(attempt):
		s.saw("not failed: on its way out, Failed is asked")
	case pod.DeletionTimestamp != nil:
		s.saw("not failed: Succeeded and deleted")
	case pod.Status.Phase == corev1.PodUnknown:
		s.saw("active in phase Unknown")
	}
	if replay.IsPodTerminating(attempt) {
		s.saw("terminating")
	}
	if !attempt.Owned {
		s.saw("an orphan")
	} else if !attempt.Finalizer {
		s.saw("without the finalizer")
	}
	annotation := pod.Annotations[batchv1.JobCompletionIndexAnnotation]
	switch {
	case attempt.Index == evidence.UnknownIndex:
		s.saw("index: unknown")
	case attempt.Index >= *s.job.Spec.Completions:
		s.saw("index: out of range")
	case strings.HasPrefix(annotation, "+") || annotation == "01":
		s.saw("index: +1 or 01")
	}
}

func (s *snapshot) sawIndexes() {
	if len(s.theirs.PrevSucceededIndexes) > 0 {
		s.saw("succeeded: recorded")
	}
	if s.theirs.SucceededIndexes.String() != s.theirs.PrevSucceededIndexes.String() {
		s.saw("succeeded: by a pod")
	}
	withoutPods := replay.FailedIndexes(s.job, nil)
	if !withoutPods.Empty() {
		s.saw("failed index: recorded")
	}
	for _, attempt := range s.attempts {
		if withoutPods.Has(attempt.Index) || !s.failed.Has(attempt.Index) || !replay.IsPodFailed(s.job, attempt) || !attempt.Finalizer {
			continue
		}
		match := replay.MatchPodFailurePolicy(s.job.Spec.PodFailurePolicy, attempt)
		switch {
		case match.Action == batchv1.PodFailurePolicyActionFailIndex:
			s.saw("failed index: by FailIndex")
		case match.Counted() && attempt.FailureCount >= *s.job.Spec.BackoffLimitPerIndex:
			s.saw("failed index: by its count")
		}
	}
}

func (s *snapshot) sawDelayed(index int32, delayed *evidence.Attempt, firstOrders types.UID) {
	candidates, carriesMost := 0, true
	for _, attempt := range s.attempts {
		if attempt.Index != index || !replay.IsPodFailed(s.job, attempt) || !attempt.Finalizer && attempt.Owned {
			continue
		}
		candidates++
		carriesMost = carriesMost && !rules.FinishedTime(attempt).After(rules.FinishedTime(delayed))
	}
	switch {
	case candidates < 2:
		s.saw("delayed: one failed pod")
	case carriesMost:
		s.saw("delayed: several, one carries most")
	}
	if firstOrders != delayed.UID {
		s.saw("delayed: the order decides")
	}
	if s.theirs.Uncounted.Failed.Has(delayed.UID) {
		s.saw("delayed: being counted")
	}
	if replay.MatchPodFailurePolicy(s.job.Spec.PodFailurePolicy, delayed).Counted() {
		s.saw("replacement: after a counted failure")
	} else {
		s.saw("replacement: after an ignored failure")
	}
}

func (s *snapshot) sawPending(asked, found int) {
	switch {
	case asked == 0:
		s.saw("pending: none asked for")
	case found < asked:
		s.saw("pending: fewer than asked for")
	default:
		s.saw("pending: as many as asked for")
	}
	for _, attempt := range s.attempts {
		if replay.IsPodTerminating(attempt) && attempt.Index >= 0 && attempt.Index < *s.job.Spec.Completions {
			if replay.OnlyReplaceFailedPods(s.job) {
				s.saw("pending: a terminating pod holds its index")
			} else {
				s.saw("pending: a terminating pod holds nothing")
			}
			return
		}
	}
}
