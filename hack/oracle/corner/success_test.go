package corner

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/controller/job"
)

func TestCorner31FailedIndexesBeatASuccessPolicyOfTheSameSync(t *testing.T) {
	const spec = `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0, successPolicy: {rules: [{succeededIndexes: "0"}]}}`
	t.Run("in one sync", func(t *testing.T) {
		s := begin(t, spec)
		s.Exit(s.Pod(0), 0)
		s.Exit(s.Pod(1), 1)
		explains(t, s, `
			Running, next FailedIndexes and SuccessPolicy
			0 Succeeded FirstAttempt 0+0
			1 Failed BackoffLimitPerIndexExceeded 1+0
		`)
		s.Settle()
		decides(t, s, `active 0, failed 1, completed "0", failed indexes "1", FailureTarget FailedIndexes, Failed FailedIndexes`)
		explains(t, s, `
			Failed FailedIndexes
			0 Succeeded FirstAttempt 0+0
			1 Failed BackoffLimitPerIndexExceeded 1+0
		`)
	})
	t.Run("one sync earlier", func(t *testing.T) {
		s := begin(t, spec)
		s.Run()
		s.Exit(s.Pod(0), 0)
		s.Settle()
		s.Terminate(1)
		s.Settle()
		decides(t, s, `active 0, failed 0, completed "0", failed indexes "", SuccessCriteriaMet SuccessPolicy, Complete SuccessPolicy`)
		explains(t, s, `
			Complete SuccessPolicy
			0 Succeeded FirstAttempt 0+0
			1 Stopped PodGone 0+0 at least
		`)
	})
}

func TestCorner32ASuccessPolicyCompletesAJobWithFailedIndexes(t *testing.T) {
	s := begin(t, `{completions: 4, parallelism: 4, backoffLimitPerIndex: 0, successPolicy: {rules: [{succeededIndexes: "0"}]}}`)
	s.Run()
	s.Exit(s.Pod(1), 1)
	s.Settle()
	decides(t, s, `active 3, failed 1, completed "", failed indexes "1"`)
	explains(t, s, `
		Running
		0 Running FirstAttempt 0+0
		1 Failed BackoffLimitPerIndexExceeded 1+0
		2 Running FirstAttempt 0+0
		3 Running FirstAttempt 0+0
	`)
	s.Exit(s.Pod(0), 0)
	s.Delete(s.Pod(2)) // as a sync would that decides; that pod would not fail its index
	explains(t, s, `
		Running, next SuccessPolicy
		0 Succeeded FirstAttempt 0+0
		1 Failed BackoffLimitPerIndexExceeded 1+0
		2 Failed BackoffLimitPerIndexExceeded 0+0
		3 Running FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "0", failed indexes "1,2", SuccessCriteriaMet SuccessPolicy`)
	explains(t, s, `
		Succeeding SuccessPolicy
		0 Succeeded FirstAttempt 0+0
		1 Failed BackoffLimitPerIndexExceeded 1+0
		2 Failed BackoffLimitPerIndexExceeded 0+0
		3 Stopped WhileRunning 0+0
	`)
	s.Terminate(143)
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "0", failed indexes "1,2", SuccessCriteriaMet SuccessPolicy, Complete SuccessPolicy`)
	explains(t, s, `
		Complete SuccessPolicy
		0 Succeeded FirstAttempt 0+0
		1 Failed BackoffLimitPerIndexExceeded 1+0
		2 Failed BackoffLimitPerIndexExceeded 0+0 at least
		3 Stopped PodGone 0+0 at least
	`)
}

func TestCorner33ACountOfNoneNeedsOneSuccess(t *testing.T) {
	s := begin(t, `{completions: 3, parallelism: 3, successPolicy: {rules: [{succeededCount: 0}]}}`)
	decides(t, s, `active 3, failed 0, completed ""`)
	explains(t, s, `
		Running
		0 Pending NotScheduled 0+0
		1 Pending NotScheduled 0+0
		2 Pending NotScheduled 0+0
	`)
	s.Exit(s.Pod(1), 0)
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "1", SuccessCriteriaMet SuccessPolicy, Complete SuccessPolicy`)
	explains(t, s, `
		Complete SuccessPolicy
		0 Stopped PodGone 0+0 at least
		1 Succeeded FirstAttempt 0+0
		2 Stopped PodGone 0+0 at least
	`)
}

