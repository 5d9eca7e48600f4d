package corner

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestCorner01ThePodOfAnIndexThatAllowsNoFailureFailsItAtOnce(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Settle()
	bornWith(t, s, 0, "0", "")
	decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
	explains(t, s, `
		Running, can only end Failed
		0 Failed BackoffLimitPerIndexExceeded 1+0
		1 Running FirstAttempt 0+0
	`)
	wait(s, time.Hour)
	if n := len(s.PodsOf(0)); n != 1 {
		t.Errorf("index 0 has %d pods", n)
	}
}

func TestCorner02IgnoredFailuresLengthenTheDelayButNotTheCount(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [5]}}]}}`)
	for i, attempt := range []struct {
		code             int32
		counted, ignored string
		delay            time.Duration
		explanation      string
	}{
		{5, "0", "", 10 * time.Second, `0 BackingOff BackoffDelay 0+1 retry 00:00:10`},
		{5, "0", "1", 20 * time.Second, `0 BackingOff BackoffDelay 0+2 retry 00:00:30`},
		{1, "0", "2", 40 * time.Second, `0 BackingOff BackoffDelay 1+2 retry 00:01:10`},
		{5, "1", "2", 80 * time.Second, `0 BackingOff BackoffDelay 1+3 retry 00:02:30`},
	} {
		bornWith(t, s, 0, attempt.counted, attempt.ignored)
		s.Exit(s.Pod(0), attempt.code)
		s.Settle()
		explains(t, s, "Running\n"+attempt.explanation)
		wait(s, attempt.delay-time.Second)
		isActive(t, s)
		wait(s, time.Second)
		isActive(t, s, 0)
		if n := len(s.PodsOf(0)); n != i+2 {
			t.Errorf("%d pods after failure %d", n, i+1)
		}
	}
	bornWith(t, s, 0, "1", "3")
	s.Exit(s.Pod(0), 1)
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`)
	explains(t, s, `
		Failed FailedIndexes
		0 Failed BackoffLimitPerIndexExceeded 2+3
	`)
}

func TestCorner03AFailedPodThatWaitsForItsReplacementIsNotCountedYet(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 1}`)
	s.Exit(s.Pod(0), 1)
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "", failed indexes ""`)
	if uncounted := s.Job().Status.UncountedTerminatedPods; uncounted == nil || len(uncounted.Failed) > 0 || !hasFinalizer(s.Pod(0)) {
		t.Errorf("uncounted %v, finalizers %v", uncounted, s.Pod(0).Finalizers)
	}
	explains(t, s, `
		Running
		0 BackingOff BackoffDelay 1+0 retry 00:00:10
	`)
	wait(s, 10*time.Second)
	decides(t, s, `active 1, failed 1, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Pending NotScheduled 1+0
	`)
}

func TestCorner04TheGlobalLimitHoldsBesideTheLimitPerIndex(t *testing.T) {
	s := begin(t, `{completions: 3, parallelism: 3, backoffLimit: 1, backoffLimitPerIndex: 5}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Exit(s.Pod(1), 1)
	explains(t, s, `
		Running, next BackoffLimitExceeded
		0 BackingOff JobFailing 1+0
		1 BackingOff JobFailing 1+0
		2 Running FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 3, completed "", failed indexes "", FailureTarget BackoffLimitExceeded`)
	explains(t, s, `
		Failing BackoffLimitExceeded
		0 Stopped AfterFailure 1+0
		1 Stopped AfterFailure 1+0
		2 Stopped WhileRunning 0+0
	`)
	s.Terminate(143)
	s.Settle()
	decides(t, s, `active 0, failed 3, completed "", failed indexes "", FailureTarget BackoffLimitExceeded, Failed BackoffLimitExceeded`)
	explains(t, s, `
		Failed BackoffLimitExceeded
		0 Stopped AfterFailure 1+0
		1 Stopped AfterFailure 1+0
		2 Stopped PodGone 0+0 at least
	`)
}

func TestCorner36TwoFailedPodsOfAnIndexRaiseItsCountByOne(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 3}`)
	s.Exit(s.Pod(0), 1)
	s.AddPod(s.Pod(0), "duplicate", func(pod *corev1.Pod) {})
	explains(t, s, `
		Running
		0 BackingOff BackoffDelay 1+0 retry 00:00:10
	`)
	s.Settle()
	wait(s, 10*time.Second)
	bornWith(t, s, 0, "1", "")
	decides(t, s, `active 1, failed 2, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Pending NotScheduled 1+0
	`)
}

// A count that is missing may have been lost with its chain: then the plugin
// says "at least".
func TestCorner37AnUnreadableCountIsNone(t *testing.T) {
	for count, sure := range map[string]string{"-7": "", "": " at least", "x": "", "2147483648": ""} {
		t.Run(count, func(t *testing.T) {
			s := begin(t, `{completions: 1, backoffLimitPerIndex: 3}`)
			s.EditPod(s.Pod(0), func(pod *corev1.Pod) {
				pod.Annotations[batchv1.JobIndexFailureCountAnnotation] = count
				if count == "" {
					delete(pod.Annotations, batchv1.JobIndexFailureCountAnnotation)
				}
			})
			s.Exit(s.Pod(0), 1)
			s.Settle()
			explains(t, s, `
				Running
				0 BackingOff BackoffDelay 1+0`+sure+` retry 00:00:10
			`)
			wait(s, 10*time.Second)
			bornWith(t, s, 0, "1", "")
		})
	}
}

func TestCorner38AFailureWhoseFinalizerIsTakenByHandIsLost(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimitPerIndex: 3}`)
	s.Exit(s.Pod(0), 1)
	s.EditPod(s.Pod(0), func(pod *corev1.Pod) { pod.Finalizers = nil })
	s.Settle()
	bornWith(t, s, 0, "0", "")
	decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Pending NotScheduled 0+0
	`)
}
