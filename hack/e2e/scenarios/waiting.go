package scenarios

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// Waiting are Jobs that are read while they wait for something; most never end.
func Waiting() []Scenario {
	ok, fails := nodes.Outcome{}, nodes.ExitCode(1)
	return []Scenario{
		{
			Name:   "backoff-holds-slot",
			Shows:  "parallelism 2: index 0 waits for its retry and holds a slot, 1 runs, so that 2 and 3 are not started",
			Job:    newJob("backoff-holds-slot", 4, 2, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](3) }),
			Script: nodes.Plan{0: {fails}, 1: {long}}.Script,
			Until:  6 * time.Second,
			Want:   Want{Failed: ptr("")},
		},
		{
			Name:    "backoff-of-all",
			Shows:   "without backoffLimitPerIndex: the failure of index 1 holds back every creation, also that of 2, which never had a pod; 0 runs",
			Job:     newJob("backoff-of-all", 3, 2, nil),
			Script:  nodes.Plan{0: {long}, 1: {after(time.Second, fails), after(time.Second, fails)}}.Script,
			Moments: []time.Duration{5 * time.Second},
			Until:   20 * time.Second,
		},
		{
			Name:   "unschedulable",
			Shows:  "no node for index 1, 0 has succeeded, 2 waits for a slot",
			Job:    newJob("unschedulable", 3, 1, nil),
			Script: nodes.Plan{1: {{Unschedulable: nodes.Forever}}}.Script,
			Until:  6 * time.Second,
			Want:   Want{Completed: "0"},
		},
		{
			Name:    "image-pull-back-off",
			Shows:   "the image of index 0 cannot be pulled at first, that of 1 never",
			Job:     newJob("image-pull-back-off", 2, 2, nil),
			Script:  nodes.Plan{0: {{ImagePullBackOff: 4 * time.Second}}, 1: {{ImagePullBackOff: nodes.Forever}}}.Script,
			Moments: []time.Duration{2 * time.Second},
			Until:   8 * time.Second,
			Want:    Want{Completed: "0"},
		},
		{
			Name:    "quota",
			Shows:   "a quota allows one pod: the creation of a second is refused",
			Job:     inNamespace("quota", newJob("quota", 2, 2, nil)),
			Script:  nodes.Plan{0: {long}, 1: {long}}.Script,
			Prepare: func(r *Run) error { return allowPods(r, "1") },
			Until:   6 * time.Second,
		},
		{
			Name:  "terminating",
			Shows: "podReplacementPolicy Failed: a deleted pod takes long to end, and is not replaced before",
			Job: newJob("terminating", 2, 2, func(s *batchv1.JobSpec) {
				s.PodReplacementPolicy = ptr(batchv1.Failed)
			}),
			Script:  nodes.Plan{0: {{Runs: time.Second, End: nodes.Delete, Termination: 8 * time.Second}, ok}, 1: {long}}.Script,
			Moments: []time.Duration{5 * time.Second},
			Until:   13 * time.Second,
		},
		{
			Name:  "terminating-replaced",
			Shows: "podReplacementPolicy TerminatingOrFailed: the deletion of the pod of index 0 counts at once, and its replacement runs beside it after the backoff",
			Job: newJob("terminating-replaced", 2, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
			}),
			Script:  nodes.Plan{0: {{Runs: time.Second, End: nodes.Delete, Termination: 15 * time.Second}, after(8*time.Second, ok)}, 1: {long}}.Script,
			Moments: []time.Duration{5 * time.Second},
			Until:   14 * time.Second,
			Want:    Want{Failed: ptr("")},
		},
		{
			Name:  "managed-by-another",
			Since: 32, // managedBy is on by default
			Shows: "managedBy another controller: the Job controller does nothing, the status is the other's",
			Job: newJob("managed-by-another", 3, 3, func(s *batchv1.JobSpec) {
				s.ManagedBy = ptr("kueue.x-k8s.io/multikueue")
			}),
			Act: func(r *Run) error {
				_, err := r.Client.BatchV1().Jobs(r.Job.Namespace).Patch(r.Ctx, r.Job.Name, types.MergePatchType,
					[]byte(`{"status":{"active":2,"ready":1,"startTime":"`+r.Job.CreationTimestamp.UTC().Format(time.RFC3339)+`","succeeded":1,"completedIndexes":"0"}}`),
					metav1.PatchOptions{}, "status")
				return err
			},
			Until: 3 * time.Second,
			Want:  Want{Completed: "0"},
		},
		{
			Name:   "queued-by-kueue",
			Shows:  "Kueue has not admitted the Job: it was created suspended and waits in a queue",
			Job:    labelled(newJob("queued-by-kueue", 2, 2, suspended), map[string]string{"kueue.x-k8s.io/queue-name": "team-a"}),
			Script: nil,
			Until:  3 * time.Second,
		},
		{
			Name:  "owned-by-jobset",
			Shows: "a JobSet's suspended Job",
			Job: ownedBy("jobset.x-k8s.io/v1alpha2", "JobSet", "training", labelled(newJob("training-workers-0", 2, 2, suspended),
				map[string]string{"jobset.sigs.k8s.io/jobset-name": "training", "jobset.sigs.k8s.io/replicatedjob-name": "workers"})),
			Until: 3 * time.Second,
		},
		{
			Name:    "owned-by-cronjob",
			Shows:   "a Job that a CronJob owns, one of whose indexes fails",
			Job:     newJob("nightly-29831040", 2, 2, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](0) }),
			Script:  nodes.Plan{1: {fails}}.Script,
			Prepare: cronJobOwns,
			Want:    Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0", Failed: ptr("1")},
		},
	}
}

