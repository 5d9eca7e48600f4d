package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Reference is how a person names a Job.
type Reference struct {
	// Name is of the Job, or of its CronJob; empty for "the one that is there".
	Name string
	// CronJob: the newest Job of the CronJob of that name is meant.
	CronJob bool
}

// ParseReference reads NAME, job/NAME, jobs/NAME, jobs.batch/NAME, cronjob/NAME.
func ParseReference(text string) (Reference, error) {
	resource, name, qualified := strings.Cut(text, "/")
	if !qualified {
		resource, name = "job", text
	}
	if name == "" || strings.Contains(name, "/") {
		return Reference{}, fmt.Errorf("reading %q: it names no Job\nhint: write NAME, job/NAME or cronjob/NAME", text)
	}
	switch strings.ToLower(resource) {
	case "job", "jobs", "job.batch", "jobs.batch", "job.v1.batch", "jobs.v1.batch":
		return Reference{Name: name}, nil
	case "cronjob", "cronjobs", "cj", "cronjob.batch", "cronjobs.batch", "cronjob.v1.batch", "cronjobs.v1.batch":
		return Reference{Name: name, CronJob: true}, nil
	}
	return Reference{}, fmt.Errorf("reading %q: %s is neither a Job nor a CronJob\nhint: write NAME, job/NAME or cronjob/NAME", text, resource)
}

// choose picks the Job that is meant out of those that are there. where names
// the place for a person: "namespace default", "jobs.yaml".
func (r Reference) choose(all []batchv1.Job, where string) (*batchv1.Job, error) {
	jobs := successors(all)
	switch {
	case r.CronJob:
		return r.newestOfCronJob(jobs, where)
	case r.Name == "":
		return onlyIndexed(jobs, where)
	}
	found := keep(jobs, func(j *batchv1.Job) bool { return j.Name == r.Name })
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("there is no job %s in %s\nhint: %s", r.Name, where, suggest(r.Name, jobs))
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("there are jobs %s in several namespaces in %s: %s\nhint: choose with -n", r.Name, where, names(found))
}

// successors leaves out a Job that another of its name has followed: files may
// hold both.
func successors(jobs []batchv1.Job) []*batchv1.Job {
	var kept []*batchv1.Job
	at := map[types.NamespacedName]int{}
	for i := range jobs {
		name := types.NamespacedName{Namespace: jobs[i].Namespace, Name: jobs[i].Name}
		if n, ok := at[name]; ok {
			kept[n] = newest([]*batchv1.Job{kept[n], &jobs[i]})
			continue
		}
		at[name] = len(kept)
		kept = append(kept, &jobs[i])
	}
	return kept
}

func keep(jobs []*batchv1.Job, wanted func(*batchv1.Job) bool) []*batchv1.Job {
	var kept []*batchv1.Job
	for _, job := range jobs {
		if wanted(job) {
			kept = append(kept, job)
		}
	}
	return kept
}

func (r Reference) newestOfCronJob(jobs []*batchv1.Job, where string) (*batchv1.Job, error) {
	own := keep(jobs, func(j *batchv1.Job) bool {
		owner := metav1.GetControllerOfNoCopy(j)
		return owner != nil && owner.Kind == "CronJob" && owner.Name == r.Name
	})
	if len(own) == 0 {
		return nil, fmt.Errorf("there is no job of cronjob %s in %s\nhint: it keeps as many as its history limits say, and may not have run yet", r.Name, where)
	}
	return newest(own), nil
}

// newest goes by creation, then by name, so that the answer is the same
// whatever the order.
func newest(jobs []*batchv1.Job) *batchv1.Job {
	return slices.MaxFunc(jobs, func(a, b *batchv1.Job) int {
		if c := a.CreationTimestamp.Compare(b.CreationTimestamp.Time); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

func onlyIndexed(jobs []*batchv1.Job, where string) (*batchv1.Job, error) {
	indexed := keep(jobs, func(j *batchv1.Job) bool {
		return j.Spec.CompletionMode != nil && *j.Spec.CompletionMode == batchv1.IndexedCompletion
	})
	switch {
	case len(indexed) == 1:
		return indexed[0], nil
	case len(indexed) > 1:
		return nil, fmt.Errorf("there are %d Indexed Jobs in %s: %s\nhint: name one", len(indexed), where, names(indexed))
	case len(jobs) == 1:
		return jobs[0], nil // which checkJob refuses, and says why
	case len(jobs) > 1:
		return nil, fmt.Errorf("none of the %d Jobs in %s is Indexed\nhint: kubectl describe job NAME explains the others", len(jobs), where)
	}
	return nil, fmt.Errorf("there is no Job in %s\nhint: choose a namespace with -n", where)
}

// maxNames is how many names an error lists.
const maxNames = 10

// names lists Jobs newest first, with their namespaces where there are several.
func names(jobs []*batchv1.Job) string {
	jobs = slices.Clone(jobs)
	slices.SortFunc(jobs, func(a, b *batchv1.Job) int {
		if c := b.CreationTimestamp.Compare(a.CreationTimestamp.Time); c != 0 {
			return c
		}
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	several := slices.ContainsFunc(jobs, func(j *batchv1.Job) bool { return j.Namespace != jobs[0].Namespace })
	var list []string
	for i, job := range jobs {
		if i == maxNames {
			list = append(list, fmt.Sprintf("and %d more", len(jobs)-maxNames))
			break
		}
		if several {
			list = append(list, qualified(job.Namespace, job.Name))
		} else {
			list = append(list, job.Name)
		}
	}
	return strings.Join(list, ", ")
}

// suggest names the Jobs whose names are near, or else those that there are.
func suggest(name string, jobs []*batchv1.Job) string {
	near := keep(jobs, func(j *batchv1.Job) bool { return isNear(name, j.Name) })
	switch {
	case len(near) > 0:
		return "there is " + names(near)
	case len(jobs) > 0:
		return "the Jobs there are: " + names(jobs)
	}
	return "there is no Job at all; choose a namespace with -n"
}

// Nearest is the word that was probably typed, empty where none is near. Of two that
// are as near it is the one that begins alike.
func Nearest(typed string, words []string) string {
	near := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return typed == "" || !isNear(typed, word) })
	if len(near) == 0 {
		return ""
	}
	beginsOtherwise := func(word string) int {
		if strings.HasPrefix(word, typed[:1]) {
			return 0
		}
		return 1
	}
	return slices.MinFunc(near, func(a, b string) int {
		return cmp.Or(cmp.Compare(distance(typed, a), distance(typed, b)), cmp.Compare(beginsOtherwise(a), beginsOtherwise(b)), strings.Compare(a, b))
	})
}

// isNear: one name begins with the other, or a few letters differ.
func isNear(a, b string) bool {
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) || distance(a, b) <= max(1, len(a)/3)
}

// distance is Levenshtein's, in which two letters that changed places count once.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
