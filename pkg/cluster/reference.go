package cluster

import (
	"fmt"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
func (r Reference) choose(jobs []batchv1.Job, where string) (*batchv1.Job, error) {
	switch {
	case r.CronJob:
		return r.newestOfCronJob(jobs, where)
	case r.Name == "":
		return onlyIndexed(jobs, where)
	}
	var found []*batchv1.Job
	for i := range jobs {
		if jobs[i].Name == r.Name {
			found = append(found, &jobs[i])
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("there is no job %s in %s\nhint: %s", r.Name, where, suggest(r.Name, jobs))
	case 1:
		return found[0], nil
	}
	if found[0].Namespace != found[1].Namespace {
		return nil, fmt.Errorf("there are jobs %s in several namespaces in %s: %s\nhint: choose with -n", r.Name, where, names(found))
	}
	// The same name twice in one namespace: a Job and its successor.
	return newest(found), nil
}

func (r Reference) newestOfCronJob(jobs []batchv1.Job, where string) (*batchv1.Job, error) {
	var own []*batchv1.Job
	for i := range jobs {
		if owner := metav1.GetControllerOfNoCopy(&jobs[i]); owner != nil && owner.Kind == "CronJob" && owner.Name == r.Name {
			own = append(own, &jobs[i])
		}
	}
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

func onlyIndexed(jobs []batchv1.Job, where string) (*batchv1.Job, error) {
	var indexed []*batchv1.Job
	for i := range jobs {
		if mode := jobs[i].Spec.CompletionMode; mode != nil && *mode == batchv1.IndexedCompletion {
			indexed = append(indexed, &jobs[i])
		}
	}
	switch {
	case len(indexed) == 1:
		return indexed[0], nil
	case len(indexed) > 1:
		return nil, fmt.Errorf("there are %d Indexed Jobs in %s: %s\nhint: name one", len(indexed), where, names(indexed))
	case len(jobs) == 1:
		return &jobs[0], nil // which checkJob refuses, and says why
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
func suggest(name string, jobs []batchv1.Job) string {
	var near, all []*batchv1.Job
	for i := range jobs {
		all = append(all, &jobs[i])
		if isNear(name, jobs[i].Name) {
			near = append(near, &jobs[i])
		}
	}
	switch {
	case len(near) > 0:
		return "there is " + names(near)
	case len(all) > 0:
		return "the Jobs there are: " + names(all)
	}
	return "there is no Job at all; choose a namespace with -n"
}

// isNear: one name begins with the other, or a few letters differ.
func isNear(a, b string) bool {
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) || distance(a, b) <= max(1, len(a)/4)
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