func TestCorner34ASuccessPolicyBeatsReachedCompletions(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, successPolicy: {rules: [{succeededIndexes: "0,1"}]}}`)
	s.Exit(s.Pod(0), 0)
	s.Exit(s.Pod(1), 0)
	explains(t, s, `
		Running, next SuccessPolicy and CompletionsReached
		0 Succeeded FirstAttempt 0+0
		1 Succeeded FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "0,1", SuccessCriteriaMet SuccessPolicy, Complete SuccessPolicy`)
	explains(t, s, `
		Complete SuccessPolicy
		0 Succeeded FirstAttempt 0+0
		1 Succeeded FirstAttempt 0+0
	`)
}

func TestCorner35AnIndexThatFailedAndSucceededInOneSyncFreezesTheJob(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0}`)
	s.Exit(s.Pod(0), 1)
	s.AddPod(s.Pod(0), "duplicate", func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded })
	for range 3 {
		if err := s.Sync(); err == nil || !strings.Contains(err.Error(), "overlap at index: 0") {
			t.Errorf("syncing: %v", err)
		}
		decides(t, s, `active 2, failed 0, completed "", failed indexes ""`)
		explains(t, s, `
			Running
			0 Unknown StatusRefused 1+0 at least
			1 Failed BackoffLimitPerIndexExceeded 0+0
		`)
		if found := s.Explain().Findings; len(found) == 0 || found[0].Kind != "StuckStatus" || found[0].Indexes != "0" {
			t.Errorf("findings %+v", found)
		}
	}
	// The duplicate loses its finalizer. Index 1, whose pod the controller has
	// deleted in vain, fails by that.
	s.EditPod(s.PodsOf(0)[0], func(pod *corev1.Pod) { pod.Finalizers = nil })
	s.Settle()
	decides(t, s, `active 0, failed 2, completed "", failed indexes "0,1", FailureTarget FailedIndexes, Failed FailedIndexes`)
	explains(t, s, `
		Failed FailedIndexes
		0 Failed BackoffLimitPerIndexExceeded 1+0
		1 Failed BackoffLimitPerIndexExceeded 0+0 at least
	`)
}

// The controller accounts for 500 pods in one sync; here for two.
func TestCorner41PodsKilledBeyondTheFirst500MayFailTheirIndexes(t *testing.T) {
	before := job.MaxUncountedPods
	job.MaxUncountedPods = 2
	t.Cleanup(func() { job.MaxUncountedPods = before })
	s := begin(t, `{completions: 5, parallelism: 5, backoffLimitPerIndex: 0, maxFailedIndexes: 0}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Settle()
	decides(t, s, `active 0, failed 5, completed "", failed indexes "0,2-4", FailureTarget MaxFailedIndexesExceeded`)
	explains(t, s, `
		Failing MaxFailedIndexesExceeded
		0 Failed BackoffLimitPerIndexExceeded 1+0
		1 Stopped WhileRunning 0+0
		2 Failed BackoffLimitPerIndexExceeded 0+0
		3 Failed BackoffLimitPerIndexExceeded 0+0
		4 Failed BackoffLimitPerIndexExceeded 0+0
	`)
	s.Terminate(143)
	s.Settle()
	decides(t, s, `active 0, failed 5, completed "", failed indexes "0,2-4", FailureTarget MaxFailedIndexesExceeded, Failed MaxFailedIndexesExceeded`)
	explains(t, s, `
		Failed MaxFailedIndexesExceeded
		0 Failed BackoffLimitPerIndexExceeded 1+0
		1 Stopped PodGone 0+0 at least
		2 Failed BackoffLimitPerIndexExceeded 0+0 at least
		3 Failed BackoffLimitPerIndexExceeded 0+0 at least
		4 Failed BackoffLimitPerIndexExceeded 0+0 at least
	`)
}
