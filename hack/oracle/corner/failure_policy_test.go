package corner

import (
	"fmt"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/simulation"
)

const (
	ignoreDisruption = `podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}`
	failJob42        = `podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}]}`
)

// message of the condition that decided.
func message(s *simulation.Simulation) string {
	for _, c := range s.Job().Status.Conditions {
		if c.Type == batchv1.JobFailureTarget && c.Status == corev1.ConditionTrue {
			return c.Message
		}
	}
	return ""
}

func TestCorner07FailJobBeatsTooManyFailedIndexesOfTheSameSync(t *testing.T) {
	s := begin(t, `{completions: 3, parallelism: 3, backoffLimitPerIndex: 1, maxFailedIndexes: 0, podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}, {action: FailIndex, onExitCodes: {operator: In, values: [43]}}]}}`)
	s.Run()
	s.Exit(s.Pod(0), 43)
	s.Exit(s.Pod(1), 42)
	explains(t, s, `
		Running, next PodFailurePolicy and MaxFailedIndexesExceeded, can only end Failed
		0 Failed FailIndexRule 1+0
		1 BackingOff JobFailing 1+0
		2 Running FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 3, completed "", failed indexes "0", FailureTarget PodFailurePolicy`)
	if want := "Container main for pod default/job-1-00001 failed with exit code 42 matching FailJob rule at index 0"; message(s) != want {
		t.Errorf("got %q, want %q", message(s), want)
	}
	explains(t, s, `
		Failing PodFailurePolicy
		0 Failed FailIndexRule 1+0
		1 Stopped FailJobRule 1+0
		2 Stopped WhileRunning 0+0
	`)
}

func TestCorner08FailJobFailsItsOwnIndexOnlyAtItsLimit(t *testing.T) {
	for _, test := range []struct{ limit, status, explanation string }{
		{"1", `active 0, failed 2, completed "", failed indexes "", FailureTarget PodFailurePolicy`, `
				Failing PodFailurePolicy
				0 Stopped FailJobRule 1+0
				1 Stopped WhileRunning 0+0
			`},
		{"0", `active 0, failed 2, completed "", failed indexes "0", FailureTarget PodFailurePolicy`, `
				Failing PodFailurePolicy
				0 Failed BackoffLimitPerIndexExceeded 1+0
				1 Stopped WhileRunning 0+0
			`},
	} {
		t.Run("backoffLimitPerIndex "+test.limit, func(t *testing.T) {
			s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: `+test.limit+`, `+failJob42+`}`)
			s.Run()
			s.Exit(s.Pod(0), 42)
			s.Settle()
			decides(t, s, test.status)
			explains(t, s, test.explanation)
		})
	}
}

func TestCorner09FailJobDoesNotAskForAnIndex(t *testing.T) {
	for _, index := range []string{"7", "", "x"} {
		t.Run("index "+index, func(t *testing.T) {
			s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0, `+failJob42+`}`)
			s.Run()
			pod := s.Pod(0)
			s.Exit(pod, 42)
			s.EditPod(pod, func(pod *corev1.Pod) {
				pod.Annotations[batchv1.JobCompletionIndexAnnotation] = index
				if index == "" {
					delete(pod.Annotations, batchv1.JobCompletionIndexAnnotation)
				}
			})
			explains(t, s, `
				Running, next PodFailurePolicy
				0 Waiting JobFailing 0+0
				1 Running FirstAttempt 0+0
			`)
			s.Settle()
			decides(t, s, `active 0, failed 1, completed "", failed indexes "", FailureTarget PodFailurePolicy`)
			explains(t, s, `
				Failing PodFailurePolicy
				0 Stopped PodGone 0+0 at least
				1 Stopped WhileRunning 0+0
			`)
		})
	}
}

// Which of the two is named depends on the order of a map: both are right.
func TestCorner10EitherOfTwoPodsThatMatchFailJobMayBeNamed(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, `+failJob42+`}`)
	s.Exit(s.Pod(0), 42)
	s.Exit(s.Pod(1), 42)
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "", FailureTarget PodFailurePolicy, Failed PodFailurePolicy`)
	named := s.Explain().Conclusion.Trigger
	if named == nil || !strings.Contains(message(s), named.Pod+" ") {
		t.Errorf("the condition says %q, the plugin names %+v", message(s), named)
	}
}

