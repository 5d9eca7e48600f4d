package replay

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// findOOM: containers that ran out of memory, with their limit.
func (t *totals) findOOM(*v1alpha1.Explanation) []v1alpha1.Finding {
	killed := map[string][]int32{}
	var order []string
	for _, pod := range t.pods {
		if !pod.ValidIndex || !pod.isOOMKilled {
			continue
		}
		for i := range pod.Containers {
			c := &pod.Containers[i]
			if !isOOMKilled(c) {
				continue
			}
			if killed[c.Name] == nil {
				order = append(order, c.Name)
			}
			killed[c.Name] = append(killed[c.Name], pod.Index)
		}
	}
	var found []v1alpha1.Finding
	for _, name := range order {
		limit := "no memory limit is set on it: the node or the pod ran out of memory"
		if quantity := t.memoryLimit(name); quantity != "" {
			limit = "its memory limit is " + quantity
		}
		n := int64(len(killed[name]))
		found = append(found, finding(v1alpha1.OOMKilled, killed[name], "container %s was OOMKilled in %d attempt%s; %s", name, n, s(n), limit)...)
	}
	return found
}

func isOOMKilled(c *evidence.Container) bool {
	return c.Terminated != nil && c.Terminated.Reason == "OOMKilled"
}

func (t *totals) memoryLimit(container string) string {
	spec := &t.job.Spec.Template.Spec
	for _, list := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range list {
			if limit, ok := list[i].Resources.Limits[corev1.ResourceMemory]; ok && list[i].Name == container {
				return limit.String()
			}
		}
	}
	return ""
}

// findLimits: what the Job's own limits make of failed indexes.
func (t *totals) findLimits(*v1alpha1.Explanation) []v1alpha1.Finding {
	var found []v1alpha1.Finding
	ranAll := t.verdict.is(batchv1.JobReasonFailedIndexes)
	if t.perIndex() && t.job.Spec.MaxFailedIndexes == nil && ranAll && t.completions > 1 {
		found = append(found, v1alpha1.Finding{
			Kind: v1alpha1.NoMaxFailedIndexes, Indexes: t.Failed.String(),
			Message: "without maxFailedIndexes every index ran before the Job failed",
		})
	}
	return found
}
