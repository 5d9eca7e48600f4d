package corner

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestCorner05AllIndexesThatFailInOneSyncAreListed(t *testing.T) {
	s := begin(t, `{completions: 5, parallelism: 5, backoffLimitPerIndex: 0, maxFailedIndexes: 1}`)
	s.Run()
	for index := range 3 {
		s.Exit(s.Pod(index), 1)
	}
	explains(t, s, `
		Running, next MaxFailedIndexesExceeded, can only end Failed
		0 Failed BackoffLimitPerIndexExceeded 1+0
		1 Failed BackoffLimitPerIndexExceeded 1+0
		2 Failed BackoffLimitPerIndexExceeded 1+0
		3 Running FirstAttempt 0+0
		4 Running FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 5, completed "", failed indexes "0-2", FailureTarget MaxFailedIndexesExceeded`)
	explains(t, s, `
		Failing MaxFailedIndexesExceeded
		0 Failed BackoffLimitPerIndexExceeded 1+0
		1 Failed BackoffLimitPerIndexExceeded 1+0
		2 Failed BackoffLimitPerIndexExceeded 1+0
		3 Stopped WhileRunning 0+0
		4 Stopped WhileRunning 0+0
	`)
}

func TestCorner06TheFirstFailIndexEndsAJobThatAllowsNone(t *testing.T) {
	s := begin(t, `{completions: 4, parallelism: 3, backoffLimitPerIndex: 5, maxFailedIndexes: 0, podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: In, values: [42]}}]}}`)
	s.Run()
	s.Exit(s.Pod(1), 42)
	s.Settle()
	decides(t, s, `active 0, failed 3, completed "", failed indexes "1", FailureTarget MaxFailedIndexesExceeded`)
	explains(t, s, `
		Failing MaxFailedIndexesExceeded
		0 Stopped WhileRunning 0+0
		1 Failed FailIndexRule 1+0
		2 Stopped WhileRunning 0+0
		3 NeverStarted 0+0
	`)
	s.Terminate(143)
	s.Settle()
	decides(t, s, `active 0, failed 3, completed "", failed indexes "1", FailureTarget MaxFailedIndexesExceeded, Failed MaxFailedIndexesExceeded`)
	explains(t, s, `
		Failed MaxFailedIndexesExceeded
		0 Stopped PodGone 0+0 at least
		1 Failed FailIndexRule 1+0
		2 Stopped PodGone 0+0 at least
		3 NeverStarted 0+0
	`)
}

func TestCorner28TheDeadlineCountsTheWaitingAndTheRunning(t *testing.T) {
	s := begin(t, `{completions: 4, parallelism: 4, backoffLimitPerIndex: 1, activeDeadlineSeconds: 15, podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: In, values: [42]}}]}}`)
	s.Run()
	s.Exit(s.Pod(0), 42)
	s.Settle()
	s.Advance(10 * time.Second)
	s.Exit(s.Pod(1), 1)
	s.Settle()
	decides(t, s, `active 2, failed 1, completed "", failed indexes "0"`)
	explains(t, s, `
		Running, can only end Failed
		0 Failed FailIndexRule 1+0
		1 BackingOff BackoffDelay 1+0 retry 00:00:20
		2 Running FirstAttempt 0+0
		3 Running FirstAttempt 0+0
	`)
	s.Advance(5 * time.Second)
	explains(t, s, `
		Running, next DeadlineExceeded, can only end Failed
		0 Failed FailIndexRule 1+0
		1 BackingOff JobFailing 1+0
		2 Running FirstAttempt 0+0
		3 Running FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 4, completed "", failed indexes "0", FailureTarget DeadlineExceeded`)
	explains(t, s, `
		Failing DeadlineExceeded
		0 Failed FailIndexRule 1+0
		1 Stopped AfterFailure 1+0
		2 Stopped WhileRunning 0+0
		3 Stopped WhileRunning 0+0
	`)
}

