package replay

import (
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// creationsComplete reports whether the events name every pod that the Job ever
// had of an index that it still has: none is folded, none can have expired, none
// was dropped by the recorder's limit, the event of the Job's end is there (they
// are written in order), every pod there is or was deleted and every index that is
// done has one, and the pods they name are enough for what status.failed counts.
func (t *podTable) creationsComplete(unexplained int64) bool {
	if t.seen.Coverage.Events != evidence.Whole || !t.events.ended || t.events.folded || t.events.lacksCreations || t.events.total >= controller.EventBurst {
		return false
	}
	created := t.job.CreationTimestamp.Time
	if t.now.Sub(created) > controller.EventTTL || t.events.first.Sub(created) > controller.SyncBatchPeriod {
		return false // an API server may be told to keep them for minutes; the controller begins with one
	}
	for name := range t.events.deleted {
		if _, ok := evidence.IndexOfPodName(t.job.Name, name); !ok {
			return false
		}
	}
	for _, pod := range t.pods {
		if pod.ValidIndex && !t.isToldCreated(pod.Index, pod.Name) {
			return false
		}
	}
	return t.completed.Union(t.failed).Minus(t.toldCreated()).Empty() && unexplained <= t.goneByEvents()+t.perhapsCounted()
}

// perhapsCounted are the pods that may be in status.failed, and of which it is not
// known.
func (t *podTable) perhapsCounted() int64 {
	var n int64
	for _, pod := range t.pods {
		if (pod.Deleted || pod.hasFailed()) && !t.isSurelyCounted(pod) {
			n++
		}
	}
	return n
}

// goneByEvent are the pods of the index that an event names and nobody sees.
func (t *podTable) goneByEvent(index int32) []namedPod {
	var gone []namedPod
	for _, pod := range t.events.created[index] {
		if t.podNamed(index, pod.name) == nil {
			gone = append(gone, pod)
		}
	}
	return gone
}

// goneByEvents is how many pods only events name; each may have been counted.
func (t *podTable) goneByEvents() int64 {
	var gone int64
	for index := range t.events.created {
		gone += int64(len(t.goneByEvent(index)))
	}
	return gone
}

func (t *podTable) isToldCreated(index int32, name string) bool {
	for _, pod := range t.events.created[index] {
		if pod.name == name {
			return true
		}
	}
	return false
}
