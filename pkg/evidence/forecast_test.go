package evidence_test

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestWhatFollowsIsReckonedOverTheStatusBeforeThePods(t *testing.T) {
	job := func(version string, active int32, suspend bool) *batchv1.Job {
		return &batchv1.Job{
			ObjectMeta: metav1.ObjectMeta{Name: "nightly", ResourceVersion: version},
			Spec:       batchv1.JobSpec{Suspend: &suspend},
			Status:     batchv1.JobStatus{Active: active},
		}
	}
	still := &evidence.Job{Job: job("7", 3, false)}
	if still.Forecast() != still.Job {
		t.Error("a Job that did not move is not its own forecast")
	}
	moved := &evidence.Job{Job: job("8", 0, true), Before: job("7", 3, false)}
	got := moved.Forecast()
	if got.Status.Active != 3 || got.ResourceVersion != "7" {
		t.Errorf("active %d of version %s, want those before the pods", got.Status.Active, got.ResourceVersion)
	}
	if !*got.Spec.Suspend {
		t.Error("the Job was suspended meanwhile, and the next sync is not")
	}
	if moved.Job.Status.Active != 0 || *moved.Before.Spec.Suspend {
		t.Error("the evidence itself has changed")
	}
}

func TestAResourceVersionIsANumberOrNone(t *testing.T) {
	for text, want := range map[string]uint64{"": 0, "7": 7, "18446744073709551615": 1<<64 - 1, "18446744073709551616": 0, "-1": 0, "7a": 0} {
		if got := evidence.Version(text); got != want {
			t.Errorf("%q is read as %d, want %d", text, got, want)
		}
	}
}
