package cluster

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// annotations are the marks of a snapshot, which parseMarks reads.
func (s snapshot) annotations() map[string]string {
	var read, partial []string
	for _, kind := range []struct {
		name  string
		level evidence.Level
	}{{"pods", s.Coverage.Pods}, {"events", s.Coverage.Events}, {"podEvents", s.PodEvents}} {
		if kind.level != evidence.None && kind.level != "" {
			read = append(read, kind.name)
		}
		if kind.level == evidence.Partial {
			partial = append(partial, kind.name)
		}
	}
	annotations := map[string]string{
		AnnotationObservedAt:  s.ObservedAt.UTC().Format(time.RFC3339),
		AnnotationGaps:        formatGaps(s.Gaps, s.messages),
		AnnotationRead:        strings.Join(read, ","),
		AnnotationOrder:       string(s.Order),
		AnnotationEventsOrder: string(s.EventsOrder),
	}
	if partial != nil {
		annotations[AnnotationPartial] = strings.Join(partial, ",")
	}
	if s.ServerVersion != "" {
		annotations[AnnotationServerVersion] = s.ServerVersion
	}
	return annotations
}

// parseMarks reads what makes a List a snapshot; ok is false for another.
func parseMarks(annotations map[string]string) (m marks, ok bool) {
	if m.gaps, ok = parseGaps(annotations[AnnotationGaps]); !ok {
		return marks{}, false
	}
	m.isSnapshot = true
	m.coverage = evidence.Coverage{Pods: parseLevel(annotations, "pods"), Events: parseLevel(annotations, "events")}
	m.podEvents = parseLevel(annotations, "podEvents")
	switch order := evidence.Order(annotations[AnnotationOrder]); order {
	case evidence.JobAfterPods, evidence.JobBeforePods, evidence.Bracketed, evidence.OrderUnknown:
		m.order = order
	}
	switch order := evidence.EventsOrder(annotations[AnnotationEventsOrder]); order {
	case evidence.EventsBeforePods, evidence.EventsAfterPods, evidence.EventsOrderUnknown:
		m.eventsOrder = order
	}
	return m, true
}

func parseLevel(annotations map[string]string, kind string) evidence.Level {
	names := func(annotation string) bool {
		for _, name := range strings.Split(annotations[annotation], ",") {
			if name == kind {
				return true
			}
		}
		return false
	}
	switch {
	case !names(AnnotationRead):
		return evidence.None
	case names(AnnotationPartial):
		return evidence.Partial
	}
	return evidence.Whole
}

// gapRecord is a gap as the annotation spells it.
type gapRecord struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Error   string `json:"error,omitempty"`
}

func formatGaps(gaps []evidence.Gap, messages bool) string {
	records := []gapRecord{}
	for _, gap := range gaps {
		if !messages {
			gap.Error = ""
		}
		records = append(records, gapRecord(gap))
	}
	text, _ := json.Marshal(records) // strings always can be
	return string(text)
}

func parseGaps(text string) ([]evidence.Gap, bool) {
	var records []gapRecord
	// The parts of JSON within a text nobody has counted.
	if _, err := newJSONReader([]byte(text)).value(); err != nil {
		return nil, false
	}
	if json.Unmarshal([]byte(text), &records) != nil {
		return nil, false
	}
	var gaps []evidence.Gap
	for _, record := range records {
		gaps = append(gaps, evidence.Gap(record))
	}
	return gaps, true
}
