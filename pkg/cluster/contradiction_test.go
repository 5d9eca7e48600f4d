package cluster

import (
	"fmt"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func pods(n int, change ...func(*evidence.Attempt)) []evidence.Attempt {
	attempts := make([]evidence.Attempt, n)
	for i := range attempts {
		attempts[i] = evidence.Attempt{Name: fmt.Sprint(i), Phase: corev1.PodRunning, Finalizer: true}
		for _, c := range change {
			c(&attempts[i])
		}
	}
	return attempts
}

func inPhase(phase corev1.PodPhase) func(*evidence.Attempt) {
	return func(a *evidence.Attempt) { a.Phase = phase }
}

func accountedFor(a *evidence.Attempt) { a.Finalizer = false }

func terminating(a *evidence.Attempt) { a.DeletionTime = evidence.InstantOf(noon) }

// TestPodsThatTheStatusCountsAreThere: five are active, in a Job that wants
// five, and two are running in the file. What else there is decides.
func TestPodsThatTheStatusCountsAreThere(t *testing.T) {
	const (
		missing = "pods are missing from the file: status.active is 5, and of the pods in the file no more than 2 can be among them"
		created = "3 pods were created after the pods were read: status.active is 5, and of the pods in the file no more than 2 can be among them"
		gone    = "3 pods have gone since the Job was read, or the file does not hold all pods (then say --partial): status.active is 5, and of the pods in the file no more than 2 can be among them"
	)
	edit := func(change func(*evidence.Job)) func(*evidence.Job) { return change }
	job := func(change func(*batchv1.Job)) func(*evidence.Job) {
		return func(seen *evidence.Job) { change(seen.Job) }
	}
	add := func(attempts []evidence.Attempt) func(*evidence.Job) {
		return edit(func(seen *evidence.Job) { seen.Attempts = append(seen.Attempts, attempts...) })
	}
	for _, test := range []struct {
		name                                   string
		change                                 func(*evidence.Job)
		bracketed, jobAfterPods, jobBeforePods string
	}{
		{"nothing else", edit(func(*evidence.Job) {}), missing, created, gone},
		{"all five", add(pods(3)), "", "", ""},
		{"some are terminating", add(pods(3, terminating)), "", "", ""},
		{"some have ended and wait for the status", add(pods(3, inPhase(corev1.PodFailed))), "", "", ""},
		{"some have ended and a status knew of them", add(pods(3, inPhase(corev1.PodSucceeded), accountedFor)), missing, created, ""},
		{
			"one is too few", add(pods(2)),
			"pods are missing from the file: status.active is 5, and of the pods in the file no more than 4 can be among them",
			"1 pod was created after the pods were read: status.active is 5, and of the pods in the file no more than 4 can be among them",
			"1 pod has gone since the Job was read, or the file does not hold all pods (then say --partial): status.active is 5, and of the pods in the file no more than 4 can be among them",
		},
		{
			"up to 1.36 ready counts where active is 0", job(func(j *batchv1.Job) { j.Status.Active, j.Status.Ready = 0, new(int32(5)) }),
			strings.Replace(missing, "active", "ready", 1), strings.Replace(created, "active", "ready", 1), strings.Replace(gone, "active", "ready", 1),
		},
		{"active 0 proves nothing", job(func(j *batchv1.Job) { j.Status.Active = 0 }), "", "", ""},
		{"surplus pods are being removed", job(func(j *batchv1.Job) { j.Spec.Parallelism = new(int32(2)) }), "", created, gone},
		{"surplus pods of indexes that are done", job(func(j *batchv1.Job) { j.Status.Succeeded = 8 }), "", created, gone},
		{"suspended", job(func(j *batchv1.Job) { j.Spec.Suspend = new(true) }), "", "", ""},
		{"being deleted", job(func(j *batchv1.Job) { j.DeletionTimestamp = new(j.CreationTimestamp) }), "", "", ""},
		{"decided", job(condition(batchv1.JobFailureTarget, corev1.ConditionTrue)), "", "", ""},
		{"of another controller", job(func(j *batchv1.Job) { j.Spec.ManagedBy = new("kueue.x-k8s.io/multikueue") }), "", "", ""},
		{"of the Job controller by its name", job(func(j *batchv1.Job) { j.Spec.ManagedBy = new(batchv1.JobControllerName) }), missing, created, gone},
		{"partial evidence claims nothing", edit(func(seen *evidence.Job) { seen.Coverage.Pods = evidence.Partial }), "", "", ""},
		{"no pods were read", edit(func(seen *evidence.Job) { seen.Coverage.Pods, seen.Attempts = evidence.None, nil }), "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for order, want := range map[evidence.Order]string{
				evidence.Bracketed: test.bracketed, evidence.JobAfterPods: test.jobAfterPods, evidence.JobBeforePods: test.jobBeforePods, evidence.OrderUnknown: "",
			} {
				seen := &evidence.Job{Job: newJob(active(5)), Order: order, Coverage: whole, Attempts: pods(2)}
				seen.Job.Spec.Parallelism, seen.Job.Spec.Completions = new(int32(5)), new(int32(10))
				setDefaults(seen.Job)
				test.change(seen)
				before := seen.Coverage.Pods
				gap, ok := contradiction(seen)
				if gap.Message != want || ok != (want != "") {
					t.Errorf("%s: %q, want %q", order, gap.Message, want)
				}
				isProof := order == evidence.Bracketed && want != ""
				if isProof && (seen.Coverage.Pods != evidence.Partial || gap.Kind != evidence.GapPartial) {
					t.Errorf("%s: %s with gap %s", order, seen.Coverage.Pods, gap.Kind)
				}
				if !isProof && (seen.Coverage.Pods != before || ok && gap.Kind != evidence.GapMoved) {
					t.Errorf("%s: %s with gap %s though it proves nothing", order, seen.Coverage.Pods, gap.Kind)
				}
			}
		})
	}
}

// TestAContradictionInAFile: and a snapshot of what was read of it says the same.
func TestAContradictionInAFile(t *testing.T) {
	for items, want := range map[string]evidence.Level{"j3 p1 q1 j3": evidence.Partial, "j2 p1 q1 j2": evidence.Whole, "j3 p1 q1": evidence.Whole, "p1 q1 j3": evidence.Whole} {
		seen, err := readText(t, list(items))
		if err != nil {
			t.Fatal(err)
		}
		again, err := readText(t, snapshotText(t, seen))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*evidence.Job{seen, again} {
			if s.Coverage.Pods != want || strings.Contains(gapKinds(s), evidence.GapPartial) != (want == evidence.Partial) {
				t.Errorf("%s: coverage %s, gaps %v", items, s.Coverage.Pods, s.Gaps)
			}
		}
		if len(again.Gaps) != len(seen.Gaps) {
			t.Errorf("%s: gaps %v, and of the snapshot %v", items, seen.Gaps, again.Gaps)
		}
	}
}
