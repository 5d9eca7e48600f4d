package corner

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"
)

func TestCorner22AnIndexInBackoffHoldsItsSlot(t *testing.T) {
	s := begin(t, `{completions: 5, parallelism: 2, backoffLimitPerIndex: 1}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Settle()
	isActive(t, s, 1)
	explains(t, s, `
		Running
		0 BackingOff BackoffDelay 1+0 retry 00:00:10
		1 Running FirstAttempt 0+0
		2-4 Waiting BehindBackoff 0+0
	`)
	// Two free slots reach the second index, past the one in backoff.
	s.Exit(s.Pod(1), 0)
	s.Settle()
	isActive(t, s, 2)
	explains(t, s, `
		Running
		0 BackingOff BackoffDelay 1+0 retry 00:00:10
		1 Succeeded FirstAttempt 0+0
		2 Pending NotScheduled 0+0
		3-4 Waiting BehindBackoff 0+0
	`)
}

func TestCorner23WithoutALimitPerIndexAFailureDelaysAllAndASuccessReleasesAll(t *testing.T) {
	s := begin(t, `{completions: 5, parallelism: 2}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Settle()
	isActive(t, s, 1)
	explains(t, s, `
		Running
		0 BackingOff BackoffDelay 1+0 retry 00:00:10
		1 Running FirstAttempt 0+0
		2-4 Waiting BehindBackoff 0+0
	`)
	s.Advance(time.Second)
	s.Exit(s.Pod(1), 0)
	s.Settle()
	isActive(t, s, 0, 2)
	explains(t, s, `
		Running
		0 Pending NotScheduled 1+0
		1 Succeeded FirstAttempt 0+0
		2 Pending NotScheduled 0+0
		3-4 Waiting ParallelismLimit 0+0
	`)
}

func TestCorner24SuspendingCutsTheChainOfAnIndexThatRuns(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 3}`)
	s.Run()
	s.Exit(s.Pod(0), 1)
	s.Settle()
	wait(s, 10*time.Second)
	s.Run()
	bornWith(t, s, 0, "1", "")
	s.Exit(s.Pod(1), 1)
	s.Settle()
	decides(t, s, `active 1, failed 1, completed "", failed indexes ""`)
	s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Suspend = ptr.To(true) })
	s.Settle()
	decides(t, s, `active 0, failed 1, completed "", failed indexes "", Suspended JobSuspended`)
	explains(t, s, `
		Suspended
		0 Terminating JobSuspended 0+0 at least
		1 BackingOff JobSuspended 1+0 retry 00:00:20
	`)
	s.Terminate(143)
	s.Settle()
	explains(t, s, `
		Suspended
		0 Waiting JobSuspended 0+0
		1 BackingOff JobSuspended 1+0 retry 00:00:20
	`)
	wait(s, 10*time.Second)
	s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Suspend = ptr.To(false) })
	s.Settle()
	bornWith(t, s, 0, "0", "")
	bornWith(t, s, 1, "1", "")
	decides(t, s, `active 2, failed 2, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Pending NotScheduled 0+0
		1 Pending NotScheduled 1+0
	`)
}

func TestCorner25LoweringTheParallelismCutsTheChainOfWhatItRemoves(t *testing.T) {
	s := begin(t, `{completions: 1, parallelism: 1, backoffLimitPerIndex: 3}`)
	s.Exit(s.Pod(0), 1)
	s.Settle()
	wait(s, 10*time.Second)
	bornWith(t, s, 0, "1", "")
	s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Parallelism = ptr.To[int32](0) })
	s.Settle()
	decides(t, s, `active 0, failed 1, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Waiting ParallelismLimit 0+0
	`)
	s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Parallelism = ptr.To[int32](1) })
	s.Settle()
	bornWith(t, s, 0, "0", "")
	explains(t, s, `
		Running
		0 Pending NotScheduled 0+0
	`)
}

// Another finalizer keeps the pods where the controller sees them fail. Only
// one exits with the code, so that there is one to name.
func TestCorner26ASuspendedJobMayFailByThePodsThatItsSuspensionKilled(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, backoffLimitPerIndex: 1, `+withFinalizer+`, podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [143]}}]}}`)
	s.Run()
	s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Suspend = ptr.To(true) })
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "", failed indexes "", Suspended JobSuspended`)
	explains(t, s, `
		Suspended
		0 Terminating 0+0
		1 Terminating 0+0
	`)
	s.Exit(s.Pod(0), 143)
	s.Exit(s.Pod(1), 0)
	explains(t, s, `
		Suspended, next PodFailurePolicy
		0 Waiting JobFailing 0+0
		1 Waiting JobFailing 0+0
	`)
	// Since 1.36 a suspended Job has no startTime, and the API server does not
	// take a Job for finished without one.
	for range 3 {
		if err := s.Sync(); err == nil {
			t.Error("the status was taken")
		}
		decides(t, s, `active 0, failed 0, completed "", failed indexes "", Suspended JobSuspended, FailureTarget PodFailurePolicy`)
		explains(t, s, `
			Failing PodFailurePolicy
			0 Stopped FailJobRule 1+0
			1 Stopped WhileRunning 0+0
		`)
	}
	s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Suspend = ptr.To(false) })
	s.Settle()
	decides(t, s, `active 0, failed 0, completed "", failed indexes "", Suspended JobSuspended, FailureTarget PodFailurePolicy, Failed PodFailurePolicy`)
	explains(t, s, `
		Failed PodFailurePolicy
		0 Stopped FailJobRule 1+0
		1 Stopped WhileRunning 0+0
	`)
}

func TestCorner27IndexesThatWereScaledAwayRunAgain(t *testing.T) {
	s := begin(t, `{completions: 4, parallelism: 4, backoffLimitPerIndex: 0}`)
	s.Run()
	s.Exit(s.Pod(2), 0)
	s.Exit(s.Pod(3), 1)
	s.Settle()
	decides(t, s, `active 2, failed 1, completed "2", failed indexes "3"`)
	scale := func(n int32) {
		s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Completions, spec.Parallelism = &n, &n })
		s.Settle()
	}
	scale(2)
	decides(t, s, `active 2, failed 1, completed "", failed indexes ""`)
	explains(t, s, `
		Running
		0 Running HistoryGone 0+0
		1 Running HistoryGone 0+0
	`)
	scale(4)
	decides(t, s, `active 4, failed 1, completed "", failed indexes ""`)
	bornWith(t, s, 3, "0", "")
	explains(t, s, `
		Running
		0 Running HistoryGone 0+0
		1 Running HistoryGone 0+0
		2 Pending NotScheduled 0+0
		3 Pending NotScheduled 0+0
	`)
}

func TestCorner48ASuspendedJobMissesNoDeadlineButItsLimitHolds(t *testing.T) {
	t.Run("activeDeadlineSeconds", func(t *testing.T) {
		s := begin(t, `{completions: 1, backoffLimitPerIndex: 1, activeDeadlineSeconds: 5}`)
		s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Suspend = ptr.To(true) })
		s.Settle()
		wait(s, time.Hour)
		decides(t, s, `active 0, failed 0, completed "", failed indexes "", Suspended JobSuspended`)
		explains(t, s, `
			Suspended
			0 Waiting JobSuspended 0+0
			CannotTell
		`)
	})
	t.Run("backoffLimit", func(t *testing.T) {
		s := begin(t, `{completions: 2, parallelism: 2, backoffLimit: 0, suspend: false}`)
		s.Run()
		s.MustEditJob(func(spec *batchv1.JobSpec) { spec.Suspend = ptr.To(true) })
		s.Exit(s.Pod(0), 1)
		explains(t, s, `
			Suspended, next BackoffLimitExceeded
			0 BackingOff JobFailing 1+0 at least
			1 Running HistoryGone 0+0 at least
		`)
		s.Settle()
		decides(t, s, `active 0, failed 2, completed "", FailureTarget BackoffLimitExceeded`)
		explains(t, s, `
			Failing BackoffLimitExceeded
			0 Stopped AfterFailure 1+0 at least
			1 Stopped WhileRunning 0+0 at least
		`)
	})
}

func TestCorner53AForeignControllersJobIsLeftAlone(t *testing.T) {
	s := begin(t, `{completions: 2, parallelism: 2, managedBy: example.com/other}`)
	isActive(t, s)
	if n := len(s.Events); n != 0 {
		t.Errorf("%d events", n)
	}
	decides(t, s, `active 0, failed 0, completed ""`)
	explains(t, s, `
		Running
		0-1 Unknown ForeignController 0+0 at least
		CannotTell
	`)
}
