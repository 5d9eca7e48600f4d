package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	kubecontroller "k8s.io/kubernetes/pkg/controller"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// What one sync makes of a Job and its pods.
func TestSnapshots(t *testing.T) {
	clock := clocktesting.NewFakeClock(epoch)
	comparison{
		cases:    300_000,
		generate: (*generator).snapshot,
		compare:  func(c *Case, saw func(string)) string { return compareSnapshot(c, clock, saw) },
		branches: map[string]int{
			"failed: by its phase":                        50_000,
			"failed: by its deletion":                     10_000,
			"not failed: on its way out, Failed is asked": 10_000,
			"not failed: Succeeded and deleted":           10_000,
			"active in phase Unknown":                     10_000,
			"terminating":                                 10_000,
			"an orphan":                                   10_000,
			"without the finalizer":                       50_000,
			"index: unknown":                              10_000,
			"index: out of range":                         10_000,
			"index: +1 or 01":                             5_000,
			"succeeded: recorded":                         50_000,
			"succeeded: by a pod":                         20_000,
			"failed index: recorded":                      50_000,
			"failed index: by FailIndex":                  2_000,
			"failed index: by its count":                  20_000,
			"no failed index without its limit":           20_000,
			"delayed: one failed pod":                     20_000,
			"delayed: the order decides":                  300,
			"delayed: several, one carries most":          1_000,
			"delayed: a choice":                           300,
			"delayed: being counted":                      1_000,
			"replacement: after a counted failure":        20_000,
			"replacement: after an ignored failure":       2_000,
			"replacement: nothing to replace":             50_000,
			"pending: as many as asked for":               20_000,
			"pending: fewer than asked for":               20_000,
			"pending: none asked for":                     20_000,
			"pending: a terminating pod holds its index":  5_000,
			"pending: a terminating pod holds nothing":    2_000,
			"FailJob":                               5_000,
			"nothing is met":                        10_000,
			"met: PodFailurePolicy":                 2_000,
			"met: BackoffLimitExceeded":             10_000,
			"met: BackoffLimitExceeded by restarts": 2_000,
			"met: DeadlineExceeded":                 2_000,
			"met: MaxFailedIndexesExceeded":         5_000,
			"met: FailedIndexes":                    2_000,
			"met: SuccessPolicy":                    2_000,
			"met: CompletionsReached":               500,
			"met: several":                          10_000,
			"refused":                               10_000,
		},
	}.run(t)
}

// snapshot is a case as each side reads it.
type snapshot struct {
	job    *batchv1.Job
	theirs *upstream.SyncJobCtx
	// ours are in the same order, sorted by index.
	ours, sorted []*controller.Pod
	// What both sides agreed on so far, as ours.
	succeeded, failed indexes.Set
	saw               func(string)
}

func compareSnapshot(c *Case, clock *clocktesting.FakeClock, saw func(string)) string {
	clock.SetTime(c.Now)
	s := readSnapshot(c, saw)
	for _, compare := range []func() string{
		s.comparePods, s.compareFailJob, s.compareIndexes,
		func() string { return s.compareDelayed(c, clock) },
		s.compareFirstPending,
		func() string { return s.compareCriteria(c) },
	} {
		if difference := compare(); difference != "" {
			return difference
		}
	}
	return ""
}

func readSnapshot(c *Case, saw func(string)) *snapshot {
	s := &snapshot{job: c.Job, saw: saw}
	pods, attempts := make([]*corev1.Pod, len(c.Pods)), make([]*evidence.Attempt, len(c.Pods))
	for i, pod := range c.Pods {
		attempt := evidence.Reduce(pod)
		attempts[i] = &attempt
		pods[i] = pod
		// getPodsForJob adopts orphans and has them with the finalizer at once.
		if len(pod.OwnerReferences) == 0 && !attempt.Finalizer {
			pods[i] = pod.DeepCopy()
			pods[i].Finalizers = append(pods[i].Finalizers, batchv1.JobTrackingFinalizer)
		}
	}
	s.ours = controller.NewReckoner(c.Job, rules).Pods(attempts)
	s.sorted = byIndex(s.ours)
	uncounted := batchv1.UncountedTerminatedPods{}
	if c.Job.Status.UncountedTerminatedPods != nil {
		uncounted = *c.Job.Status.UncountedTerminatedPods
	}
	s.theirs = &upstream.SyncJobCtx{
		Job:        c.Job,
		Pods:       pods,
		ActivePods: kubecontroller.FilterActivePods(klog.Logger{}, pods),
		Uncounted:  upstream.NewUncountedTerminatedPods(uncounted),
	}
	return s
}

