package oracle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/onesync"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// effects are all that a sync did, as text that compares.
type effects struct {
	first, second, created, deleted, stripped, adopted, released, again, backoff string
}

func (e effects) String() string {
	return fmt.Sprintf("\n    first    %s\n    second   %s\n    created  %s\n    deleted  %s, finalizers %s\n    adopted  %s, released %s\n    again    %s\n    backoff  %s",
		e.first, e.second, e.created, e.deleted, e.stripped, e.adopted, e.released, e.again, e.backoff)
}

func effectsOfResult(r *onesync.Result) effects {
	var created []string
	for i := range r.Created {
		annotations := r.Created[i].Annotations
		created = append(created, fmt.Sprintf("%s born %s/%s", annotations[batchv1.JobCompletionIndexAnnotation],
			annotations[batchv1.JobIndexFailureCountAnnotation], annotations[batchv1.JobIndexIgnoredFailureCountAnnotation]))
	}
	var writes [2]string
	for i := range r.Statuses {
		writes[i] = writeOfStatus(&r.Statuses[i], r.Refusals[i] != nil)
	}
	var last time.Time
	if r.LastFailure != nil {
		last = *r.LastFailure
	}
	// A sync that writes once may write what would be either of the two.
	e := effects{first: writes[0], second: writes[1], created: list(created), again: durations(r.Again), backoff: record(r.Failures, last)}
	e.deleted, e.stripped, e.adopted, e.released = list(r.Deleted), list(r.Stripped), list(r.Adopted), list(r.Released)
	return e
}

func effectsOfOutcome(o *controller.Outcome, c *Case) effects {
	var created, deleted, stripped, writes []string
	for _, pod := range o.Created {
		counts, ignored := "/", ""
		if c.Job.Spec.BackoffLimitPerIndex != nil {
			if pod.Counts.Ignored > 0 {
				ignored = fmt.Sprint(pod.Counts.Ignored)
			}
			counts = fmt.Sprintf("%d/%s", pod.Counts.Counted, ignored)
		}
		created = append(created, fmt.Sprintf("%d born %s", pod.Index, counts))
	}
	for _, pod := range o.Deleted {
		deleted = append(deleted, pod.Name)
		if o.Stripped && pod.Uncounted {
			stripped = append(stripped, pod.Name)
		}
	}
	stripped = append(stripped, names(o.Taken)...)
	for _, write := range []*controller.StatusWrite{o.First, o.Second} {
		if write != nil {
			writes = append(writes, writeOfOurs(write, c.Job.Spec.BackoffLimitPerIndex != nil))
		}
	}
	writes = append(writes, "", "")
	var again []time.Duration
	for _, at := range []time.Time{o.DeadlineSync, o.BackoffSync} {
		if !at.IsZero() {
			again = append(again, at.Sub(c.Now))
		}
	}
	return effects{
		first: writes[0], second: writes[1], created: list(created), deleted: list(deleted), stripped: list(stripped),
		adopted: list(names(o.Adopted)), released: list(names(o.Released)), again: durations(again),
		backoff: record(o.Remembered.Failures, o.Remembered.LastFailure.Time()),
	}
}

func names(pods []*controller.Pod) []string {
	var all []string
	for _, pod := range pods {
		all = append(all, pod.Name)
	}
	return all
}

func list(items []string) string { return strings.Join(slices.Sorted(slices.Values(items)), ", ") }

func durations(all []time.Duration) string {
	return fmt.Sprint(slices.Sorted(slices.Values(all)))
}

func record(failures int32, last time.Time) string {
	if failures == 0 {
		return ""
	}
	return fmt.Sprint(failures, " until ", last.UTC())
}

func writeOfStatus(s *batchv1.JobStatus, refused bool) string {
	failedIndexes := "nil"
	if s.FailedIndexes != nil {
		failedIndexes = *s.FailedIndexes
	}
	ready, terminating := int32(-1), int32(-1)
	if s.Ready != nil {
		ready = *s.Ready
	}
	if s.Terminating != nil {
		terminating = *s.Terminating
	}
	return write(s.Active, ready, terminating, s.Succeeded, s.Failed, s.CompletedIndexes, failedIndexes,
		s.UncountedTerminatedPods.Failed, s.UncountedTerminatedPods.Succeeded, s.StartTime, s.CompletionTime, s.Conditions, refused)
}

func writeOfOurs(w *controller.StatusWrite, perIndex bool) string {
	failedIndexes := "nil"
	if perIndex {
		failedIndexes = w.FailedIndexes.String()
	} else if !w.FailedIndexes.Empty() {
		failedIndexes = indexes.Set{}.String() + "should be nil"
	}
	return write(w.Active, w.Ready, *w.Terminating, w.Succeeded, w.Failed, w.CompletedIndexes.String(), failedIndexes,
		w.UncountedFailed, w.UncountedSucceeded, w.StartTime, w.CompletionTime, w.Conditions, w.Refused)
}

func write(active, ready, terminating, succeeded, failed int32, completed, failedIndexes string,
	uncountedFailed, uncountedSucceeded []types.UID, start, completion *metav1.Time, conditions []batchv1.JobCondition, refused bool,
) string {
	text := fmt.Sprintf("active %d, ready %d, terminating %d, succeeded %d, failed %d, completed %q, failed indexes %q, uncounted %v %v, start %s, completion %s",
		active, ready, terminating, succeeded, failed, completed, failedIndexes,
		slices.Sorted(slices.Values(uncountedFailed)), slices.Sorted(slices.Values(uncountedSucceeded)), when(start), when(completion))
	for _, c := range conditions {
		text += fmt.Sprintf(", %s=%s %s %s %s", c.Type, c.Status, c.Reason, when(&c.LastProbeTime), when(&c.LastTransitionTime))
	}
	if refused {
		text += ", refused"
	}
	return text
}

func when(t *metav1.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format(time.RFC3339Nano)
}
