package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// maxPodEvents bounds what is read of the events of a namespace's pods. A server
// finds events by scanning all of them, and a busy namespace has hundreds of
// thousands.
const maxPodEvents = 50_000

// jobEvents lists the events of the Job itself.
func (c *Client) jobEvents(ctx context.Context, job *batchv1.Job) ([]evidence.Event, error) {
	var events []evidence.Event
	kept := budget{maxKept}
	selector := fields.OneTermEqualSelector(fieldAboutUID, string(job.UID))
	err := c.eachPage(metav1.ListOptions{FieldSelector: selector.String()},
		func(options metav1.ListOptions) (pageRead, error) {
			page, err := c.events(job.Namespace).list(ctx, options)
			if err != nil {
				return pageRead{}, err
			}
			for i := range page.Items {
				events = append(events, reduceEvent(&page.Items[i]))
				if err := kept.event(&events[len(events)-1]); err != nil {
					return pageRead{}, err
				}
			}
			return readOf(page), nil
		},
		func() { events, kept = nil, budget{maxKept} })
	return events, err
}

// podEventsSelector asks for warnings alone: Scheduled, Pulled, Created and
// Started, four of five events of a pod, say nothing that its status does not.
var podEventsSelector = fields.AndSelectors(
	fields.OneTermEqualSelector("involvedObject.kind", "Pod"),
	fields.OneTermNotEqualSelector("type", corev1.EventTypeNormal),
)

// podEvents lists the warnings about the Job's pods. One list of the namespace
// costs the server as much as one list for a single pod.
func (c *Client) podEvents(ctx context.Context, seen *evidence.Job) ([]evidence.Event, error) {
	isOfJob := podEventsOf(seen)
	var events []evidence.Event
	read, kept := 0, budget{maxKept}
	err := c.eachPage(metav1.ListOptions{FieldSelector: podEventsSelector.String()},
		func(options metav1.ListOptions) (pageRead, error) {
			page, err := c.events(seen.Job.Namespace).list(ctx, options)
			if err != nil {
				return pageRead{}, err
			}
			for i := range page.Items {
				if e := reduceEvent(&page.Items[i]); isOfJob(&e) {
					events = append(events, e)
					if err := kept.event(&e); err != nil {
						return pageRead{}, err
					}
				}
			}
			if read += len(page.Items); read >= maxPodEvents && page.Continue != "" {
				return pageRead{}, fmt.Errorf("namespace %s has more than %d warnings about pods; the others were not read", seen.Job.Namespace, read)
			}
			return readOf(page), nil
		},
		func() { events, read, kept = nil, 0, budget{maxKept} })
	return events, err
}

// tellsOfPod: what a pod's status does not tell, nor tells of a pod that is gone.
func tellsOfPod(e *evidence.Event) bool {
	return e.Kind == "Pod" && (e.Type != corev1.EventTypeNormal || slices.Contains(evidence.ToldOfPods, e.Reason))
}

// tellsOfPods: some pod may have a warning that its status does not tell of. Of
// pods that all succeeded the first time nobody asks.
func tellsOfPods(seen *evidence.Job) bool {
	if seen.Job.Status.Failed > 0 {
		return true
	}
	for i := range seen.Attempts {
		if seen.Attempts[i].Phase != corev1.PodSucceeded {
			return true
		}
	}
	return false
}

// podEventsOf tells the events of the Job's pods from others, also of pods that
// are gone: by name, since a name holds the Job's, and by UID where a pod is
// called otherwise.
func podEventsOf(seen *evidence.Job) func(*evidence.Event) bool {
	job := seen.Job
	others := map[types.UID]bool{}
	for i := range seen.Attempts {
		a := &seen.Attempts[i]
		if _, ok := evidence.IndexOfPodName(job.Name, a.Name); !ok && a.UID != "" {
			others[a.UID] = true
		}
	}
	return func(e *evidence.Event) bool {
		if e.Kind != "Pod" {
			return false
		}
		if _, ok := evidence.IndexOfPodName(job.Name, e.Name); ok {
			return !e.Last.Before(job.CreationTimestamp.Time) // else of a Job before it of this name
		}
		return others[e.UID]
	}
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
	return evidence.Gap{Kind: kind, Message: message, Error: plainly(err).Error()}
}