func TestCorner29TheDeadlineBeatsTheLastSuccessOfTheSameSync(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, activeDeadlineSeconds: 15}`)
	s.Run()
	s.Advance(15 * time.Second)
	s.Exit(s.Pod(0), 0)
	s.Exit(s.Pod(1), 0)
	explains(t, s, `
		Running, next DeadlineExceeded and CompletionsReached
		0 Succeeded FirstAttempt 0+0
		1 Succeeded FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "0,1", FailureTarget DeadlineExceeded, Failed DeadlineExceeded`)
	explains(t, s, `
		Failed DeadlineExceeded
		0 Succeeded FirstAttempt 0+0
		1 Succeeded FirstAttempt 0+0
	`)
}

func TestCorner30TheBackoffLimitBeatsTheLastSuccessOfTheSameSync(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimit: 0}`)
	s.Run()
	s.Exit(s.Pod(0), 0)
	s.Exit(s.Pod(1), 0)
	s.Exit(s.AddPod(s.Pod(1), "duplicate", func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodPending }), 1)
	explains(t, s, `
		Running, next BackoffLimitExceeded and CompletionsReached
		0 Succeeded FirstAttempt 0+0
		1 Succeeded AfterRetries 1+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 1, completed "0,1", FailureTarget BackoffLimitExceeded, Failed BackoffLimitExceeded`)
	explains(t, s, `
		Failed BackoffLimitExceeded
		0 Succeeded FirstAttempt 0+0
		1 Succeeded AfterRetries 1+0
	`)
}

