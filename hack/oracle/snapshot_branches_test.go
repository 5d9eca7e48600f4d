package oracle

import (
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func (s *snapshot) sawPod(pod *corev1.Pod, ours *controller.Pod) {
	switch {
	case ours.Failed && pod.Status.Phase == corev1.PodFailed:
		s.saw("failed: by its phase")
	case ours.Failed:
		s.saw("failed: by its deletion")
	case ours.Terminating:
		s.saw("not failed: on its way out, Failed is asked")
	case pod.DeletionTimestamp != nil:
		s.saw("not failed: Succeeded and deleted")
	case pod.Status.Phase == corev1.PodUnknown:
		s.saw("active in phase Unknown")
	}
	if ours.Terminating {
		s.saw("terminating")
	}
	if !ours.Owned {
		s.saw("an orphan")
	} else if !ours.Finalizer {
		s.saw("without the finalizer")
	}
	annotation := pod.Annotations[batchv1.JobCompletionIndexAnnotation]
	switch {
	case ours.Index == evidence.UnknownIndex:
		s.saw("index: unknown")
	case ours.Index >= *s.job.Spec.Completions:
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
	withoutPods := controller.FailedIndexes(s.job, nil)
	if !withoutPods.Empty() {
		s.saw("failed index: recorded")
	}
	for _, pod := range s.ours {
		if withoutPods.Has(pod.Index) || !s.failed.Has(pod.Index) || !pod.Failed || !pod.Finalizer {
			continue
		}
		switch {
		case pod.Match.Action == batchv1.PodFailurePolicyActionFailIndex:
			s.saw("failed index: by FailIndex")
		case pod.Match.Counts() && pod.FailureCount >= *s.job.Spec.BackoffLimitPerIndex:
			s.saw("failed index: by its count")
		}
	}
}

func (s *snapshot) sawDelayed(delayed *controller.Pod, firstOrders types.UID) {
	candidates, carriesMost := 0, true
	for _, pod := range s.ours {
		if pod.Index != delayed.Index || !pod.Failed || !pod.Uncounted {
			continue
		}
		candidates++
		carriesMost = carriesMost && pod.Finished <= delayed.Finished
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
	if delayed.Match.Counts() {
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
	for _, pod := range s.ours {
		if pod.Terminating && pod.ValidIndex {
			if controller.OnlyReplaceFailedPods(s.job) {
				s.saw("pending: a terminating pod holds its index")
			} else {
				s.saw("pending: a terminating pod holds nothing")
			}
			return
		}
	}
}
