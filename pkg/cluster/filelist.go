package cluster

import (
	"slices"
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
func (o *fileObjects) list(kind metav1.TypeMeta, metadata metav1.ObjectMeta) {
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
	if read, ok := parseMarks(metadata.Annotations); ok {
		o.marks.add(read)
	}
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
	for _, gap := range other.gaps {
		if !slices.Contains(m.gaps, gap) {
			m.gaps = append(m.gaps, gap)
		}
	}
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
