package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// followed is a Job that is being followed on a server of the test.
func followed(t *testing.T, server *clustertest.Server) *Follower {
	t.Helper()
	client(t, server, noon) // which closes the server at the end
	c := patientClient(t, server, noon, 0)
	f, err := c.Follow(t.Context(), "default", "nightly")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f
}

// until waits for a sighting as wanted.
func until(t *testing.T, f *Follower, wanted func(Sighting) bool) Sighting {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		sighting, err := f.Next(ctx, time.Second)
		if err != nil {
			t.Fatalf("%v; the last was %+v", err, f.sight())
		}
		if wanted(sighting) {
			return sighting
		}
	}
}

func isRead(s Sighting) bool { return s.Seen != nil }

func hasPods(n int) func(Sighting) bool {
	return func(s Sighting) bool { return s.Seen != nil && len(s.Seen.Attempts) == n }
}

func isComplete(s Sighting) bool {
	return s.Seen != nil && len(s.Seen.Job.Status.Conditions) > 0
}

func complete(job *batchv1.Job) {
	job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: batchv1.JobComplete, Status: corev1.ConditionTrue})
}

func vanishedPod(t *testing.T, seen *evidence.Job, name string) *evidence.Attempt {
	t.Helper()
	for i := range seen.Attempts {
		if a := &seen.Attempts[i]; a.Name == name {
			if a.Vanished.IsZero() || a.Finalizer {
				t.Errorf("pod %s did not vanish: %+v", name, a)
			}
			return a
		}
	}
	t.Fatalf("pod %s is forgotten", name)
	return nil
}

func TestFollowSeesWhatChanges(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"))
	f := followed(t, server)
	first := until(t, f, isRead)
	if !first.Seen.PodsRead || !first.Seen.EventsRead || len(first.Seen.Attempts) != 1 || first.Seen.ServerVersion != "v1.37.2" || len(first.Seen.Gaps) > 0 {
		t.Errorf("first seen: %+v", first.Seen)
	}
	server.Put(newPod("nightly-1-aaaaa"))
	until(t, f, hasPods(2))
	server.Put(newJob(complete))
	until(t, f, isComplete)
}

func TestAPodThatWasSeenStaysEvidence(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"), newPod("nightly-1-aaaaa"))
	f := followed(t, server)
	until(t, f, hasPods(2))
	killed := metav1.NewTime(noon.Add(30 * time.Second))
	server.Put(newPod("nightly-0-aaaaa", func(pod *corev1.Pod) { pod.DeletionTimestamp = &killed }))
	server.Remove("pods", "default/nightly-0-aaaaa")
	sighting := until(t, f, func(s Sighting) bool {
		for i := range s.Seen.Attempts {
			if !s.Seen.Attempts[i].Vanished.IsZero() {
				return true
			}
		}
		return false
	})
	if a := vanishedPod(t, sighting.Seen, "nightly-0-aaaaa"); !a.DeletionTime.Time().Equal(killed.Time) {
		t.Errorf("deleted at %v, want %v", a.DeletionTime.Time(), killed)
	}
	// The last reading does not find it either, and keeps it.
	seen, err := f.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vanishedPod(t, seen, "nightly-0-aaaaa")
	if len(seen.Attempts) != 2 {
		t.Errorf("%d attempts, want 2", len(seen.Attempts))
	}
}

// A pod can go while no watch is open.
func TestAPodThatWentUnseenStaysEvidence(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"))
	f := followed(t, server)
	until(t, f, hasPods(1))
	server.On("watch-pods", 1, clustertest.Expire)
	server.On("pods", 1, clustertest.Then(func() {
		server.Remove("pods", "default/nightly-0-aaaaa")
		server.Put(newPod("nightly-0-bbbbb"))
	}))
	server.EndWatches()
	sighting := until(t, f, hasPods(2))
	vanishedPod(t, sighting.Seen, "nightly-0-aaaaa")
}

