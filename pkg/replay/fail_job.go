package replay

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// failJob is what the condition of a Job that failed by a FailJob rule says:
// the best evidence there is once the pod is gone.
type failJob struct {
	// named: the message names a pod of a valid index.
	named     bool
	index     int32
	pod       string
	container string
	exitCode  *int32
	condition string
	rule      int32
}

// The two forms of the message (matchPodFailurePolicy in pod_failure_policy.go,
// v1.37.2).
var (
	failJobByCode      = regexp.MustCompile(`^Container (\S+) for pod (\S+) failed with exit code (-?\d+) matching FailJob rule at index (\d+)$`)
	failJobByCondition = regexp.MustCompile(`^Pod (\S+) has condition (\S+) matching FailJob rule at index (\d+)$`)
)

func (t *podTable) readFailJob() failJob {
	var told failJob
	if !t.verdict.is(batchv1.JobReasonPodFailurePolicy) {
		return told
	}
	message := t.verdict.condition.Message
	var pod, rule string
	if m := failJobByCode.FindStringSubmatch(message); m != nil {
		code, _ := strconv.ParseInt(m[3], 10, 32)
		told.container, told.exitCode = m[1], ptr.To(int32(code))
		pod, rule = m[2], m[4]
	} else if m := failJobByCondition.FindStringSubmatch(message); m != nil {
		pod, told.condition, rule = m[1], m[2], m[3]
	} else {
		return failJob{}
	}
	n, _ := strconv.ParseInt(rule, 10, 32)
	told.rule = int32(n)
	_, told.pod, _ = strings.Cut(pod, "/")
	if seen := t.failJobPod(told.pod); seen != nil {
		told.index, told.named = seen.Index, seen.ValidIndex
		return told
	}
	told.index, told.named = evidence.IndexOfPodName(t.job.Name, told.pod)
	told.named = told.named && told.index < t.completions
	return told
}

// failJobPod is the pod of that name, whatever its index.
func (t *podTable) failJobPod(name string) *podFacts {
	for _, pod := range t.pods {
		if pod.Name == name {
			return pod
		}
	}
	return nil
}

func (f failJob) words() string {
	if f.exitCode != nil {
		return fmt.Sprintf("%s exited %d, podFailurePolicy.rules[%d] (FailJob)", f.container, *f.exitCode, f.rule)
	}
	return fmt.Sprintf("condition %s, podFailurePolicy.rules[%d] (FailJob)", f.condition, f.rule)
}

func (f failJob) sentence() string {
	if f.exitCode != nil {
		return fmt.Sprintf("podFailurePolicy.rules[%d] (FailJob) matched: %s exited %d", f.rule, f.container, *f.exitCode)
	}
	return fmt.Sprintf("podFailurePolicy.rules[%d] (FailJob) matched: condition %s", f.rule, f.condition)
}

func (t *totals) namedByFailJob() indexes.Set {
	if !t.failJob.named {
		return indexes.Set{}
	}
	return indexes.Of(t.failJob.index)
}

func (t *totals) isNamedByFailJob(index int32) bool {
	return t.failJob.named && t.failJob.index == index
}

// withFailJobPod adds the pod that the condition names where nothing else
// tells of it, and what the condition says of it where an event does.
func (t *totals) withFailJobPod(index int32, attempts []v1alpha1.Attempt) []v1alpha1.Attempt {
	if !t.isNamedByFailJob(index) {
		return attempts
	}
	said := func(a *v1alpha1.Attempt) {
		a.Decision, a.Rule = v1alpha1.DecisionFailJob, ptr.To(t.failJob.rule)
		a.Failure = &v1alpha1.Failure{Container: t.failJob.container, ExitCode: t.failJob.exitCode, Condition: t.failJob.condition}
	}
	for i := range attempts {
		if attempts[i].Pod == t.failJob.pod {
			if attempts[i].Source != v1alpha1.SourcePod {
				said(&attempts[i])
			}
			return attempts
		}
	}
	attempt := v1alpha1.Attempt{Number: int32(len(attempts) + 1), Source: v1alpha1.SourceEvent, Pod: t.failJob.pod, Warnings: t.shared.none}
	said(&attempt)
	return append(attempts, attempt)
}