func (s *snapshot) comparePods() string {
	for i, ours := range s.ours {
		pod := s.theirs.Pods[i]
		for _, test := range []struct {
			what           string
			upstream, ours bool
		}{
			{"isPodFailed", upstream.IsPodFailed(pod, s.job), ours.Failed},
			{"IsPodActive", kubecontroller.IsPodActive(pod), ours.Active},
			{"IsPodTerminating", kubecontroller.IsPodTerminating(pod), ours.Terminating},
			{"onlyReplaceFailedPods", upstream.OnlyReplaceFailedPods(s.job), controller.OnlyReplaceFailedPods(s.job)},
		} {
			if test.upstream != test.ours {
				return differ(test.what+" of "+pod.Name, test.upstream, test.ours)
			}
		}
		if difference := compareAnnotations(pod, ours.Attempt, *s.job.Spec.Completions); difference != "" {
			return difference
		}
		s.sawPod(pod, ours)
	}
	return ""
}

// compareAnnotations: an index beyond int32 is out of range for every Job, and
// ours may call it unknown.
func compareAnnotations(pod *corev1.Pod, attempt *evidence.Attempt, completions int32) string {
	index := upstream.GetCompletionIndex(pod.Annotations)
	if int(attempt.Index) != index && (attempt.Index != evidence.UnknownIndex || index < int(completions)) {
		return differ("getCompletionIndex of "+pod.Name, index, attempt.Index)
	}
	if counted := upstream.GetIndexFailureCount(quiet, pod); counted != attempt.FailureCount {
		return differ("getIndexFailureCount of "+pod.Name, counted, attempt.FailureCount)
	}
	if ignored := upstream.ParseIndexFailureIgnoreCountAnnotation(quiet, pod); ignored != attempt.IgnoredFailureCount {
		return differ("the ignored failures of "+pod.Name, ignored, attempt.IgnoredFailureCount)
	}
	return ""
}

// compareFailJob: upstream names the first pod that it comes to, in an order
// that its informer's map gives. Here both see the same order.
func (s *snapshot) compareFailJob() string {
	ours := ""
	for i, pod := range s.ours {
		if pod.Failed && ours == "" {
			ours = failJobMessage(s.theirs.Pods[i], pod.Match)
		}
	}
	if theirs := text(upstream.GetFailJobMessage(s.job, s.theirs.Pods)); theirs != ours {
		return differ("getFailJobMessage", theirs, ours)
	}
	if ours != "" {
		s.saw("FailJob")
	}
	return ""
}

func (s *snapshot) compareIndexes() string {
	recorded, theirs := upstream.CalculateSucceededIndexes(quiet, s.job, s.theirs.Pods)
	s.theirs.PrevSucceededIndexes, s.theirs.SucceededIndexes = recorded, theirs
	s.succeeded = controller.SucceededIndexes(s.job, s.ours)
	if s.succeeded.String() != theirs.String() {
		return differ("calculateSucceededIndexes", theirs, s.succeeded)
	}
	s.failed = controller.FailedIndexes(s.job, s.ours)
	if s.job.Spec.BackoffLimitPerIndex == nil {
		// Upstream does not ask.
		s.saw("no failed index without its limit")
		if !s.failed.Empty() {
			return differ("failed indexes without backoffLimitPerIndex", "", s.failed)
		}
		return ""
	}
	s.theirs.FailedIndexes = upstream.CalculateFailedIndexes(quiet, s.job, s.theirs.Pods)
	if s.failed.String() != s.theirs.FailedIndexes.String() {
		return differ("calculateFailedIndexes", s.theirs.FailedIndexes, s.failed)
	}
	s.sawIndexes()
	return ""
}

func (s *snapshot) compareDelayed(c *Case, clock *clocktesting.FakeClock) string {
	if s.job.Spec.BackoffLimitPerIndex == nil {
		return ""
	}
	theirs := upstream.GetPodsWithDelayedDeletionPerIndex(quiet, s.theirs)
	ours := controller.DelayedPods(s.sorted, s.succeeded, s.failed)
	delayed := map[int]bool{}
	for _, pod := range ours {
		delayed[int(pod.Index)] = true
	}
	if a, b := slices.Sorted(maps.Keys(theirs)), slices.Sorted(maps.Keys(delayed)); !slices.Equal(a, b) {
		return differ("the indexes with a delayed pod", a, b)
	}
	for _, held := range ours {
		pod, found := s.someOrderDelays(int(held.Index), held.UID)
		if !found {
			return differ(fmt.Sprint("the delayed pod of index ", held.Index), theirs[int(held.Index)].Name, held.Name)
		}
		if difference := compareReplacement(c, clock, pod, held); difference != "" {
			return difference
		}
		s.sawDelayed(held, theirs[int(held.Index)].UID)
	}
	if difference := s.compareChoices(); difference != "" {
		return difference
	}
	for index := range min(*s.job.Spec.Completions, 6) {
		if !delayed[int(index)] {
			s.saw("replacement: nothing to replace")
		}
	}
	return s.compareReversed(ours)
}

