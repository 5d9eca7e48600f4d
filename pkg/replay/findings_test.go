package replay

import (
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func memoryLimit(quantity string) jobOption {
	return func(job *batchv1.Job) {
		job.Spec.Template.Spec.Containers = []corev1.Container{{Name: "main", Resources: corev1.ResourceRequirements{
			Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(quantity)},
		}}}
	}
}

// Each finding by what it rests on, and by what it does not.
func TestFindings(t *testing.T) {
	oom := func(pod *evidence.Attempt) { pod.Containers[0].Terminated.Reason = "OOMKilled" }
	waitsFor := func(reason, message string) podOption {
		return func(pod *evidence.Attempt) {
			waits(reason)(pod)
			pod.Containers[0].WaitingFor = message
		}
	}
	var quick []evidence.Attempt
	for ix := range int32(6) {
		quick = append(quick, aPod(ix, 0, succeeded(5), accounted))
	}
	slow := append(quick[:6:6], aPod(6, 0))
	var gathered []evidence.Attempt
	for ix := range int32(8) {
		gathered = append(gathered, aPod(ix, 0, exited(1, 5), onNode("bad")))
	}
	gathered = append(gathered, aPod(8, 0, succeeded(5), onNode("good"), accounted))
	for _, c := range []struct {
		name    string
		seen    seen
		kind    v1alpha1.FindingKind
		indexes string // "none": it is not found
		says    string
	}{
		{"a pod that waits for an image never fails", see(aJob(2, active(2)), aPod(0, 95, waitsFor("ImagePullBackOff", "no such image")), aPod(1, 0)), "StuckPending", "0", "5s: no such image (ImagePullBackOff); it never fails by itself, and the Job has no deadline"},
		{"unless the deadline ends the Job", see(aJob(1, active(1), activeDeadline(500)), aPod(0, 95, waits("ImagePullBackOff"))), "StuckPending", "0", "it never fails by itself"},
		{"a pod that cannot be scheduled for a minute", see(aJob(1, active(1)), aPod(0, 30, waits(""), hasCondition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", 31))), "StuckPending", "0", "1m10s: Unschedulable"},
		{"not one of a moment ago", see(aJob(1, active(1)), aPod(0, 95, waits("ContainerCreating"))), "StuckPending", "none", ""},
		{"pods are refused", see(aJob(3, perIndex(1))).events(refused(60)), "StuckCreate", "0-2", "40s: pod creation has been rejected since 00:01:00Z: exceeded quota"},
		{"the Job has no Workload", see(aJob(3, perIndex(1))).events(jobEvent(reasonFailedWorkloadCreate, "Failed to create Workload for Job slow: forbidden", 60)), "StuckCreate", "0-2", "40s: no pod is created until the Job has its Workload, whose creation has failed since 00:01:00Z: Failed to create Workload for Job slow: forbidden"},
		{"then it has one", see(aJob(3, perIndex(1))).events(jobEvent(reasonFailedWorkloadCreate, "Failed to create Workload for Job slow: forbidden", 60), jobEvent(reasonWorkloadCreated, "Created Workload slow-x for Job slow", 70)), "StuckCreate", "none", ""},
		{"a pod of a PodGroup is scheduled with the others", see(aJob(1, active(1)), aPod(0, 10, waits(""), inPodGroup("gang"))), "StuckPending", "0", "1m30s: it is scheduled together with the pods of PodGroup gang (NotScheduled)"},
		{"one runs far longer than the others did", see(aJob(7, completed("0-5", 6), active(1)), slow...).at(200), "SlowRunner", "6", "runs for 3m20s on node n, 95% of the 6 that succeeded took no more than 5s"},
		{"not where few have succeeded", see(aJob(7, completed("0-3", 4), active(1)), append(quick[:4:4], aPod(6, 0))...).at(200), "SlowRunner", "none", ""},
		{"nobody acts", see(aJob(1, completed("0", 1)), aPod(0, 0, succeeded(5), accounted)).at(500), "StuckController", "", "no pod and no event for 8m15s"},
		{"not after a moment", see(aJob(1, completed("0", 1)), aPod(0, 0, succeeded(5), accounted)), "StuckController", "none", ""},
		{"restarts within pods count under OnFailure", see(aJob(2, onFailure, active(2)), aPod(0, 0, restarted(2)), aPod(1, 0)), "RestartsCounted", "0", "2 restarts within pods: those of running pods count against backoffLimit 6, now 2, and end the Job when they reach it"},
		{"and do not with per-index limits", see(aJob(2, perIndex(1), onFailure, active(2)), aPod(0, 0, restarted(2)), aPod(1, 0)), "RestartsInPlace", "0", "never count against backoffLimitPerIndex"},
		{"nor in a pod that its own rules restart", see(aJob(2, active(2)), aPod(0, 0, restarted(1)), aPod(1, 0)), "RestartsInPlace", "0", "no retries by the Job"},
		{"a pod past its grace holds its slot", see(aJob(1, onlyReplaceFailed), aPod(0, 0, deleted(0))).at(200), "StuckTerminating", "0", "2m50s past its grace: 1 terminating on node n, perhaps lost; podReplacementPolicy Failed waits for it, which holds its index and a slot"},
		{"not within its grace", see(aJob(1, onlyReplaceFailed), aPod(0, 0, deleted(90))), "StuckTerminating", "none", ""},
		{"a pod past its grace keeps a decided Job from its end", see(aJob(1, failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(60))).at(200), "StuckTerminating", "0", "the Job ends when it is gone"},
		{"one in backoff holds a slot", see(aJob(3, perIndex(3), parallelism(1)), aPod(0, 0, exited(1, 95))), "BackoffHoldsSlots", "0", "1 of 1 slots is held by an index waiting for a retry"},
		{"not where nobody waits for it", see(aJob(1, perIndex(3)), aPod(0, 0, exited(1, 95))), "BackoffHoldsSlots", "none", ""},
		{"ignored failures lengthen the backoff", see(aJob(1, perIndex(3)), aPod(0, 0, born(0, 2), exited(1, 95))), "IgnoredLengthensBackoff", "0", ""},
		{"a disruption that no rule ignores", see(aJob(2, perIndex(3)), aPod(0, 0, exited(143, 95), disrupted(90))), "DisruptionCounted", "0", "no rule of podFailurePolicy ignores DisruptionTarget"},
		{"a disruption that another rule took first", see(aJob(2, perIndex(3), policy(onCodes("Count", "In", 143), ignoreDisruption)), aPod(0, 0, exited(143, 95), disrupted(90))), "DisruptionCounted", "0", "podFailurePolicy.rules[0] took it first"},
		{"a disruption that a rule took, and none would ignore", see(aJob(2, perIndex(3), policy(onCodes("FailIndex", "In", 143))), aPod(0, 0, exited(143, 95), disrupted(90))), "DisruptionCounted", "0", "no rule of podFailurePolicy ignores DisruptionTarget"},
		{"not one that a rule is meant for", see(aJob(2, perIndex(3), policy(onCondition("FailIndex", corev1.DisruptionTarget, corev1.ConditionTrue))), aPod(0, 0, exited(143, 95), disrupted(90))), "DisruptionCounted", "none", ""},
		{"not one that did not come about", see(aJob(2, perIndex(3)), aPod(0, 0, exited(143, 95), hasCondition(corev1.DisruptionTarget, corev1.ConditionFalse, "", 90))), "DisruptionCounted", "none", ""},
		{"not one that is ignored", see(aJob(2, perIndex(3), policy(ignoreDisruption)), aPod(0, 0, exited(143, 95), disrupted(90))), "DisruptionCounted", "none", ""},
		{"a deletion without the condition", see(aJob(2, perIndex(3)), aPod(0, 0, deleted(90), exited(143, 95))), "SuspectedDisruption", "0", ""},
		{"a rule matched a sidecar", see(aJob(2, perIndex(3), policy(onCodes("Ignore", "In", 143))), aPod(0, 0, exited(1, 95), withContainer(evidence.Sidecar, "proxy", 143, 96))), "SidecarMatched", "0", "podFailurePolicy.rules[0] names no container and matched the exit code of sidecar proxy"},
		{"out of memory, with a limit", see(aJob(2, perIndex(3), memoryLimit("64Mi")), aPod(0, 0, exited(137, 95), oom)), "OOMKilled", "0", "its memory limit is 64Mi"},
		{"out of memory, without", see(aJob(2, perIndex(3)), aPod(0, 0, exited(137, 95), oom)), "OOMKilled", "0", "no memory limit is set on it"},
		{"failures on one node of two", see(aJob(9, perIndex(3), completed("8", 1)), gathered...), "GatheredOnNode", "0-7", "8 of the 8 attempts with main exited 1 ran on node bad, one of 2"},
		{"failures within a minute of many", see(aJob(5, perIndex(3)), gathered[:4]...).at(900), "GatheredInTime", "0-3", "4 of the 4 attempts with main exited 1 ended within a minute from 00:00:05Z"},
		{"not where the Job ran for a minute or two", see(aJob(5, perIndex(3)), gathered[:4]...), "GatheredInTime", "none", ""},
		{"not where they are spread", see(aJob(5, perIndex(3)), aPod(0, 0, exited(1, 5)), aPod(1, 0, exited(1, 6)), aPod(2, 0, exited(1, 66)), aPod(3, 0, exited(1, 400))).at(900), "GatheredInTime", "none", ""},
		{"not where there is but one node", see(aJob(5, perIndex(3)), gathered[:4]...), "GatheredOnNode", "none", ""},
		{"without maxFailedIndexes every index ran", see(aJob(2, perIndex(0), failedIndexes("0"), completed("1", 1), failures(1), failedJob(90, "FailedIndexes"))), "NoMaxFailedIndexes", "0", ""},
		{"not with it", see(aJob(2, perIndex(0), maxFailedIndexes(1), failedIndexes("0"), completed("1", 1), failures(1), failedJob(90, "FailedIndexes"))), "NoMaxFailedIndexes", "none", ""},
		{"an index in both lists stops the Job", see(aJob(1, perIndex(0)), aPod(0, 0, exited(1, 50)), aPod(0, 1, succeeded(50))), "StuckStatus", "0", "the Job stands still"},
	} {
		t.Run(c.name, func(t *testing.T) { wantFinding(t, c.seen.explain(), c.kind, c.indexes, c.says) })
	}
}

// wantFinding of a kind about these indexes, or none.
func wantFinding(t *testing.T, e *v1alpha1.Explanation, kind v1alpha1.FindingKind, about, says string) {
	t.Helper()
	found := false
	var told []string
	for _, f := range e.Findings {
		if f.Kind == kind {
			found = found || f.Indexes == about && strings.Contains(f.Message, says)
			told = append(told, f.Indexes+" "+f.Message)
		}
	}
	if about == "none" && told != nil || about != "none" && !found {
		t.Errorf("got %q, want %q %q", told, about, says)
	}
}
