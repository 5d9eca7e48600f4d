package replay

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// keptRunning is a pod whose main container has ended, and which goes on for others.
type keptRunning struct {
	ended *evidence.Container
	by    []string
	// byApp: one of those is an app container, which no kubelet stops.
	byApp bool
}

// keptRunning tells of such a pod, nil of any other. A container that the template
// does not know was put there by somebody else, and is not the main one.
func (t *podTable) keptRunning(pod *podFacts) *keptRunning {
	if !pod.Active || len(pod.Containers) < 2 {
		return nil
	}
	template := &t.job.Spec.Template
	main := evidence.MainContainer(template.Annotations, template.Spec.Containers)
	var kept keptRunning
	for i := range pod.Containers {
		switch c := &pod.Containers[i]; {
		case c.Type == evidence.App && c.Name == main:
			kept.ended = c
		case c.Running && c.Type != evidence.Init:
			kept.by, kept.byApp = append(kept.by, c.Name), kept.byApp || c.Type == evidence.App
		}
	}
	if len(kept.by) == 0 || kept.ended == nil || kept.ended.Terminated == nil || kept.ended.FinishedAt.IsZero() {
		return nil
	}
	if template.Spec.RestartPolicy == corev1.RestartPolicyOnFailure && kept.ended.Terminated.ExitCode != 0 {
		return nil // it starts again
	}
	return &kept
}

// containerEnd: "main exited 0 at 10:00:15Z".
func containerEnd(c *evidence.Container) string {
	return fmt.Sprintf("%s exited %d at %s", c.Name, c.Terminated.ExitCode, clock(c.FinishedAt.Time()))
}

// findKeptRunning: pods whose main container has ended, and which go on. A kubelet
// stops native sidecars itself, within the grace period; app containers may take a
// moment as well.
func (t *totals) findKeptRunning() []v1alpha1.Finding {
	type keeping struct {
		by   string
		code int32
	}
	type kept struct {
		keeping
		members []int32
		first   *evidence.Container
	}
	var all []*kept
	known := map[keeping]*kept{}
	for _, pod := range t.pods {
		k := t.keptRunning(pod)
		if k == nil || !pod.ValidIndex || !k.byApp && t.now.Sub(k.ended.FinishedAt.Time()) < v1alpha1.StuckAfter {
			continue
		}
		alike := keeping{strings.Join(k.by, ", "), k.ended.Terminated.ExitCode}
		if known[alike] == nil {
			known[alike] = &kept{keeping: alike, first: k.ended}
			all = append(all, known[alike])
		}
		of := known[alike]
		of.members = append(of.members, pod.Index)
		if k.ended.FinishedAt < of.first.FinishedAt {
			of.first = k.ended
		}
	}
	var found []v1alpha1.Finding
	for _, k := range all {
		kind, since := v1alpha1.SidecarRuns, t.now.Sub(k.first.FinishedAt.Time())
		words, its := "", "its pod"
		if since >= v1alpha1.StuckAfter {
			kind, words = v1alpha1.StuckSidecar, v1alpha1.Duration(since)+": "
		}
		if n := len(k.members); n > 1 {
			its = "their pods"
			words += fmt.Sprintf("%s exited %d in %d pods, first at %s", k.first.Name, k.code, n, clock(k.first.FinishedAt.Time()))
		} else {
			words += containerEnd(k.first)
		}
		found = append(found, finding(kind, slices.Sorted(slices.Values(k.members)), "%s; %s keeps %s running", words, k.by, its)...)
	}
	return found
}
