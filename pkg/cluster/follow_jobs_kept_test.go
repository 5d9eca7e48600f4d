package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// inJobs is a follower without a server.
func inJobs(t *testing.T, left int64) *JobsFollower {
	t.Helper()
	server := clustertest.New()
	defer server.Close()
	return &JobsFollower{
		client: patientClient(t, server, noon, 0), namespace: "default",
		news: newNews(), jobs: map[types.NamespacedName]followedJob{}, kept: budget{left},
	}
}

// TestJobsThatComeAndGo take the memory of those that are there.
func TestJobsThatComeAndGo(t *testing.T) {
	f := inJobs(t, 3*(ofJob(aJob("a"))+leastOfObject+100))
	before := f.kept.left
	for n := range 100 {
		job := aJob(fmt.Sprintf("nightly-%d", n))
		for range 3 {
			if err := f.take(job); err != nil {
				t.Fatalf("Job %d: %v", n, err)
			}
		}
		f.drop(job)
	}
	if f.kept.left != before || len(f.jobs) > 0 {
		t.Errorf("%d bytes and %d Jobs are left behind", before-f.kept.left, len(f.jobs))
	}
	for n := range 4 {
		_ = f.take(aJob(fmt.Sprintf("nightly-%d", n)))
	}
	_, err := f.Next(t.Context(), time.Hour)
	if !errors.Is(err, errTooMuch) || !strings.Contains(err.Error(), "\nhint: choose fewer Jobs") {
		t.Errorf("too many Jobs: %v", err)
	}
}

// TestWhatIsNotIndexedIsNoNews, for other Jobs may change all the time.
func TestWhatIsNotIndexedIsNoNews(t *testing.T) {
	f := inJobs(t, maxKept)
	_ = f.take(aJob("a", unindexed))
	<-f.news.some
	_ = f.take(aJob("a", unindexed, active(3)))
	f.setTrouble(nil)
	select {
	case <-f.news.some:
		t.Error("it is told")
	default:
	}
}

// TestJobsAtRest are handed over as they are, at each instant that is asked for.
func TestJobsAtRest(t *testing.T) {
	f := inJobs(t, maxKept)
	_ = f.take(aJob("a"))
	synctest.Test(t, func(t *testing.T) {
		f.news = newNews() // of this bubble
		first, err := f.Next(t.Context(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		second, err := f.Next(t.Context(), time.Second)
		if err != nil || time.Since(begin) != time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if &first.Listing.Indexed[0] != &second.Listing.Indexed[0] {
			t.Error("Jobs that have not changed were gathered anew")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.Next(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// TestAJobIsKeptLean: nobody reads its containers or its history here.
func TestAJobIsKeptLean(t *testing.T) {
	f := inJobs(t, maxKept)
	job := aJob("a", labelled("search"))
	job.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"}
	job.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	job.Spec.Template.Spec.NodeName = "n1"
	_ = f.take(job)
	kept := &f.listing().Indexed[0]
	if len(kept.Annotations)+len(kept.ManagedFields)+len(kept.Spec.Template.Spec.NodeName) > 0 || kept.Labels["team"] != "search" {
		t.Errorf("kept: %+v", kept)
	}
}