func suspended(s *batchv1.JobSpec) { s.Suspend = ptr(true) }

func inNamespace(namespace string, job *batchv1.Job) *batchv1.Job {
	job.Namespace = namespace
	return job
}

func labelled(job *batchv1.Job, labels map[string]string) *batchv1.Job {
	job.Labels = labels
	return job
}

// ownedBy names an owner that is not there: garbage collection leaves alone
// what a kind owns that it cannot look up.
func ownedBy(apiVersion, kind, name string, job *batchv1.Job) *batchv1.Job {
	job.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: apiVersion, Kind: kind, Name: name, UID: "0d1ccee7-6b6d-4f0e-8f4e-3c2f0a7b6f11", Controller: ptr(true),
	}}
	return job
}

// quotaName is the quota that allowPods makes.
const quotaName = "few-pods"

// allowPods waits until the quota controller has filled in the quota's
// status, which admission goes by.
func allowPods(r *Run, most string) error {
	namespace := r.Job.Namespace
	if _, err := r.Client.CoreV1().Namespaces().Create(r.Ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	quotas := r.Client.CoreV1().ResourceQuotas(namespace)
	if _, err := quotas.Create(r.Ctx, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: quotaName},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse(most)}},
	}, metav1.CreateOptions{}); err != nil {
		return err
	}
	for {
		quota, err := quotas.Get(r.Ctx, quotaName, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if len(quota.Status.Hard) > 0 {
			return nil
		}
		if err := r.Sleep(100 * time.Millisecond); err != nil {
			return fmt.Errorf("wait for the quota's status: %w", err)
		}
	}
}

// cronJobOwns makes the Job one of a CronJob's, as `kubectl create job --from`
// does; the schedule itself would come once a minute at best.
func cronJobOwns(r *Run) error {
	cronJob, err := r.Client.BatchV1().CronJobs(r.Job.Namespace).Create(r.Ctx, &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Name: "nightly"},
		Spec: batchv1.CronJobSpec{
			Schedule:    "0 3 * * *",
			JobTemplate: batchv1.JobTemplateSpec{Spec: r.Job.Spec},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	r.Job.Annotations = map[string]string{"cronjob.kubernetes.io/instantiate": "manual"}
	r.Job.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(cronJob, batchv1.SchemeGroupVersion.WithKind("CronJob"))}
	return nil
}
