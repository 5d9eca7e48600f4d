package replay

import (
	"maps"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// part is what the time of a pod was worth.
type part uint8

// The parts, in the order of the contract. Of a pod that nobody saw end nothing is
// known.
const (
	useful part = iota
	failed
	ignored
	removedPart
	stopped
	running
	parts
	unseen
)

// partSums are whole seconds, or seconds times an amount.
type partSums [parts]int64

// usage is what the pods held while they had a node.
type usage struct {
	*totals
	seconds partSums
	// requested are the seconds of the pods that ask for the same.
	requested map[*evidence.Requests]*partSums
	last      *evidence.Requests
	lastSums  *partSums
	idleSlots idleSlots
	// isExact: no pod is gone, and of each it is known how long it held what.
	isExact bool
}

// usage adds up all pods, one after the other as they lie in memory. It is nil where
// they were not read.
func (t *totals) usage(neverStarted int64) *usage {
	if t.seen.Coverage.Pods == evidence.None {
		return nil
	}
	u := &usage{totals: t, requested: map[*evidence.Requests]*partSums{}, isExact: t.knowsEveryPod(), idleSlots: idleSlots{until: t.waitedUntil(neverStarted)}}
	for from := 0; from < len(t.pods); {
		to := from + 1
		for to < len(t.pods) && t.pods[to].Index == t.pods[from].Index {
			to++
		}
		u.addIndex(t.pods[from:to])
		if t.pods[from].ValidIndex {
			u.idleSlots.addIndex(t.pods[from:to])
		}
		from = to
	}
	return u
}

// addIndex: of two that succeeded the longer is useful, so that what is gone never
// makes that part more.
func (u *usage) addIndex(pods []*podFacts) {
	var best *podFacts
	for _, pod := range pods {
		part := u.partOf(pod)
		if part == useful {
			if best == nil {
				best = pod
				continue
			}
			if pod.held > best.held {
				pod, best = best, pod
			}
			part = stopped
		}
		u.add(pod, part)
	}
	if best != nil {
		u.add(best, useful)
	}
}

func (u *usage) add(pod *podFacts, part part) {
	u.isExact = u.isExact && part != unseen && pod.isHeldKnown
	if pod.held == 0 || part == unseen {
		return
	}
	if u.lastSums == nil || pod.requests != u.last {
		u.last = pod.requests
		if u.lastSums = u.requested[u.last]; u.lastSums == nil {
			u.lastSums = &partSums{}
			u.requested[u.last] = u.lastSums
		}
	}
	u.seconds[part] += pod.held
	u.lastSums[part] += pod.held
}

// partOf is what the pod's time was worth, by what became of it.
func (t *totals) partOf(pod *podFacts) part {
	switch {
	case pod.wentUnseen() || t.mayBeForNothing(pod):
		return unseen
	case !pod.Terminal && !pod.isGone:
		return running
	case pod.isKilled:
		return stopped
	case pod.standing == removed:
		return removedPart
	case pod.standing == markedLater:
		return useful
	case pod.Succeeded():
		isForNothing := !pod.ValidIndex || pod.standing == notCounted || t.verdict.isFinished() && !t.completed.Has(pod.Index)
		if isForNothing {
			return stopped
		}
		return useful
	case !pod.Failed:
		return removedPart // a watch saw it go, and its deletion counted for nothing
	case pod.standing == notCounted || !pod.ValidIndex || !pod.Match.Counts():
		return ignored
	}
	return failed
}

// mayBeForNothing: the pod was accounted for, and only pods that are perhaps missing
// would tell whether as a failure: those that were removed with it, or its replacement.
func (t *totals) mayBeForNothing(pod *podFacts) bool {
	isOpen := pod.standing == ordinary || pod.standing == listedSince
	if t.isWhole() || !pod.Terminal || pod.Uncounted || pod.isKilled || !isOpen {
		return false
	}
	lacksReplacement := t.perIndex() && pod.Failed && !pod.FailsIndex && !t.verdict.isDecided() && newestOf(t.podsOf(pod.Index)) == pod
	return pod.Deleted || lacksReplacement
}

// knowsEveryPod: no pod is gone of which nothing is left to see but a count, an
// event or another pod's annotation, or not even that.
func (t *totals) knowsEveryPod() bool {
	switch {
	case !t.isWhole() || !t.hasRules() || t.goneByEvents() > 0 || t.isDeletionOfGoneTold():
		return false
	case t.creationsTold:
		return true
	case !t.isUndisturbed() || !t.isSettled() || t.unexplained > 0:
		return false
	case t.verdict.isDecided() && !t.unfinished().Empty() && !t.countsKilled():
		return false // whom the decision killed may be gone
	case !t.perIndex() && t.ignores():
		return false
	}
	return t.completed.Union(t.failed).Minus(t.withPods).Empty() && t.areChainsWhole()
}

// isDeletionOfGoneTold: an event says that a pod was deleted which is not here.
func (t *totals) isDeletionOfGoneTold() bool {
	for name := range t.events.deleted {
		if index, ok := evidence.IndexOfPodName(t.job.Name, name); !ok || t.podNamed(index, name) == nil {
			return true
		}
	}
	return false
}

// areChainsWhole: no index lacks an attempt that its later ones or its end tell of.
func (t *totals) areChainsWhole() bool {
	for _, group := range t.groups {
		pods := t.podsIn(group)
		newest := newestOf(pods)
		switch { // the lists last: to look into them takes longest
		case newest.standing != markedLater && !slices.ContainsFunc(pods, (*podFacts).succeeded) && t.completed.Has(group.index),
			!newest.FailsIndex && t.failed.Has(group.index) && !t.completed.Has(group.index):
			return false
		case t.perIndex() && (!newest.HasFailureCount || int(newest.BornWith()) != len(pods)-1):
			return false
		}
	}
	return true
}

// told is the sum of each resource, and of all of them the seconds.
func (u *usage) told() *v1alpha1.Usage {
	if u == nil {
		return nil
	}
	amounts := map[corev1.ResourceName]*[parts]float64{}
	var first *evidence.Requests
	claims, sets := map[string]bool{}, 0
	for requests, seconds := range u.requested {
		if sets++; sets > 1 && !reflect.DeepEqual(requests, first) {
			u.isExact = false // one was resized, or what its template asks for was
		}
		if first = requests; requests == nil {
			continue
		}
		u.isExact = u.isExact && !requests.Resized
		for _, name := range requests.Claims {
			claims[name] = true
		}
		for _, request := range requests.Resources {
			if amounts[request.Name] == nil {
				amounts[request.Name] = &[parts]float64{}
			}
			for part, n := range seconds {
				amounts[request.Name][part] += float64(request.Amount) * float64(n)
			}
		}
	}
	told := &v1alpha1.Usage{Exact: u.isExact, Resources: map[corev1.ResourceName]v1alpha1.UsageParts{}, NotCounted: []string{}}
	var seconds [parts]float64
	for part, n := range u.seconds {
		seconds[part] = float64(n)
	}
	told.PodSeconds = partsOf(&seconds, 1)
	for name, of := range amounts {
		told.Resources[name] = partsOf(of, unitOf(name))
	}
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		told.NotCounted = append(told.NotCounted, "resource claim "+name)
	}
	return told
}

// unitOf is how much of what is kept of a resource makes one of it.
func unitOf(name corev1.ResourceName) float64 {
	switch {
	case name == corev1.ResourceCPU:
		return 1000
	case evidence.Request{Name: name}.InBytes():
		return 1 << 30
	}
	return 1
}

// partsOf adds up the parts as they are told: who adds them up again gets the same.
func partsOf(sums *[parts]float64, unit float64) v1alpha1.UsageParts {
	p := v1alpha1.UsageParts{
		Useful: sums[useful] / unit, Failed: sums[failed] / unit, Ignored: sums[ignored] / unit,
		Removed: sums[removedPart] / unit, Stopped: sums[stopped] / unit, Running: sums[running] / unit,
	}
	p.Total = p.Useful + p.Failed + p.Ignored + p.Removed + p.Stopped + p.Running
	return p
}
