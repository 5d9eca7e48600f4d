package bench

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Namespace and Name are of every Job that is made here.
const (
	Namespace = "default"
	Name      = "large"
)

const jobUID types.UID = "0f9c4a54-3a43-4c3e-9d0e-2a7c4f5b6d70"

var start = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// Job is one that is complete: every index succeeded, each with the same number
// of attempts.
func Job(indexes, attempts int32) *batchv1.Job {
	mode, condition := batchv1.IndexedCompletion, metav1.NewTime(start.Add(3*time.Hour))
	labels := jobLabels()
	failed := indexes * (attempts - 1)
	var noFailedIndexes string
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: Name, UID: jobUID, Generation: 1, ResourceVersion: "7", CreationTimestamp: metav1.NewTime(start), Labels: labels},
		Spec: batchv1.JobSpec{
			CompletionMode: &mode, Completions: &indexes, Parallelism: new(int32(1000)), BackoffLimit: new(int32(1<<31 - 1)), BackoffLimitPerIndex: &attempts,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: string(jobUID)}},
			PodFailurePolicy: &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{
				{Action: batchv1.PodFailurePolicyActionIgnore, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}}},
				{Action: batchv1.PodFailurePolicyActionFailIndex, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{42}}},
			}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec()},
		},
		Status: batchv1.JobStatus{
			StartTime: new(metav1.NewTime(start)), CompletionTime: &condition, Succeeded: indexes, Failed: failed, Ready: new(int32(0)), Terminating: new(int32(0)),
			CompletedIndexes: fmt.Sprintf("0-%d", indexes-1), FailedIndexes: &noFailedIndexes,
			UncountedTerminatedPods: &batchv1.UncountedTerminatedPods{},
			Conditions: []batchv1.JobCondition{
				{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue, Reason: batchv1.JobReasonCompletionsReached, LastTransitionTime: condition, LastProbeTime: condition},
				{Type: batchv1.JobComplete, Status: corev1.ConditionTrue, Reason: batchv1.JobReasonCompletionsReached, LastTransitionTime: condition, LastProbeTime: condition},
			},
		},
	}
}

// Pods are those of Job, about 3 KB each on the wire, in the order in which a
// server lists them: by their names, in which the index is not padded and what
// tells the attempts of one index apart is random.
func Pods(indexes, attempts int32) iter.Seq[*corev1.Pod] {
	return func(yield func(*corev1.Pod) bool) {
		n := int32(0)
		for index := range byName(indexes) {
			for place := range attempts {
				if !yield(pod(n, index, place, (index+place)%attempts, attempts-1)) {
					return
				}
				n++
			}
		}
	}
}

// byName are the indexes in the order of their decimals: 0, 1, 10, 100, 11, 2.
func byName(indexes int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		var from func(int32) bool
		from = func(index int32) bool {
			if index >= indexes {
				return true
			}
			if !yield(index) {
				return false
			}
			for digit := range int32(10) {
				if index > 0 && !from(10*index+digit) {
					return false
				}
			}
			return true
		}
		for first := range int32(10) {
			if !from(first) {
				return
			}
		}
	}
}

// Evidence is what is seen of Job.
func Evidence(indexes, attempts int32) *evidence.Job {
	seen := &evidence.Job{Job: Job(indexes, attempts), Coverage: evidence.Coverage{Pods: evidence.Whole, Events: evidence.Whole}, Order: evidence.Bracketed, EventsOrder: evidence.EventsBeforePods, ObservedAt: start.Add(4 * time.Hour), ServerVersion: "v1.37.2"}
	var reducer evidence.Reducer
	for pod := range Pods(indexes, attempts) {
		seen.Attempts = append(seen.Attempts, reducer.Reduce(pod, seen.Job))
	}
	return seen
}

