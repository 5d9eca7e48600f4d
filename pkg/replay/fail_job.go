package replay

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
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

func (f *facts) readFailJob() failJob {
	var told failJob
	if !f.verdict.isFailJobDecision() {
		return told
	}
	message := f.verdict.condition.Message
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
	for _, seen := range f.pods {
		if seen.Name == told.pod {
			told.index, told.named = seen.index, seen.hasValidIndex
			return told
		}
	}
	told.index, told.named = indexOfName(f.job.Name, told.pod)
	told.named = told.named && told.index < f.completions
	return told
}

func (t failJob) words() string {
	if t.exitCode != nil {
		return fmt.Sprintf("%s exited %d: rule %d FailJob", t.container, *t.exitCode, t.rule)
	}
	return fmt.Sprintf("condition %s: rule %d FailJob", t.condition, t.rule)
}

func (t failJob) sentence() string {
	if t.exitCode != nil {
		return fmt.Sprintf("rule %d of podFailurePolicy is FailJob: %s exited %d", t.rule, t.container, *t.exitCode)
	}
	return fmt.Sprintf("rule %d of podFailurePolicy is FailJob: condition %s", t.rule, t.condition)
}

func (f *facts) namedByFailJob() indexes.Set {
	if !f.failJob.named {
		return indexes.Set{}
	}
	return indexes.Of(f.failJob.index)
}

// withFailJobPod adds the pod that the condition names where nothing else
// tells of it, and what the condition says of it where an event does.
func (f *facts) withFailJobPod(index int32, attempts []v1alpha1.Attempt) []v1alpha1.Attempt {
	if !f.isNamedByFailJob(index) {
		return attempts
	}
	said := func(a *v1alpha1.Attempt) {
		a.Decision, a.Rule = v1alpha1.DecisionFailJob, ptr.To(f.failJob.rule)
		a.Failure = &v1alpha1.Failure{Container: f.failJob.container, ExitCode: f.failJob.exitCode, Condition: f.failJob.condition}
	}
	for i := range attempts {
		if attempts[i].Pod == f.failJob.pod {
			if attempts[i].Source != v1alpha1.SourcePod {
				said(&attempts[i])
			}
			return attempts
		}
	}
	attempt := v1alpha1.Attempt{Number: int32(len(attempts) + 1), Source: v1alpha1.SourceEvent, Pod: f.failJob.pod}
	said(&attempt)
	return append(attempts, attempt)
}
