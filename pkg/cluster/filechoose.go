package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
)

// choose finds the Job that is meant, or says what there is instead.
func (o *fileObjects) choose(reference Reference, where string) (*batchv1.Job, error) {
	if len(o.jobs) > 0 {
		return reference.choose(o.jobs, where)
	}
	for _, kind := range slices.Sorted(maps.Keys(o.others)) {
		if group, ok := strings.CutPrefix(kind, "Job of "); ok {
			return nil, fmt.Errorf("%s holds a Job of %s, not of batch/v1\nhint: only Jobs of batch/v1 have indexes that their controller retries by these rules", where, group)
		}
	}
	owners := map[string]bool{}
	pods := 0
	for _, family := range o.families {
		if c := &family.controller; c.Kind == "Job" {
			owners[c.Name] = true
			pods++
		}
	}
	switch {
	case pods > 0:
		list := make([]string, 0, len(owners))
		for name := range owners {
			list = append(list, name)
		}
		slices.Sort(list)
		if len(list) > maxNames {
			list = append(list[:maxNames], fmt.Sprintf("%d more", len(list)-maxNames))
		}
		return nil, fmt.Errorf("%s holds %s of job %s but not the Job itself\nhint: %s", where, count(pods, "pod", "pods"), strings.Join(list, ", "), writeHint)
	case o.total() == 0 && o.namespace != "":
		return nil, fmt.Errorf("%s holds nothing of namespace %s\nhint: leave out -n, or choose another", where, o.namespace)
	case o.total() == 0:
		return nil, fmt.Errorf("%s is empty\nhint: %s", where, writeHint)
	}
	kinds := o.others
	if len(o.attempts) > 0 {
		kinds["Pod"] = len(o.attempts)
	}
	if len(o.events) > 0 {
		kinds["Event"] = len(o.events)
	}
	return nil, fmt.Errorf("%s holds no Job, only %s\nhint: %s", where, tally(kinds), writeHint)
}
