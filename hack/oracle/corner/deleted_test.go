package corner

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/simulation"
)

func TestCorner18ADeletedPodFailsAnIndexThatAllowsNoFailureAtOnce(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0}`)
	s.Run()
	s.Settle()
	s.Delete(s.Pod(0))
	explains(t, s, `
		Running
		0 Failed BackoffLimitPerIndexExceeded 0+0
		1 Running FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
	explains(t, s, `
		Running, can only end Failed
		0 Failed BackoffLimitPerIndexExceeded 0+0
		1 Running FirstAttempt 0+0
	`)
	s.Terminate(0)
	s.Settle()
	decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
	explains(t, s, `
		Running, can only end Failed
		0 Failed BackoffLimitPerIndexExceeded 0+0 at least
		1 Running FirstAttempt 0+0
	`)
}

func TestCorner19ADeletedPodThatExitsZeroWithinItsDelayCompletesItsIndex(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 1}`)
	s.Run()
	s.Settle()
	s.Delete(s.Pod(0))
	s.Settle()
	decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Terminating BackoffDelay 0+0 retry 00:00:10
		1 Running FirstAttempt 0+0
	`)
	wait(s, 9*time.Second)
	isActive(t, s, 1)
	s.Terminate(0)
	explains(t, s, `
		Running
		0 Succeeded FirstAttempt 0+0
		1 Running FirstAttempt 0+0
	`)
	s.Settle()
	decides(t, s, `active 1, failed 0, completed "0", failed indexes ""`)
	explains(t, s, `
		Running
		0 Succeeded HistoryGone 0+0 at least
		1 Running FirstAttempt 0+0
	`)
}

func TestCorner20WithFailedADeletedPodIsJudgedByItsEnd(t *testing.T) {
	for _, test := range []struct {
		name                string
		code                int32
		status, explanation string
	}{
		{"exits zero", 0, `active 1, failed 0, completed "0", failed indexes ""`, `
				Running
				0 Succeeded HistoryGone 0+0 at least
				1 Running FirstAttempt 0+0
			`},
		{"exits 143", 143, `active 1, failed 1, completed "", failed indexes "0"`, `
				Running, can only end Failed
				0 Failed BackoffLimitPerIndexExceeded 0+0 at least
				1 Running FirstAttempt 0+0
			`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0, podReplacementPolicy: Failed}`)
			s.Run()
			s.Settle()
			s.Delete(s.Pod(0))
			s.Settle()
			decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
			explains(t, s, `
				Running
				0 Terminating 0+0
				1 Running FirstAttempt 0+0
			`)
			s.Terminate(test.code)
			s.Settle()
			decides(t, s, test.status)
			explains(t, s, test.explanation)
		})
	}
}

func TestCorner21ADrainIsIgnoredAndAPlainDeletionIsNot(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
	s.Run()
	s.Settle()
	s.Disrupt(s.Pod(0), "EvictionByEvictionAPI")
	s.Settle()
	s.Terminate(143)
	s.Settle()
	decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 BackingOff BackoffDelay 0+1 retry 00:00:10
		1 Running FirstAttempt 0+0
	`)
	wait(s, 10*time.Second)
	bornWith(t, s, 0, "0", "1")
	s.Run(s.Pod(0))
	s.Settle()
	s.Delete(s.Pod(0))
	s.Terminate(143)
	s.Settle()
	decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
	explains(t, s, `
		Running, can only end Failed
		0 Failed BackoffLimitPerIndexExceeded 0+0 at least
		1 Running FirstAttempt 0+0
	`)
}

