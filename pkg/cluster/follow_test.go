package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

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

// next is what Next shows, to keep.
func (f *Follower) next(ctx context.Context) (sighting Sighting, err error) {
	err = f.Next(ctx, 0, time.Second, func(s Sighting) { sighting = s.Clone() })
	return sighting, err
}

// until waits for a sighting as wanted.
func until(t *testing.T, f *Follower, wanted func(Sighting) bool) Sighting {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		sighting, err := f.next(ctx)
		if err != nil {
			t.Fatalf("%v; the last was %+v", err, f.lastSighting())
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
	if first.Seen.Coverage != whole || len(first.Seen.Attempts) != 1 || first.Seen.ServerVersion != "v1.37.2" || len(first.Seen.Gaps) > 0 {
		t.Errorf("first seen: %+v", first.Seen)
	}
	server.Put(newPod("nightly-1-aaaaa"))
	until(t, f, hasPods(2))
	server.Put(newJob(complete))
	until(t, f, isComplete)
}

func isAfterPods(s Sighting) bool { return s.Seen != nil && s.Seen.Order == evidence.JobAfterPods }

// gets is how often the Job was read by its name.
func gets(server *clustertest.Server) (n int) {
	for _, request := range server.Requests() {
		if strings.HasPrefix(request, "GET /apis/batch/v1/namespaces/default/jobs/nightly") {
			n++
		}
	}
	return n
}

func TestTheJobIsReadOnceMoreAfterItsPodsChanged(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"))
	f := followed(t, server)
	if seen := until(t, f, isAfterPods).Seen; seen.Coverage != whole || seen.EventsOrder != evidence.EventsOrderUnknown || seen.Before != nil {
		t.Errorf("coverage %v, events %s, before %v", seen.Coverage, seen.EventsOrder, seen.Before)
	}
	read := gets(server)
	server.On("jobs", 1, clustertest.Busy) // what is confirmed late is not confirmed before
	server.Put(newPod("nightly-1-aaaaa"))
	if seen := until(t, f, hasPods(2)).Seen; seen.Order != evidence.OrderUnknown {
		t.Errorf("%s before the Job was read again", seen.Order)
	}
	until(t, f, isAfterPods)
	if gets(server) == read {
		t.Error("nobody has read the Job again")
	}
	// A status that moves is newer than the pods, and needs no reading.
	read = gets(server)
	server.Put(newJob(active(3)))
	if seen := until(t, f, func(s Sighting) bool { return s.Seen.Job.Status.Active == 3 }).Seen; seen.Order != evidence.JobAfterPods {
		t.Errorf("%s after the status moved", seen.Order)
	}
	if gets(server) != read {
		t.Error("the Job was read once more for its own change")
	}
}

func TestABusyJobIsReadOnceASecondAtMost(t *testing.T) {
	server := clustertest.New(newJob())
	f := followed(t, server)
	until(t, f, isAfterPods)
	read, begin := gets(server), time.Now()
	for n := range 300 {
		server.Put(newPod(fmt.Sprintf("nightly-%d-aaaaa", n)))
	}
	until(t, f, hasPods(300))
	until(t, f, isAfterPods)
	if most := 2 + int(time.Since(begin)/confirmPause); gets(server)-read > most {
		t.Errorf("read %d times, want %d at most", gets(server)-read, most)
	}
}

func TestAnOlderJobIsNoNews(t *testing.T) {
	server := clustertest.New(newJob(atVersion("9"), active(9)))
	f := followed(t, server)
	until(t, f, isAfterPods)
	if f.isNews(newJob(atVersion("8"))) || !f.isNews(newJob(atVersion("10"))) || !f.isNews(newJob(atVersion("1"), func(j *batchv1.Job) { j.UID = "another" })) {
		t.Error("news are told from what is old by the version of the same Job")
	}
	f.jobStream(metav1.ListOptions{}).on(watch.Modified, newJob(atVersion("8"), active(8)))
	if seen := f.lastSighting().Seen; seen.Job.Status.Active != 9 {
		t.Errorf("a watch that came late has the last word: active %d", seen.Job.Status.Active)
	}
	// The server of the test gives what is read by name the version it was put with.
	server.Put(newJob(atVersion("5"), active(3)))
	until(t, f, func(s Sighting) bool { return s.Seen.Job.Status.Active == 3 })
	server.Put(newPod("nightly-0-aaaaa"))
	if seen := until(t, f, func(s Sighting) bool { return hasPods(1)(s) && isAfterPods(s) }).Seen; seen.Job.ResourceVersion == "5" {
		t.Error("the Job went back to an older version")
	}
}

func TestAReadingThatFailsIsTriedAgain(t *testing.T) {
	server := clustertest.New(newJob())
	f := followed(t, server)
	until(t, f, isAfterPods)
	server.On("jobs", 1, broken)
	server.Put(newPod("nightly-0-aaaaa"))
	until(t, f, func(s Sighting) bool { return hasPods(1)(s) && isAfterPods(s) })
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
	until(t, f, isAfterPods) // so that the next who reads the Job is Read
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
	if seen := sighting.Seen; seen.Coverage != (evidence.Coverage{Pods: evidence.None, Events: evidence.None}) || len(seen.Gaps) != 2 || sighting.Trouble != nil {
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
	if err == nil || len(seen.Attempts) != 2 || len(seen.Gaps) != 1 {
		t.Errorf("read once more: %+v, %v", seen, err)
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	f := followed(t, clustertest.New(newJob()))
	until(t, f, isRead)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		if err := f.Next(ctx, 0, time.Hour, func(Sighting) {}); !errors.Is(err, context.Canceled) {
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

// TestAFrozenServerIsToldWithinSeconds: its watches are as silent as those of a Job
// that does not change.
func TestAFrozenServerIsToldWithinSeconds(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"))
	f := followed(t, server)
	sure := until(t, f, isAfterPods).SureAt
	server.On("jobs", 1, clustertest.Stall)
	frozen := until(t, f, func(s Sighting) bool { return s.Trouble != nil })
	if !errors.Is(frozen.Trouble, errNoAnswer) || frozen.SureAt.Before(sure) {
		t.Errorf("trouble %v, sure until %s", frozen.Trouble, frozen.SureAt)
	}
	until(t, f, func(s Sighting) bool { return s.Trouble == nil })
}
