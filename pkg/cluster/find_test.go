package cluster

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

func TestParseReference(t *testing.T) {
	for text, want := range map[string]Reference{
		"nightly":              {Name: "nightly"},
		"job/nightly":          {Name: "nightly"},
		"jobs/nightly":         {Name: "nightly"},
		"jobs.batch/nightly":   {Name: "nightly"},
		"Job.batch/nightly":    {Name: "nightly"},
		"cronjob/nightly":      {Name: "nightly", CronJob: true},
		"cronjobs.batch/daily": {Name: "daily", CronJob: true},
		"cj/daily":             {Name: "daily", CronJob: true},
	} {
		if got, err := ParseReference(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"pod/x": `reading "pod/x": pod is neither a Job nor a CronJob`,
		"job/":  `reading "job/": it names no Job`,
		"a/b/c": `reading "a/b/c": it names no Job`,
		"/":     `reading "/": it names no Job`,
	} {
		_, err := ParseReference(text)
		wantError(t, err, want)
	}
}

func named(name string, change ...func(*batchv1.Job)) *batchv1.Job {
	return newJob(append(change, func(j *batchv1.Job) { j.Name = name })...)
}

func plain(j *batchv1.Job) { j.Spec.CompletionMode = nil }

func TestFind(t *testing.T) {
	ofCron := func(age time.Duration) func(*batchv1.Job) {
		return func(j *batchv1.Job) {
			j.CreationTimestamp = metav1.NewTime(noon.Add(-age))
			j.OwnerReferences = []metav1.OwnerReference{{Kind: "CronJob", Name: "daily", Controller: new(true)}}
		}
	}
	for _, test := range []struct {
		name      string
		reference Reference
		jobs      []runtime.Object
		want      string
		wantErr   string
	}{
		{"a name needs no list", Reference{Name: "nightly"}, nil, "nightly", ""},
		{"the one there is", Reference{}, []runtime.Object{named("a", plain), named("b")}, "b", ""},
		{"the one there is, not Indexed", Reference{}, []runtime.Object{named("a", plain)}, "a", ""},
		{"several", Reference{}, []runtime.Object{named("a"), named("b")}, "", "there are 2 Indexed Jobs in namespace default: a, b"},
		{"none Indexed", Reference{}, []runtime.Object{named("a", plain), named("b", plain)}, "", "none of the 2 Jobs in namespace default is Indexed"},
		{"none", Reference{}, nil, "", "there is no Job in namespace default"},
		{"of a cronjob", Reference{Name: "daily", CronJob: true}, []runtime.Object{
			named("daily-1", ofCron(3*time.Hour)), named("daily-2", ofCron(time.Hour)), named("daily-3", ofCron(2*time.Hour)), named("daily-4"),
		}, "daily-2", ""},
		{"of no cronjob", Reference{Name: "weekly", CronJob: true}, []runtime.Object{named("a")}, "", "there is no job of cronjob weekly in namespace default"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := clustertest.New(test.jobs...)
			c := client(t, server, noon)
			c.ChunkSize = 2
			got, err := c.Find(t.Context(), "default", test.reference)
			if test.wantErr != "" {
				wantError(t, err, test.wantErr)
				return
			}
			if err != nil || got != test.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestNoSuchJob: what helps is told, and what is left of the Job.
func TestNoSuchJob(t *testing.T) {
	event := newEvent("e", aboutJob, func(e *corev1.Event) {
		e.Reason, e.Message, e.LastTimestamp = "Completed", "Job completed", metav1.NewTime(noon)
	})
	for _, test := range []struct {
		name    string
		objects []runtime.Object
		want    string
		hint    string
	}{
		{"nothing near", []runtime.Object{named("embed")}, `reading job default/nightly: jobs.batch "nightly" not found`, "the Jobs there are: embed"},
		{"a typing error", []runtime.Object{named("embed"), named("nihgtly")}, "not found", "there is nihgtly"},
		{"the beginning of a name", []runtime.Object{named("nightly-29"), named("nightly-30")}, "not found", "there is nightly-29, nightly-30"},
		{"no Job at all", nil, "not found", "there is no Job at all; choose a namespace with -n"},
		{
			"pods left",
			[]runtime.Object{newPod("a"), newPod("b", func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed })},
			"job default/nightly is not there any more, but 2 pods of it are still there (1 Failed, 1 Running): it was removed, by its ttlSecondsAfterFinished", "",
		},
		{"an event left", []runtime.Object{event}, `but 1 event tells of it, the last at 2026-11-22 12:00:00Z: Completed "Job completed": it was removed`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := client(t, clustertest.New(test.objects...), noon)
			_, err := c.Observe(t.Context(), "default", "nightly")
			wantError(t, err, test.want)
			if test.hint != "" {
				wantError(t, err, "")
				if got := err.Error(); !strings.Contains(got, "\nhint: "+test.hint) {
					t.Errorf("hint in %q, want %q", got, test.hint)
				}
			}
		})
	}
}

func TestNotIndexed(t *testing.T) {
	c := client(t, clustertest.New(named("nightly", plain)), noon)
	_, err := c.Observe(t.Context(), "default", "nightly")
	wantError(t, err, "job default/nightly is not Indexed: its completionMode is NonIndexed, so that it has no indexes to explain")
	if !strings.Contains(err.Error(), "hint: kubectl describe job nightly -n default") {
		t.Error(err)
	}
}