func TestCorner39ThePodsIndexIsTheAnnotationAndNotTheLabel(t *testing.T) {
	unannotate := func(pod *corev1.Pod) { delete(pod.Annotations, batchv1.JobCompletionIndexAnnotation) }
	t.Run("active", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0}`)
		s.EditPod(s.Pod(0), unannotate)
		explains(t, s, `
			Running
			0 Waiting ParallelismLimit 0+0
			1 Pending NotScheduled 0+0
		`)
		s.Settle()
		decides(t, s, `active 2, failed 0, completed "", failed indexes ""`)
		bornWith(t, s, 0, "0", "")
		explains(t, s, `
			Running
			0 Pending NotScheduled 0+0
			1 Pending NotScheduled 0+0
		`)
	})
	t.Run("succeeded", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0}`)
		s.Exit(s.Pod(0), 0)
		s.EditPod(s.Pod(0), unannotate)
		s.Settle()
		decides(t, s, `active 2, failed 0, completed "", failed indexes ""`)
		bornWith(t, s, 0, "0", "")
		explains(t, s, `
			Running
			0 Pending NotScheduled 0+0
			1 Pending NotScheduled 0+0
		`)
	})
}

func TestCorner40AnOrphanThatSucceededIsAdoptedAndCompletesItsIndex(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 1}`)
	s.AddPod(s.Pod(0), "orphan", func(pod *corev1.Pod) {
		pod.OwnerReferences, pod.Finalizers = nil, nil
		pod.Annotations[batchv1.JobCompletionIndexAnnotation] = "1"
		pod.Status.Phase = corev1.PodSucceeded
	})
	explains(t, s, `
		Running
		0 Pending NotScheduled 0+0
		1 Succeeded FirstAttempt 0+0
	`)
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	decides(t, s, `active 1, failed 0, completed "1"`)
	s.Settle()
	explains(t, s, `
		Running
		0 Pending NotScheduled 0+0
		1 Succeeded FirstAttempt 0+0
	`)
}

func TestCorner49APodInPhaseUnknownIsActive(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0}`)
	s.Run()
	s.EditPod(s.Pod(0), func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodUnknown })
	wait(s, time.Hour)
	decides(t, s, `active 2, failed 0, completed "", failed indexes ""`)
	isActive(t, s, 0, 1)
	explains(t, s, `
		Running
		0 Pending NotStarted 0+0
		1 Running FirstAttempt 0+0
	`)
	s.Delete(s.Pod(0))
	s.Settle()
	decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
	explains(t, s, `
		Running, can only end Failed
		0 Failed BackoffLimitPerIndexExceeded 0+0
		1 Running FirstAttempt 0+0
	`)
}