func TestCorner11ASidecarKilledAtTheEndMatchesARuleWithoutContainerName(t *testing.T) {
	for _, test := range []struct{ name, rules, status, explanation string }{
		{
			"any container", `[{action: Ignore, onExitCodes: {operator: In, values: [143]}}, {action: FailJob, onExitCodes: {operator: In, values: [42]}}]`,
			`active 0, failed 0, completed "", failed indexes ""`, `
				Running
				0 BackingOff BackoffDelay 0+1 retry 00:00:10
			`,
		},
		{
			"main", `[{action: Ignore, onExitCodes: {containerName: main, operator: In, values: [143]}}, {action: FailJob, onExitCodes: {containerName: main, operator: In, values: [42]}}]`,
			`active 0, failed 1, completed "", failed indexes "", FailureTarget PodFailurePolicy, Failed PodFailurePolicy`, `
				Failed PodFailurePolicy
				0 Stopped FailJobRule 1+0
			`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, `+withSidecar+`, podFailurePolicy: {rules: `+test.rules+`}}`)
			s.Exit(s.Pod(0), 42)
			s.Settle()
			decides(t, s, test.status)
			explains(t, s, test.explanation)
		})
	}
}

func TestCorner12AnExitCodeOfZeroNeverMatches(t *testing.T) {
	rules := `podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: NotIn, values: [%d]}}]}`
	t.Run("NotIn 1 and only zeros", func(t *testing.T) {
		s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, `+fmt.Sprintf(rules, 1)+`}`)
		s.Exit(s.Pod(0), 0)
		s.EditPod(s.Pod(0), func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed })
		s.Settle()
		decides(t, s, `active 0, failed 0, completed "", failed indexes ""`)
		explains(t, s, `
			Running
			0 BackingOff BackoffDelay 1+0 retry 00:00:10
		`)
		wait(s, 10*time.Second)
		bornWith(t, s, 0, "1", "")
	})
	t.Run("NotIn 0 and seven", func(t *testing.T) {
		s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, `+fmt.Sprintf(rules, 0)+`}`)
		s.Exit(s.Pod(0), 7)
		s.Settle()
		decides(t, s, `active 0, failed 1, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`)
		explains(t, s, `
			Failed FailedIndexes
			0 Failed FailIndexRule 1+0
		`)
	})
}

func TestCorner13OneContainerOutsideTheListIsEnoughForNotIn(t *testing.T) {
	for _, test := range []struct {
		codes               []int32
		status, explanation string
	}{
		{[]int32{0, 3}, `active 0, failed 0, completed "", failed indexes ""`, `
				Running
				0 BackingOff BackoffDelay 1+0 retry 00:00:10
			`},
		{[]int32{3, 4}, `active 0, failed 1, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`, `
				Failed FailedIndexes
				0 Failed FailIndexRule 1+0
			`},
	} {
		t.Run(fmt.Sprint(test.codes), func(t *testing.T) {
			s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, `+withTwo+`, podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: NotIn, values: [3]}}]}}`)
			s.Exit(s.Pod(0), test.codes...)
			s.Settle()
			decides(t, s, test.status)
			explains(t, s, test.explanation)
		})
	}
}

// The kubelet's verdict OOMKilled is written here as the kubelet writes it.
func TestCorner14AnOOMKillIsNoDisruption(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
	s.Exit(s.Pod(0), 137)
	s.EditPod(s.Pod(0), func(pod *corev1.Pod) { pod.Status.ContainerStatuses[0].State.Terminated.Reason = "OOMKilled" })
	s.Settle()
	decides(t, s, `active 0, failed 1, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`)
	explains(t, s, `
		Failed FailedIndexes
		0 Failed BackoffLimitPerIndexExceeded 1+0
	`)
}

