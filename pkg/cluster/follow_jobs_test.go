package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// followedJobs are those of a server of the test.
func followedJobs(t *testing.T, server *clustertest.Server, namespace, selector string) *JobsFollower {
	t.Helper()
	client(t, server, noon) // which closes the server at the end
	f, err := patientClient(t, server, noon, 0).FollowJobs(t.Context(), namespace, selector)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f
}

// untilJobs waits until the Jobs are as wanted, "default/a Active=2".
func untilJobs(t *testing.T, f *JobsFollower, want ...string) JobsSighting {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got []string
	for {
		sighting, err := f.Next(ctx, time.Second)
		if err != nil {
			t.Fatalf("%v; the last were %q, want %q", err, got, want)
		}
		if got = inWords(sighting.Listing); slices.Equal(got, want) {
			return sighting
		}
	}
}

func inWords(listing *Listing) (words []string) {
	for i := range listing.Indexed {
		job := &listing.Indexed[i]
		words = append(words, fmt.Sprintf("%s active %d", nameOf(job), job.Status.Active))
	}
	return words
}

// aJob of the namespace default, whose UID goes by its name.
func aJob(name string, change ...func(*batchv1.Job)) *batchv1.Job {
	named := func(job *batchv1.Job) { job.Name, job.UID = name, types.UID(name+"-uid") }
	return newJob(append([]func(*batchv1.Job){named}, change...)...)
}

func labelled(team string) func(*batchv1.Job) {
	return func(job *batchv1.Job) { job.Labels = map[string]string{"team": team} }
}

func inside(namespace string) func(*batchv1.Job) {
	return func(job *batchv1.Job) { job.Namespace = namespace }
}

func unindexed(job *batchv1.Job) { job.Spec.CompletionMode = nil }

// requested is how many requests with some text came.
func requested(server *clustertest.Server, text string) (n int) {
	for _, request := range server.Requests() {
		if strings.Contains(request, text) {
			n++
		}
	}
	return n
}

func TestFollowJobsSeesWhatChanges(t *testing.T) {
	server := clustertest.New(aJob("a"), aJob("b"), aJob("c", inside("other")), aJob("plain", unindexed))
	f := followedJobs(t, server, "default", "")
	first := untilJobs(t, f, "default/a active 0", "default/b active 0")
	if first.Listing.Others != 1 || !first.Listing.ObservedAt.Equal(noon) || first.Trouble != nil {
		t.Errorf("first seen: %+v", first)
	}
	server.Put(aJob("a", active(2)))
	untilJobs(t, f, "default/a active 2", "default/b active 0")
	server.Put(aJob("d"))
	server.Remove("jobs", "default/b")
	untilJobs(t, f, "default/a active 2", "default/d active 0")
	if len(first.Listing.Indexed) != 2 || first.Listing.Indexed[1].Name != "b" {
		t.Error("what was handed over has changed")
	}
	server.Remove("jobs", "default/plain")
	server.Put(aJob("last"))
	if last := untilJobs(t, f, "default/a active 2", "default/d active 0", "default/last active 0"); last.Listing.Others != 0 {
		t.Errorf("others: %d", last.Listing.Others)
	}
	if requested(server, "/jobs?") != 2 || requested(server, "/pods") > 0 || requested(server, "/events") > 0 {
		t.Errorf("more than a list and a watch of Jobs: %q", server.Requests())
	}
}

func TestFollowJobsOfAllNamespacesByLabel(t *testing.T) {
	server := clustertest.New(aJob("a", labelled("search")), aJob("b", labelled("web")), aJob("c", inside("other"), labelled("search")))
	f := followedJobs(t, server, "", "team=search")
	untilJobs(t, f, "default/a active 0", "other/c active 0")
	server.Put(aJob("b", labelled("search")))
	untilJobs(t, f, "default/a active 0", "default/b active 0", "other/c active 0")
	server.Put(aJob("a", labelled("web")))
	untilJobs(t, f, "default/b active 0", "other/c active 0")
}

// TestAJobInAnothersPlace: of the same name, and whatever is told of the first one
// after it.
func TestAJobInAnothersPlace(t *testing.T) {
	server := clustertest.New(aJob("a", active(1)))
	f := followedJobs(t, server, "default", "")
	untilJobs(t, f, "default/a active 1")
	server.Put(aJob("a", active(5), func(job *batchv1.Job) { job.UID = "another" }))
	if seen := untilJobs(t, f, "default/a active 5"); seen.Listing.Indexed[0].UID != "another" {
		t.Errorf("UID %s", seen.Listing.Indexed[0].UID)
	}
	f.stream("").on(watch.Deleted, aJob("a"))
	untilJobs(t, f, "default/a active 5")
}