// pod is number n of the list: an attempt at an index, of which the last one
// succeeds. Its place is that among the pods of its index.
func pod(n, index, place, attempt, last int32) *corev1.Pod {
	// Ten pods a second, none as long as the one before.
	created := start.Add(time.Duration(index/10)*time.Second + time.Duration(attempt)*40*time.Second)
	began := created.Add(time.Duration(1+n%3) * time.Second)
	ended := began.Add(time.Duration(5+n%17) * time.Second)
	name := fmt.Sprintf("%s-%d-%c%04x", Name, index, 'b'+place, n&0xffff)
	uid := fmt.Sprintf("%08x-9d0e-4c3e-8a43-2a7c4f5b6d70", n)
	labels, annotations := jobLabels(), map[string]string{
		batchv1.JobCompletionIndexAnnotation:   strconv.Itoa(int(index)),
		batchv1.JobIndexFailureCountAnnotation: strconv.Itoa(int(attempt)),
		"k8s.ovn.org/pod-networks":             fmt.Sprintf(`{"default":{"ip_addresses":["10.128.%d.%d/23"],"mac_address":"0a:58:0a:80:00:10"}}`, index>>8&255, index&255),
	}
	labels[batchv1.JobCompletionIndexAnnotation] = strconv.Itoa(int(index))
	at := func(t time.Time) metav1.Time { return metav1.NewTime(t) }
	condition := func(kind corev1.PodConditionType, status corev1.ConditionStatus, reason string, t time.Time) corev1.PodCondition {
		return corev1.PodCondition{Type: kind, Status: status, Reason: reason, LastTransitionTime: at(t), ObservedGeneration: 1}
	}
	terminated := &corev1.ContainerStateTerminated{ExitCode: 0, Reason: "Completed", StartedAt: at(began), FinishedAt: at(ended), ContainerID: "containerd://" + strings.Repeat("3f", 32)}
	phase, ready := corev1.PodSucceeded, "PodCompleted"
	if attempt < last {
		phase, ready = corev1.PodFailed, "PodFailed"
		terminated.ExitCode, terminated.Reason = 1, "Error"
		terminated.Message = fmt.Sprintf("cannot reach 10.0.0.%d", index%250)
	}
	pod := &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: Namespace, Name: name, GenerateName: fmt.Sprintf("%s-%d-", Name, index), UID: types.UID(uid), ResourceVersion: strconv.Itoa(1000 + int(n)),
			Generation: 1, CreationTimestamp: at(created), Labels: labels, Annotations: annotations,
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: Name, UID: jobUID, Controller: new(true), BlockOwnerDeletion: new(true)}},
			ManagedFields:   managedFields(at(created), at(ended)),
		},
		Spec: podSpec(),
		Status: corev1.PodStatus{
			ObservedGeneration: 1, Phase: phase, HostIP: "10.0.0.17", HostIPs: []corev1.HostIP{{IP: "10.0.0.17"}}, PodIP: "10.128.1.2", PodIPs: []corev1.PodIP{{IP: "10.128.1.2"}},
			QOSClass: corev1.PodQOSBurstable, StartTime: new(at(created)),
			Conditions: []corev1.PodCondition{
				condition(corev1.PodReadyToStartContainers, corev1.ConditionFalse, "", ended),
				condition(corev1.PodInitialized, corev1.ConditionTrue, ready, created),
				condition(corev1.PodReady, corev1.ConditionFalse, ready, ended),
				condition(corev1.ContainersReady, corev1.ConditionFalse, ready, ended),
				condition(corev1.PodScheduled, corev1.ConditionTrue, "", created),
			},
			ContainerStatuses: []corev1.ContainerStatus{{
				Name: "main", Image: "registry.example.com/team/worker:2026.11.3", ImageID: "registry.example.com/team/worker@sha256:" + strings.Repeat("9d", 32),
				ContainerID: terminated.ContainerID, Started: new(false), State: corev1.ContainerState{Terminated: terminated},
				AllocatedResources: requests(), Resources: &corev1.ResourceRequirements{Requests: requests()},
				VolumeMounts: []corev1.VolumeMountStatus{{Name: "token", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true, RecursiveReadOnly: new(corev1.RecursiveReadOnlyDisabled)}},
			}},
		},
	}
	pod.Spec.NodeName = fmt.Sprintf("node-%03d.example.com", index%200)
	return pod
}

func jobLabels() map[string]string {
	return map[string]string{
		batchv1.ControllerUidLabel: string(jobUID), batchv1.JobNameLabel: Name,
		"controller-uid": string(jobUID), "job-name": Name, "app": "render", "team": "media",
	}
}

func requests() corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse("1Gi")}
}

func podSpec() corev1.PodSpec {
	env := make([]corev1.EnvVar, 0, 7)
	for _, name := range []string{"BUCKET", "PREFIX", "REGION", "BATCH", "RETRIES", "OTEL_EXPORTER_OTLP_ENDPOINT"} {
		env = append(env, corev1.EnvVar{Name: name, Value: "value-of-" + strings.ToLower(name)})
	}
	env = append(env, corev1.EnvVar{Name: "JOB_COMPLETION_INDEX", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']"}}})
	return corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever, DNSPolicy: corev1.DNSClusterFirst, SchedulerName: "default-scheduler",
		ServiceAccountName: "default", DeprecatedServiceAccount: "default", TerminationGracePeriodSeconds: new(int64(30)), EnableServiceLinks: new(true),
		PreemptionPolicy: new(corev1.PreemptLowerPriority), Priority: new(int32(0)), SecurityContext: &corev1.PodSecurityContext{},
		Containers: []corev1.Container{{
			Name: "main", Image: "registry.example.com/team/worker:2026.11.3", ImagePullPolicy: corev1.PullIfNotPresent,
			Command: []string{"/bin/worker"}, Args: []string{"--shards=100000", "--bucket=$(BUCKET)", "--verbose"}, Env: env,
			Resources:              corev1.ResourceRequirements{Requests: requests()},
			TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
			VolumeMounts: []corev1.VolumeMount{{Name: "token", ReadOnly: true, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount"}},
		}},
		Volumes: []corev1.Volume{{Name: "token", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{DefaultMode: new(int32(420)), Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: new(int64(3607)), Path: "token"}},
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
		}}}}},
		Tolerations: []corev1.Toleration{
			{Key: "node.kubernetes.io/not-ready", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: new(int64(300))},
			{Key: "node.kubernetes.io/unreachable", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: new(int64(300))},
		},
	}
}

// managedFields are about as long as those that a controller and a kubelet
// leave behind. kubectl leaves them out of files, the API server never.
func managedFields(created, ended metav1.Time) []metav1.ManagedFieldsEntry {
	entry := func(manager, subresource, fields string, t metav1.Time) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &t, FieldsType: "FieldsV1", Subresource: subresource, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	return []metav1.ManagedFieldsEntry{
		entry("kube-controller-manager", "", `{"f:metadata":{"f:annotations":{".":{},"f:batch.kubernetes.io/job-completion-index":{},"f:batch.kubernetes.io/job-index-failure-count":{}},"f:generateName":{},"f:labels":{".":{},"f:batch.kubernetes.io/controller-uid":{},"f:batch.kubernetes.io/job-name":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:image":{},"f:name":{}}},"f:restartPolicy":{}}}`, created),
		entry("kubelet", "status", `{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:phase":{},"f:startTime":{}}}`, ended),
	}
}