// That the kubelet adds the condition for node pressure, and not for the limits
// of local storage, is its business and not run here: both statuses are
// written as it writes them.
func TestCorner15AnEvictionForLocalStorageIsNoDisruption(t *testing.T) {
	evict := func(s *simulation.Simulation) {
		s.Run()
		s.EditPod(s.Pod(0), func(pod *corev1.Pod) {
			pod.Status.Phase, pod.Status.Reason = corev1.PodFailed, "Evicted"
			pod.Status.Message = "The node was low on resource: memory."
		})
	}
	t.Run("without the condition", func(t *testing.T) {
		s := begin(t, `{completions: 1, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
		evict(s)
		s.Settle()
		decides(t, s, `active 0, failed 1, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`)
		explains(t, s, `
			Failed FailedIndexes
			0 Failed BackoffLimitPerIndexExceeded 1+0
		`)
	})
	t.Run("with the condition", func(t *testing.T) {
		s := begin(t, `{completions: 1, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
		evict(s)
		s.Disrupt(s.Pod(0), corev1.PodReasonTerminationByKubelet)
		s.Settle()
		decides(t, s, `active 0, failed 0, completed "", failed indexes ""`)
		explains(t, s, `
			Running
			0 BackingOff BackoffDelay 0+1 retry 00:00:10
		`)
		wait(s, 10*time.Second)
		bornWith(t, s, 0, "0", "1")
	})
}

func TestCorner16TheOrderOfTheRulesDecides(t *testing.T) {
	count := `{action: Count, onPodConditions: [{type: DisruptionTarget}]}`
	failJob := `{action: FailJob, onExitCodes: {operator: NotIn, values: [0]}}`
	for _, test := range []struct{ name, rules, status, explanation string }{
		{"Count first", count + ", " + failJob, `active 0, failed 0, completed "", failed indexes ""`, `
				Running
				0 BackingOff BackoffDelay 1+0 retry 00:00:10
			`},
		{"FailJob first", failJob + ", " + count, `active 0, failed 1, completed "", failed indexes "", FailureTarget PodFailurePolicy, Failed PodFailurePolicy`, `
				Failed PodFailurePolicy
				0 Stopped FailJobRule 0+0 at least
				CannotTell
			`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, podFailurePolicy: {rules: [`+test.rules+`]}}`)
			s.Run()
			s.Settle()
			s.Disrupt(s.Pod(0), "PreemptionByScheduler")
			s.Terminate(143)
			s.Settle()
			decides(t, s, test.status)
			explains(t, s, test.explanation)
		})
	}
}

// The disruption controller, which takes the condition back after two minutes,
// is not run here: the condition is written as it leaves it.
func TestCorner17ADisruptionThatWasTakenBackDoesNotMatch(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
	s.Run()
	s.EditPod(s.Pod(0), func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionFalse})
	})
	s.Exit(s.Pod(0), 1)
	s.Settle()
	decides(t, s, `active 0, failed 1, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`)
	explains(t, s, `
		Failed FailedIndexes
		0 Failed BackoffLimitPerIndexExceeded 1+0
	`)
}

// An API server of this version refuses such an action: the Job is written as
// a newer one would have stored it.
func TestCorner47ARuleWithAnUnknownActionIsSkipped(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, podFailurePolicy: {rules: [{action: Count, onExitCodes: {operator: In, values: [1]}}, {action: FailIndex, onExitCodes: {operator: In, values: [1]}}]}}`)
	s.ForceJob(func(job *batchv1.Job) { job.Spec.PodFailurePolicy.Rules[0].Action = "Pause" })
	s.Exit(s.Pod(0), 1)
	s.Settle()
	decides(t, s, `active 0, failed 1, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`)
	explains(t, s, `
		Failed FailedIndexes
		0 Failed FailIndexRule 1+0
	`)
}

// The kubelet's refusal is written here as the kubelet writes it.
func TestCorner51APodRefusedAtAdmissionMatchesNoExitCodeAndWaitsFromItsCreation(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: NotIn, values: [0]}}]}}`)
	s.Advance(10 * time.Second)
	s.Reject(s.Pod(0), "OutOfcpu")
	explains(t, s, `
		Running
		0 BackingOff DueNow 1+0 retry 00:00:10
	`)
	s.Settle()
	bornWith(t, s, 0, "1", "")
	decides(t, s, `active 1, failed 1, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Pending NotScheduled 1+0
	`)
}

// The scheduler, which set the condition before a deletion that failed, is not
// run here.
func TestCorner52AFailureOfItsOwnBesideAConditionIsIgnored(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
	s.Run()
	s.EditPod(s.Pod(0), func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "PreemptionByScheduler",
		})
	})
	s.Advance(time.Minute)
	s.Exit(s.Pod(0), 1)
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 BackingOff BackoffDelay 0+1 retry 00:01:10
	`)
	wait(s, 10*time.Second)
	bornWith(t, s, 0, "0", "1")
}