// The pod garbage collector is not run here: the phase and the condition are
// written as its two ways write them.
func TestCorner50APodOfALostNodeIsJudgedWhenItsPhaseIsSetForIt(t *testing.T) {
	t.Run("the node is gone", func(t *testing.T) {
		s := begin(t, `{completions: 1, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
		s.Run()
		s.Settle()
		wait(s, 40*time.Second)
		isActive(t, s, 0)
		s.EditPod(s.Pod(0), func(pod *corev1.Pod) {
			pod.Status.Phase = corev1.PodFailed
			pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
				Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "DeletionByPodGC",
			})
		})
		s.Delete(s.Pod(0))
		s.Settle()
		decides(t, s, `active 0, failed 0, completed "", failed indexes ""`)
		explains(t, s, `
			Running
			0 BackingOff BackoffDelay 0+1 retry 00:00:50
		`)
		wait(s, 10*time.Second)
		bornWith(t, s, 0, "0", "1")
	})
	t.Run("the node is out of service", func(t *testing.T) {
		s := begin(t, `{completions: 1, backoffLimitPerIndex: 0, `+ignoreDisruption+`}`)
		s.Run()
		s.Settle()
		s.Delete(s.Pod(0))
		s.Settle()
		decides(t, s, `active 0, failed 0, completed "", failed indexes ""`)
		explains(t, s, `
			Running
			0 Terminating 0+0
		`)
		s.EditPod(s.Pod(0), func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed })
		s.Settle()
		decides(t, s, `active 0, failed 1, completed "", failed indexes "0", FailureTarget FailedIndexes, Failed FailedIndexes`)
		explains(t, s, `
			Failed FailedIndexes
			0 Failed BackoffLimitPerIndexExceeded 1+0
		`)
	})
}

// The kubelet's restart in place, by a container's restart rules, is written
// here as it leaves it.
func TestCorner55ARestartInPlaceIsNoFailure(t *testing.T) {
	s := begin(t, `{completions: 1, backoffLimit: 0}`)
	s.Run()
	s.EditPod(s.Pod(0), func(pod *corev1.Pod) {
		status := &pod.Status.ContainerStatuses[0]
		status.RestartCount = 1
		status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 42}
	})
	s.Settle()
	decides(t, s, `active 1, failed 0, completed ""`)
	explains(t, s, `
		Running
		0 Running FirstAttempt 0+0
	`)
	s.Exit(s.Pod(0), 0)
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "0", SuccessCriteriaMet CompletionsReached, Complete CompletionsReached`)
	explains(t, s, `
		Complete CompletionsReached
		0 Succeeded FirstAttempt 0+0
	`)
}

func TestCorner56AChangedReplacementPolicyJudgesADeletedPodAnew(t *testing.T) {
	replace := func(s *simulation.Simulation, policy batchv1.PodReplacementPolicy) {
		s.MustEditJob(func(spec *batchv1.JobSpec) { spec.PodReplacementPolicy = &policy })
		s.Settle()
	}
	t.Run("it had counted and does not count again", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0}`)
		s.Run()
		s.Settle()
		s.Delete(s.Pod(0))
		s.Settle()
		decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
		replace(s, batchv1.Failed)
		decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
		explains(t, s, `
			Running, can only end Failed
			0 Failed BackoffLimitPerIndexExceeded 0+0 at least
			1 Running HistoryGone 0+0
		`)
		s.Terminate(143)
		s.Settle()
		decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
		explains(t, s, `
			Running, can only end Failed
			0 Failed BackoffLimitPerIndexExceeded 0+0 at least
			1 Running HistoryGone 0+0
		`)
	})
	t.Run("it had counted, without a limit per index", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimit: 3}`)
		s.Run()
		s.Settle()
		s.Delete(s.Pod(0))
		s.Settle()
		decides(t, s, `active 1, failed 1, completed ""`)
		replace(s, batchv1.Failed)
		decides(t, s, `active 1, failed 1, completed ""`)
		explains(t, s, `
			Running
			0 Terminating 0+0 at least
			1 Running HistoryGone 0+0 at least
		`)
		s.Terminate(143)
		s.Settle()
		decides(t, s, `active 1, failed 1, completed ""`)
		wait(s, 10*time.Second) // from the deletion: the controller's memory
		decides(t, s, `active 2, failed 1, completed ""`)
		explains(t, s, `
			Running
			0 Pending NotScheduled 0+0 at least
			1 Running HistoryGone 0+0 at least
		`)
	})
	t.Run("its delay had not passed", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 1}`)
		s.Run()
		s.Settle()
		s.Delete(s.Pod(0))
		s.Settle()
		decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
		replace(s, batchv1.Failed)
		wait(s, time.Minute)
		isActive(t, s, 1)
		decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
		explains(t, s, `
			Running
			0 Terminating 0+0
			1 Running HistoryGone 0+0
		`)
		s.Terminate(0)
		s.Settle()
		decides(t, s, `active 1, failed 0, completed "0", failed indexes ""`)
		explains(t, s, `
			Running
			0 Succeeded HistoryGone 0+0 at least
			1 Running HistoryGone 0+0
		`)
	})
	t.Run("with TerminatingOrFailed it has failed", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 0, podReplacementPolicy: Failed}`)
		s.Run()
		s.Settle()
		s.Delete(s.Pod(0))
		s.Settle()
		decides(t, s, `active 1, failed 0, completed "", failed indexes ""`)
		replace(s, batchv1.TerminatingOrFailed)
		decides(t, s, `active 1, failed 1, completed "", failed indexes "0"`)
		explains(t, s, `
			Running, can only end Failed
			0 Failed BackoffLimitPerIndexExceeded 0+0
			1 Running HistoryGone 0+0
		`)
	})
}
