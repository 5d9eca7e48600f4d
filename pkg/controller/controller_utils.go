package controller

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// countPods is what the status will say, before any pod is deleted or created.
func (s *sync) countPods() {
	for _, pod := range s.live {
		if pod.Active {
			s.activePods = append(s.activePods, pod)
			if isReady, _ := pod.ready(); isReady {
				s.ready++
			}
		}
		if pod.Terminating {
			s.Terminating++
		}
	}
	s.Active = int64(len(s.activePods))
	s.active, s.terminating = s.Active, s.Terminating
}

// countDeleted: what the sync deletes is terminating at once, and not ready.
func (s *sync) countDeleted() {
	s.active -= int64(len(s.Deleted))
	if !s.Rules.countsDeleted() {
		return
	}
	s.terminating += int64(len(s.Deleted))
	for _, pod := range s.Deleted {
		if isReady, _ := pod.ready(); isReady {
			s.ready--
		}
	}
}

// ready is whether the pod is, by the first condition of that type, and since
// when (IsPodReady and podReadyTime, v1.37.2).
func (p *Pod) ready() (bool, evidence.Instant) {
	for i := range p.Conditions {
		if c := &p.Conditions[i]; c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue, c.LastTransitionTime
		}
	}
	return false, 0
}

// ranked is an active pod with what decides how soon it is deleted as surplus,
// reckoned once (ActivePods in controller_utils.go, v1.37.2).
type ranked struct {
	pod *Pod
	// group keeps apart what is not compared.
	group                     int
	assigned, phase, ready    int
	readyTime                 evidence.Instant
	restarts, sidecarRestarts int32
	created                   evidence.Instant
}

func (s *sync) ranked(pod *Pod, group int) ranked {
	r := ranked{pod: pod, group: group, created: pod.CreationTime}
	if pod.Node != "" {
		r.assigned = 1
	}
	switch pod.Phase {
	case corev1.PodUnknown:
		r.phase = 1
	case corev1.PodRunning:
		r.phase = 2
	}
	if isReady, since := pod.ready(); isReady {
		r.ready, r.readyTime = 1, since
	}
	for i := range pod.Containers {
		switch c := &pod.Containers[i]; c.Type {
		case evidence.App:
			r.restarts = max(r.restarts, c.Restarts)
		case evidence.Sidecar:
			if s.Rules.ranksSidecars() {
				r.sidecarRestarts = max(r.sidecarRestarts, c.Restarts)
			}
		}
	}
	return r
}

// compare is below zero where a goes first: what is not assigned, not running,
// not ready, ready for the shorter time, restarted more often, younger.
func (a *ranked) compare(b *ranked) int {
	return cmp.Or(
		cmp.Compare(a.group, b.group),
		cmp.Compare(a.assigned, b.assigned),
		cmp.Compare(a.phase, b.phase),
		cmp.Compare(a.ready, b.ready),
		laterOrNone(a.readyTime, b.readyTime),
		-cmp.Compare(a.restarts, b.restarts),
		-cmp.Compare(a.sidecarRestarts, b.sidecarRestarts),
		laterOrNone(a.created, b.created),
	)
}

// laterOrNone puts what has no time first, then the later (afterOrZero, v1.37.2).
func laterOrNone(a, b evidence.Instant) int {
	if a.IsZero() || b.IsZero() {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(b, a)
}

// rank sorts the pods, those first that are deleted first.
func rank(pods []ranked) []ranked {
	slices.SortStableFunc(pods, func(a, b ranked) int { return a.compare(&b) })
	return pods
}

func unrank(ranks []ranked) []*Pod {
	pods := make([]*Pod, len(ranks))
	for i := range ranks {
		pods[i] = ranks[i].pod
	}
	return pods
}