func TestAJobThatIsDeletedIsGone(t *testing.T) {
	server := clustertest.New(newJob())
	f := followed(t, server)
	until(t, f, isRead)
	server.Put(newJob(complete))
	server.Remove("jobs", "default/nightly")
	sighting := until(t, f, func(s Sighting) bool { return s.Gone })
	if !isComplete(sighting) {
		t.Error("its last state is not known")
	}
	if seen, err := f.Read(t.Context()); err != nil || len(seen.Job.Status.Conditions) != 1 {
		t.Errorf("read once more: %+v, %v", seen, err)
	}
}

func TestAJobThatIsCreatedAnewIsAnother(t *testing.T) {
	server := clustertest.New(newJob())
	f := followed(t, server)
	until(t, f, isRead)
	server.Put(newJob(complete, func(job *batchv1.Job) { job.UID = "another" }))
	sighting := until(t, f, func(s Sighting) bool { return s.Gone })
	if isComplete(sighting) {
		t.Error("the other Job is taken for the first")
	}
}

// TestTheLastReadingIsOfTheSameJob: it may find another before a watch tells.
func TestTheLastReadingIsOfTheSameJob(t *testing.T) {
	server := clustertest.New(newJob())
	f := followed(t, server)
	until(t, f, isRead)
	server.On("jobs", 1, clustertest.Then(func() {
		server.Put(newJob(complete, func(job *batchv1.Job) { job.UID = "another" }))
	}))
	seen, err := f.Read(t.Context())
	if err != nil || seen.Job.UID != "job-uid" || len(seen.Job.Status.Conditions) > 0 {
		t.Errorf("read %+v, %v", seen, err)
	}
}

func TestWhatMustNotBeReadIsAGap(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"))
	server.On("pods", clustertest.Forever, clustertest.Forbid)
	server.On("events", clustertest.Forever, clustertest.Break)
	f := followed(t, server)
	sighting := until(t, f, isRead)
	if seen := sighting.Seen; seen.PodsRead || seen.EventsRead || len(seen.Gaps) != 2 || sighting.Trouble != nil {
		t.Errorf("seen %+v, trouble %v", seen, sighting.Trouble)
	}
	server.Put(newJob(complete))
	until(t, f, isComplete)
}

func TestTroubleIsOvercome(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"))
	f := followed(t, server)
	until(t, f, isRead)
	server.On("watch-jobs", 2, clustertest.Break)
	server.On("watch-pods", 1, clustertest.HTML)
	server.EndWatches()
	if sighting := until(t, f, func(s Sighting) bool { return s.Trouble != nil }); sighting.Seen == nil {
		t.Error("what was seen is forgotten")
	}
	server.Put(newPod("nightly-1-aaaaa"), newJob(complete))
	until(t, f, func(s Sighting) bool { return isComplete(s) && hasPods(2)(s) && s.Trouble == nil })
	// The last reading has to do with what was seen where the server is gone.
	server.On("jobs", clustertest.Forever, clustertest.Break)
	seen, err := f.Read(t.Context())
	if err != nil || len(seen.Attempts) != 2 || len(seen.Gaps) != 1 {
		t.Errorf("read once more: %+v, %v", seen, err)
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	f := followed(t, clustertest.New(newJob()))
	until(t, f, isRead)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		if _, err := f.Next(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestManyChangesAreFewSightings(t *testing.T) {
	server := clustertest.New(newJob())
	f := followed(t, server)
	until(t, f, isRead)
	sightings := 0
	for n := range 500 {
		server.Put(newJob(func(job *batchv1.Job) { job.Status.Succeeded = int32(n) }))
	}
	until(t, f, func(s Sighting) bool { sightings++; return s.Seen.Job.Status.Succeeded == 499 })
	if sightings > 20 {
		t.Errorf("%d sightings of 500 changes", sightings)
	}
}
