package scenarios

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// Retries are Jobs one of whose indexes has failed and waits for more than its
// delay.
func Retries() []Scenario {
	ok, fails := nodes.Outcome{}, nodes.ExitCode(1)
	return []Scenario{
		{
			Name:  "retry-without-slot",
			Shows: "parallelism goes from 3 to 2 while index 2 waits for its retry: 0 and 1 hold both slots when its delay is over; then 0 fails, and holds its slot in backoff",
			Job:   newJob("retry-without-slot", 3, 3, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](3) }),
			Script: nodes.Plan{
				0: {after(20*time.Second, fails), ok},
				1: {after(45*time.Second, ok)},
				2: {fails, ok},
			}.Script,
			Act: func(r *Run) error {
				if err := r.Sleep(4 * time.Second); err != nil {
					return err
				}
				return r.Change(map[string]any{"parallelism": 2})
			},
			Moments: []time.Duration{17 * time.Second, 27 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0-2", Failed: ptr("")},
		},
		{
			Name:  "retry-refused",
			Shows: "a quota is lowered to no pods while index 0 waits for its retry, which is refused; index 1 runs",
			Job:   inNamespace("retry-refused", newJob("retry-refused", 2, 2, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) })),
			Script: nodes.Plan{
				0: {fails, ok}, 1: {long},
			}.Script,
			Prepare: func(r *Run) error { return allowPods(r, "2") },
			Act: func(r *Run) error {
				if err := r.Wait("index 0 has failed", hasFailedPod); err != nil {
					return err
				}
				r.Tape.Did("lower the quota to 0 pods")
				_, err := r.Client.CoreV1().ResourceQuotas(r.Job.Namespace).Patch(r.Ctx, quotaName, types.MergePatchType,
					[]byte(`{"spec":{"hard":{"pods":"0"}}}`), metav1.PatchOptions{})
				return err
			},
			Until: 20 * time.Second,
			Want:  Want{Failed: ptr("")},
		},
		{
			Name:  "job-deleted",
			Shows: "somebody deletes the Job in the foreground while index 0 runs, whose pod takes long to terminate; 1 waits for a slot and gets none",
			Job:   newJob("job-deleted", 2, 1, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			Script: nodes.Plan{
				0: {{End: nodes.Hang, Termination: 10 * time.Second}},
			}.Script,
			Act: func(r *Run) error {
				if err := r.Sleep(3 * time.Second); err != nil {
					return err
				}
				r.Tape.Did("delete the job in the foreground")
				return r.Client.BatchV1().Jobs(r.Job.Namespace).Delete(r.Ctx, r.Job.Name,
					metav1.DeleteOptions{PropagationPolicy: ptr(metav1.DeletePropagationForeground)})
			},
			Until: 7 * time.Second,
			Want:  Want{Failed: ptr("")},
		},
	}
}

func hasFailedPod(_ *batchv1.Job, pods []*corev1.Pod) bool {
	for _, pod := range pods {
		if pod.Status.Phase == corev1.PodFailed {
			return true
		}
	}
	return false
}
