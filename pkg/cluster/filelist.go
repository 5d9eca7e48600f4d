package cluster

import (
	"reflect"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// marks is what snapshots tell of their own reading.
type marks struct {
	isSnapshot  bool
	coverage    evidence.Coverage
	podEvents   evidence.Level
	order       evidence.Order
	eventsOrder evidence.EventsOrder
	gaps        []evidence.Gap
}

// list reads what a List says of itself, after its items. With several the
// latest instant holds, and what one of several snapshots could not read is
// missing.
func (o *fileObjects) list(kind metav1.TypeMeta, metadata metav1.ObjectMeta) error {
	o.position++
	switch kind.Kind {
	case "PodList":
		o.podLists.add(span{o.file, o.position, o.position})
	case "EventList":
		o.eventLists.add(span{o.file, o.position, o.position})
	}
	if at, err := time.Parse(time.RFC3339, metadata.Annotations[AnnotationObservedAt]); err == nil && at.After(o.observedAt) {
		o.observedAt = at
	}
	if version := metadata.Annotations[AnnotationServerVersion]; version != "" {
		o.serverVersion = version
	}
	read, ok := parseMarks(metadata.Annotations)
	if ok {
		o.marks.add(read)
	}
	return o.budget.keep(leastOfObject + footprint(reflect.ValueOf(read.gaps)))
}

func (m *marks) add(other marks) {
	if !m.isSnapshot {
		*m = other
		return
	}
	m.coverage.Pods = lesser(m.coverage.Pods, other.coverage.Pods)
	m.coverage.Events = lesser(m.coverage.Events, other.coverage.Events)
	m.podEvents = lesser(m.podEvents, other.podEvents)
	if m.order != other.order {
		m.order = evidence.OrderUnknown
	}
	if m.eventsOrder != other.eventsOrder {
		m.eventsOrder = evidence.EventsOrderUnknown
	}
	m.gaps = append(m.gaps, other.gaps...)
}

// distinctGaps are those of all snapshots, each once.
func (m *marks) distinctGaps() (gaps []evidence.Gap) {
	known := make(map[evidence.Gap]bool, len(m.gaps))
	for _, gap := range m.gaps {
		if !known[gap] {
			known[gap] = true
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

func lesser(a, b evidence.Level) evidence.Level {
	switch {
	case a == evidence.None || b == evidence.None:
		return evidence.None
	case a == evidence.Partial || b == evidence.Partial:
		return evidence.Partial
	}
	return evidence.Whole
}
