package controller

import "slices"

// claimPods leaves the pods that the Job controls, and those that it adopts. A
// pod of the Job's that its selector does not match any more is released. A Job
// that is being deleted does neither, nor is an orphan adopted that is
// (ClaimObject, v1.37.2). Of those claimed only the live ones are gone through
// again.
func (s *sync) claimPods() {
	for _, pod := range s.Pods {
		if !pod.Owned || pod.Unselected {
			if pod.Owned && s.mayChangeOwners() {
				s.Released = append(s.Released, pod)
			}
			if !s.isClaimed(pod) {
				continue
			}
			s.Adopted = append(s.Adopted, pod)
		}
		if pod.isLive() {
			s.live = append(s.live, pod)
		}
	}
	if !slices.IsSortedFunc(s.live, byIndex) {
		slices.SortStableFunc(s.live, byIndex)
	}
}

func (s *sync) isClaimed(pod *Pod) bool {
	if pod.Owned || pod.Unselected {
		return !pod.Unselected
	}
	return s.mayChangeOwners() && pod.DeletionTime.IsZero()
}

func (s *sync) mayChangeOwners() bool {
	return !isSkipped(s.Job) && s.Job.DeletionTimestamp == nil
}