func TestCorner43ALoweredLimitEndsTheJobWithoutAnotherFailure(t *testing.T) {
	t.Run("maxFailedIndexes", func(t *testing.T) {
		s := begin(t, `{completions: 4, parallelism: 4, backoffLimitPerIndex: 0, maxFailedIndexes: 3}`)
		s.Run()
		s.Exit(s.Pod(0), 1)
		s.Exit(s.Pod(1), 1)
		s.Settle()
		decides(t, s, `active 2, failed 2, completed "", failed indexes "0,1"`)
		one := int32(1)
		s.MustEditJob(func(spec *batchv1.JobSpec) { spec.MaxFailedIndexes = &one })
		explains(t, s, `
			Running, next MaxFailedIndexesExceeded, can only end Failed
			0 Failed BackoffLimitPerIndexExceeded 1+0
			1 Failed BackoffLimitPerIndexExceeded 1+0
			2 Running HistoryGone 0+0
			3 Running HistoryGone 0+0
		`)
		s.Settle()
		decides(t, s, `active 0, failed 4, completed "", failed indexes "0,1", FailureTarget MaxFailedIndexesExceeded`)
		explains(t, s, `
			Failing MaxFailedIndexesExceeded
			0 Failed BackoffLimitPerIndexExceeded 1+0
			1 Failed BackoffLimitPerIndexExceeded 1+0
			2 Stopped WhileRunning 0+0
			3 Stopped WhileRunning 0+0
		`)
	})
	t.Run("backoffLimit", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimit: 3}`)
		s.Run()
		s.Exit(s.Pod(0), 1)
		s.Settle()
		wait(s, 10*time.Second)
		decides(t, s, `active 2, failed 1, completed ""`)
		none := int32(0)
		s.MustEditJob(func(spec *batchv1.JobSpec) { spec.BackoffLimit = &none })
		explains(t, s, `
			Running, next BackoffLimitExceeded
			0 Pending NotScheduled 1+0 at least
			1 Running HistoryGone 0+0 at least
		`)
		s.Settle()
		decides(t, s, `active 0, failed 3, completed "", FailureTarget BackoffLimitExceeded`)
		explains(t, s, `
			Failing BackoffLimitExceeded
			0 Stopped PodGone 1+0 at least
			1 Stopped WhileRunning 0+0 at least
		`)
	})
}

func TestCorner44OneRestartInPlaceFailsAJobOfLimitNoneOrOne(t *testing.T) {
	for _, test := range []struct{ limit, status, explanation string }{
		{"0", `active 0, failed 2, completed "", FailureTarget BackoffLimitExceeded`, `
				Failing BackoffLimitExceeded
				0 Stopped WhileRunning 0+0
				1 Stopped WhileRunning 0+0
			`},
		{"1", `active 0, failed 2, completed "", FailureTarget BackoffLimitExceeded`, `
				Failing BackoffLimitExceeded
				0 Stopped WhileRunning 0+0
				1 Stopped WhileRunning 0+0
			`},
		{"2", `active 2, failed 0, completed ""`, `
				Running
				0 Running FirstAttempt 0+0
				1 Running FirstAttempt 0+0
			`},
	} {
		t.Run(test.limit, func(t *testing.T) {
			s := begin(t, `{completions: 2, parallelism: 2, backoffLimit: `+test.limit+`, `+restartOnFailure+`}`)
			s.Run()
			s.EditPod(s.Pod(1), func(pod *corev1.Pod) { pod.Status.InitContainerStatuses[0].RestartCount = 1 })
			s.Settle()
			decides(t, s, test.status)
			explains(t, s, test.explanation)
		})
	}
}

func TestCorner45RestartsInPlaceDoNotTouchTheCountOfAnIndex(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, `+restartOnFailure+`}`)
	s.Run()
	s.EditPod(s.Pod(0), func(pod *corev1.Pod) { pod.Status.ContainerStatuses[0].RestartCount = 7 })
	s.Settle()
	decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Running FirstAttempt 0+0
	`)
	s.Exit(s.Pod(0), 1)
	s.Settle()
	wait(s, 10*time.Second)
	bornWith(t, s, 0, "1", "")
}

func TestCorner46AJobOfNoIndexesIsCompleteAtOnce(t *testing.T) {
	for _, suspend := range []string{"false", "true"} {
		t.Run("suspend "+suspend, func(t *testing.T) {
			s := begin(t, `{completions: 0, suspend: `+suspend+`}`)
			decides(t, s, `active 0, failed 0, completed "", SuccessCriteriaMet CompletionsReached, Complete CompletionsReached`)
			explains(t, s, `
				Complete CompletionsReached
				CannotTell
			`)
		})
	}
}

func TestCorner54TheInterimConditionIsFinal(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimit: 0}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "", FailureTarget BackoffLimitExceeded`)
	many := int32(100)
	s.MustEditJob(func(spec *batchv1.JobSpec) { spec.BackoffLimit = &many })
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "", FailureTarget BackoffLimitExceeded`)
	explains(t, s, `
		Failing BackoffLimitExceeded
		0 Stopped AfterFailure 1+0 at least
		1 Stopped WhileRunning 0+0 at least
	`)
	s.Terminate(0)
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "", FailureTarget BackoffLimitExceeded, Failed BackoffLimitExceeded`)
	explains(t, s, `
		Failed BackoffLimitExceeded
		0 Stopped AfterFailure 1+0
		1 Stopped PodGone 0+0 at least
	`)
}

func TestCorner42NothingIsDecidedWhilePodsCannotBeDeleted(t *testing.T) {
	s := begin(t, `{completions: 3, parallelism: 3, backoffLimitPerIndex: 0, maxFailedIndexes: 0}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Refuse(func(verb, resource, _ string) bool { return verb == "delete" && resource == "pods" })
	for range 3 {
		if err := s.Sync(); err == nil || !strings.Contains(err.Error(), "is refused") {
			t.Errorf("syncing: %v", err)
		}
		decides(t, s, `active 2, failed 1, completed "", failed indexes "0"`)
		explains(t, s, `
			Running, next MaxFailedIndexesExceeded, can only end Failed
			0 Failed BackoffLimitPerIndexExceeded 1+0
			1 Running FirstAttempt 0+0
			2 Running FirstAttempt 0+0
		`)
	}
	s.Refuse(nil)
	s.Settle()
	decides(t, s, `active 0, failed 3, completed "", failed indexes "0", FailureTarget MaxFailedIndexesExceeded`)
	explains(t, s, `
		Failing MaxFailedIndexesExceeded
		0 Failed BackoffLimitPerIndexExceeded 1+0
		1 Stopped WhileRunning 0+0
		2 Stopped WhileRunning 0+0
	`)
}
