package cluster

import (
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// maxPodEventPages bounds what is read of the events of a namespace's pods. A
// server finds events by scanning all of them, and a busy namespace has
// hundreds of thousands; ten thousand warnings tell what a pod waits for.
const maxPodEventPages = 20

// jobEvents lists the events of the Job itself.
func (c *Client) jobEvents(ctx context.Context, job *batchv1.Job) ([]evidence.Event, error) {
	var events []evidence.Event
	selector := fields.OneTermEqualSelector("involvedObject.uid", string(job.UID))
	err := c.eachPage(metav1.ListOptions{FieldSelector: selector.String()},
		func(options metav1.ListOptions) (string, error) {
			page, err := c.events(job.Namespace).list(ctx, options)
			if err != nil {
				return "", err
			}
			for i := range page.Items {
				events = append(events, reduceEvent(&page.Items[i]))
			}
			return page.Continue, nil
		},
		func() { events = nil })
	return events, err
}

// wantEvents is the pods whose events are worth a look: those that do not run
// yet, since a FailedScheduling or FailedMount stands nowhere else, and those
// on their way out. What ended a pod that is over stands in its status
// (Evicted, DisruptionTarget), so that for most Jobs nothing need be asked.
func wantEvents(attempts []evidence.Attempt) map[types.UID]bool {
	wanted := map[types.UID]bool{}
	for i := range attempts {
		switch a := &attempts[i]; {
		case a.Phase == corev1.PodSucceeded || a.Phase == corev1.PodFailed:
		case a.Phase == corev1.PodPending || !a.DeletionTime.IsZero():
			wanted[a.UID] = true
		}
	}
	return wanted
}

// podEventsSelector asks for warnings alone: Scheduled, Pulled, Created and
// Started, four of five events of a pod, say nothing that its status does not.
var podEventsSelector = fields.AndSelectors(
	fields.OneTermEqualSelector("involvedObject.kind", "Pod"),
	fields.OneTermNotEqualSelector("type", corev1.EventTypeNormal),
)

// podEvents lists the warnings about the wanted pods. One list of the namespace
// costs the server as much as one list for a single pod.
func (c *Client) podEvents(ctx context.Context, namespace string, wanted map[types.UID]bool) ([]evidence.Event, error) {
	var events []evidence.Event
	pages := 0
	err := c.eachPage(metav1.ListOptions{FieldSelector: podEventsSelector.String()},
		func(options metav1.ListOptions) (string, error) {
			if pages++; pages > maxPodEventPages {
				return "", fmt.Errorf("there are too many, the first %d were read", maxPodEventPages*c.ChunkSize)
			}
			page, err := c.events(namespace).list(ctx, options)
			if err != nil {
				return "", err
			}
			for i := range page.Items {
				if e := &page.Items[i]; wanted[e.InvolvedObject.UID] && isPodWarning(e) {
					events = append(events, reduceEvent(e))
				}
			}
			return page.Continue, nil
		},
		func() { events, pages = nil, 0 })
	return events, err
}

func isPodWarning(e *corev1.Event) bool {
	return e.InvolvedObject.Kind == "Pod" && e.Type != corev1.EventTypeNormal
}

// reduceEvent reads an event of either make: the older recorder fills source,
// count, firstTimestamp and lastTimestamp, the newer one reportingComponent,
// eventTime and series.
func reduceEvent(e *corev1.Event) evidence.Event {
	reduced := evidence.Event{
		Kind:    e.InvolvedObject.Kind,
		UID:     e.InvolvedObject.UID,
		Type:    e.Type,
		Reason:  e.Reason,
		Message: e.Message,
		Source:  e.Source.Component,
		Count:   max(e.Count, 1),
		First:   firstSet(e.FirstTimestamp.Time, e.EventTime.Time, e.CreationTimestamp.Time),
	}
	if reduced.Kind == "Pod" {
		reduced.Name = e.InvolvedObject.Name
	}
	if reduced.Source == "" {
		reduced.Source = e.ReportingController
	}
	reduced.Last = firstSet(e.LastTimestamp.Time, reduced.First)
	if e.Series != nil {
		reduced.Count = max(reduced.Count, e.Series.Count)
		reduced.Last = firstSet(e.Series.LastObservedTime.Time, reduced.Last)
	}
	return reduced
}

func firstSet(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func eventsGap(namespace string, err error) evidence.Gap {
	const message = "events could not be read"
	if apierrors.IsForbidden(err) {
		return gap(evidence.GapEvents, fmt.Sprintf("%s: it is forbidden; needed is list on events in namespace %s", message, namespace), nil)
	}
	return gap(evidence.GapEvents, message, err)
}

func gap(kind, message string, err error) evidence.Gap {
	if err == nil {
		return evidence.Gap{Kind: kind, Message: message}
	}
	return evidence.Gap{Kind: kind, Message: message, Error: err.Error()}
}