// compareChoices: each pod of which a sync of ours says that it may be delayed is
// in some order.
func (s *snapshot) compareChoices() string {
	outcome := controller.Sync(controller.State{Job: s.job, Pods: s.ours, Now: epoch, Rules: rules})
	for _, choice := range outcome.Chances {
		if choice.What != controller.ChoiceDelayed {
			continue
		}
		for _, pod := range choice.Among {
			if _, found := s.someOrderDelays(int(pod.Index), pod.UID); !found {
				return differ(fmt.Sprint("a pod of index ", pod.Index, " that may be delayed"), "never", pod.Name)
			}
			s.saw("delayed: a choice")
		}
	}
	return ""
}

// byIndex is a copy in order of index.
func byIndex(pods []*controller.Pod) []*controller.Pod {
	return slices.SortedStableFunc(slices.Values(pods), func(a, b *controller.Pod) int { return cmp.Compare(a.Index, b.Index) })
}

// someOrderDelays finds an order of the pods for which upstream delays this
// one. Where several failed pods of an index disagree on which is the latest,
// by count and by finish, upstream's answer depends on the order that its
// informer's map gives, and any of its possible answers is right.
func (s *snapshot) someOrderDelays(index int, uid types.UID) (*corev1.Pod, bool) {
	pods := s.theirs.Pods
	defer func() { s.theirs.Pods = pods }()
	var found *corev1.Pod
	permute(slices.Clone(pods), func(order []*corev1.Pod) bool {
		s.theirs.Pods = order
		if pod := upstream.GetPodsWithDelayedDeletionPerIndex(quiet, s.theirs)[index]; pod.UID == uid {
			found = pod
		}
		return found == nil
	})
	return found, found != nil
}

// permute calls yield with every order of the pods, the given one first, until
// it answers false.
func permute(pods []*corev1.Pod, yield func([]*corev1.Pod) bool) bool {
	return permuteFrom(pods, 0, yield)
}

func permuteFrom(pods []*corev1.Pod, first int, yield func([]*corev1.Pod) bool) bool {
	if first >= len(pods)-1 {
		return yield(pods)
	}
	for i := first; i < len(pods); i++ {
		pods[first], pods[i] = pods[i], pods[first]
		if !permuteFrom(pods, first+1, yield) {
			return false
		}
		pods[first], pods[i] = pods[i], pods[first]
	}
	return true
}

// compareReversed: ours must not depend on the order of the pods of one index.
func (s *snapshot) compareReversed(ours []*controller.Pod) string {
	reversed := slices.Clone(s.ours)
	slices.Reverse(reversed)
	again := controller.DelayedPods(byIndex(reversed), s.succeeded, s.failed)
	if !slices.Equal(ours, again) {
		return differ("the delayed pods, pods reversed", "does not matter", again)
	}
	return ""
}

func compareReplacement(c *Case, clock *clocktesting.FakeClock, pod *corev1.Pod, held *controller.Pod) string {
	counted, ignored := upstream.GetNewIndexFailureCounts(quiet, c.Job, pod)
	if ours := controller.NewIndexFailureCounts(held); counted != ours.Counted || ignored != ours.Ignored {
		return differ("getNewIndexFailureCounts after "+pod.Name, fmt.Sprint(counted, ignored), ours)
	}
	theirs := upstream.GetRemainingTimePerIndex(quiet, clock, controller.FirstDelay, controller.MaxDelay, pod)
	if ours := remaining(held, c.Now); ours != theirs {
		return differ("getRemainingTimePerIndex after "+pod.Name, theirs, ours)
	}
	return ""
}

func (s *snapshot) compareFirstPending() string {
	count, completions := int(*s.job.Spec.Parallelism), int(*s.job.Spec.Completions)
	theirs := upstream.FirstPendingIndexes(s.theirs, count, completions)
	ours := controller.FirstPendingIndexes(s.job, s.sorted, s.succeeded, s.failed, int64(count))
	var list []int
	for _, interval := range ours.Intervals() {
		for index := interval.First; index <= interval.Last; index++ {
			list = append(list, int(index))
		}
	}
	if !slices.Equal(theirs, list) {
		return differ("firstPendingIndexes", theirs, list)
	}
	s.sawPending(count, len(list))
	return ""
}
