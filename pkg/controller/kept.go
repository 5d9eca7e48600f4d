package controller

// Kept is the one of an index's active pods that a sync keeps where it finds
// several: the last that it would delete (appendPodsWithSameIndexForRemovalAndRemaining,
// v1.37.2). It is nil where none is active.
func (r Rules) Kept(pods []*Pod) *Pod {
	s := &sync{State: State{Rules: r}}
	var kept *Pod
	var rank ranked
	for _, pod := range pods {
		if !pod.Active {
			continue
		}
		if other := s.ranked(pod, 0); kept == nil || rank.compare(&other) < 0 {
			kept, rank = pod, other
		}
	}
	return kept
}