func TestWhatHappensWhileNoWatchIsOpen(t *testing.T) {
	server := clustertest.New(aJob("a"), aJob("b"), aJob("c"))
	f := followedJobs(t, server, "default", "")
	untilJobs(t, f, "default/a active 0", "default/b active 0", "default/c active 0")
	server.On("watch-jobs", 1, clustertest.Expire)
	server.On("jobs", 1, clustertest.Then(func() {
		server.Remove("jobs", "default/b")
		server.Put(aJob("a", active(3)), aJob("d"))
	}))
	server.EndWatches()
	untilJobs(t, f, "default/a active 3", "default/c active 0", "default/d active 0")
	server.Put(aJob("c", active(1)))
	untilJobs(t, f, "default/a active 3", "default/c active 1", "default/d active 0")
}

func TestTroubleWithJobsIsOvercome(t *testing.T) {
	server := clustertest.New(aJob("a"))
	f := followedJobs(t, server, "default", "")
	untilJobs(t, f, "default/a active 0")
	server.On("watch-jobs", 1, clustertest.Break)
	server.On("jobs", 1, clustertest.HTML)
	server.EndWatches()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		sighting, err := f.Next(ctx, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(sighting.Listing.Indexed) != 1 {
			t.Error("what was seen is forgotten")
		}
		if sighting.Trouble != nil {
			break
		}
	}
	server.Put(aJob("b"))
	untilJobs(t, f, "default/a active 0", "default/b active 0")
	for {
		sighting, err := f.Next(ctx, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if sighting.Trouble == nil {
			return
		}
	}
}

// TestJobsOutliveTheirServer: another takes its place, with what has happened since.
func TestJobsOutliveTheirServer(t *testing.T) {
	first := clustertest.New(aJob("a"), aJob("b"))
	f := followedJobs(t, first, "default", "")
	untilJobs(t, f, "default/a active 0", "default/b active 0")
	first.CloseClientConnections()
	first.Close()
	for {
		sighting, err := f.Next(t.Context(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if sighting.Trouble != nil {
			break
		}
	}
	second := clustertest.New(aJob("a", active(3)), aJob("c"))
	second.Close()
	second.Forget()
	again := httptest.NewUnstartedServer(second)
	if err := again.Listener.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if again.Listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", first.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	again.Start()
	t.Cleanup(func() { again.CloseClientConnections(); again.Close() })
	untilJobs(t, f, "default/a active 3", "default/c active 0")
	second.Put(aJob("c", active(1)))
	if last := untilJobs(t, f, "default/a active 3", "default/c active 1"); last.Trouble != nil {
		t.Errorf("trouble %v", last.Trouble)
	}
}

func TestJobsThatMustNotBeRead(t *testing.T) {
	server := clustertest.New()
	server.On("jobs", clustertest.Forever, clustertest.Forbid)
	c := client(t, server, noon)
	for namespace, hint := range map[string]string{"": "choose one namespace with -n instead of -A", "default": "ask for a Role with get and list on jobs"} {
		_, err := c.FollowJobs(t.Context(), namespace, "")
		if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "\nhint: "+hint) {
			t.Errorf("namespace %q: %v", namespace, err)
		}
	}
}

// TestManyChangesOfJobsAreFewSightings, ten a second at most.
func TestManyChangesOfJobsAreFewSightings(t *testing.T) {
	server := clustertest.New(aJob("a"))
	f := followedJobs(t, server, "default", "")
	begin, sightings := time.Now(), 0
	for n := range int32(500) {
		server.Put(aJob("a", active(n+1)))
	}
	for {
		sighting, err := f.Next(t.Context(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		sightings++
		if sighting.Listing.Indexed[0].Status.Active == 500 {
			break
		}
	}
	if most := 1 + int(time.Since(begin)/settling); sightings > most {
		t.Errorf("%d sightings of 500 changes, want %d at most", sightings, most)
	}
}

func TestAFrozenServerIsToldOfJobsWithinSeconds(t *testing.T) {
	server := clustertest.New(newJob())
	f := followedJobs(t, server, "default", "")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	server.On("jobs", 1, clustertest.Stall)
	for _, is := range []func(error) bool{
		func(trouble error) bool { return errors.Is(trouble, errNoAnswer) },
		func(trouble error) bool { return trouble == nil },
	} {
		for seen := errors.New("nothing was seen"); !is(seen); {
			sighting, err := f.Next(ctx, time.Second)
			if err != nil {
				t.Fatalf("%v; the last trouble was %v", err, seen)
			}
			seen = sighting.Trouble
		}
	}
}
