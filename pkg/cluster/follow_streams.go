package cluster

import (
	"context"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func (f *Follower) jobStream(options metav1.ListOptions) *stream {
	jobs := f.client.jobs(f.first.Namespace)
	return &stream{
		list: func(ctx context.Context) (version string, err error) {
			found := false
			err = f.client.eachPage(options, func(page metav1.ListOptions) (pageRead, error) {
				list, err := jobs.list(ctx, page)
				if err != nil {
					return pageRead{}, err
				}
				for i := range list.Items {
					f.setJob(&list.Items[i])
					found = true
				}
				version = list.ResourceVersion
				return readOf(list), nil
			}, func() { found = false })
			if err != nil {
				return "", err
			}
			if !found {
				f.change(func() { f.gone = true })
			}
			return version, nil
		},
		watch: func(ctx context.Context, from metav1.ListOptions) (watch.Interface, error) {
			from.FieldSelector = options.FieldSelector
			return jobs.watch(ctx, from)
		},
		check: jobs.check(options),
		on: func(kind watch.EventType, object runtime.Object) {
			job, ok := object.(*batchv1.Job)
			if !ok || !f.isNews(job) {
				return
			}
			f.setJob(job)
			if kind == watch.Deleted {
				f.change(func() { f.gone = true })
			}
		},
	}
}

func (f *Follower) podsStream(options metav1.ListOptions) *stream {
	pods := f.client.pods(f.first.Namespace)
	return &stream{
		list: func(ctx context.Context) (version string, err error) {
			var listed map[types.UID]evidence.Attempt
			begin := func() { listed = map[types.UID]evidence.Attempt{} }
			begin()
			err = f.client.eachPage(options, func(page metav1.ListOptions) (pageRead, error) {
				list, err := pods.list(ctx, page)
				if err != nil {
					return pageRead{}, err
				}
				for i := range list.Items {
					if pod := &list.Items[i]; belongs(f.first.UID, pod) {
						attempt := evidence.Reduce(pod)
						if err := f.keep(pod.UID, ofAttempt, &attempt); err != nil {
							return pageRead{}, err
						}
						listed[pod.UID] = attempt
					}
				}
				version = list.ResourceVersion
				return readOf(list), nil
			}, begin)
			if err != nil {
				return "", err
			}
			now := f.client.now()
			f.changePods(func() {
				for uid, attempt := range f.attempts {
					if _, there := listed[uid]; !there {
						listed[uid] = vanished(attempt, now)
					}
				}
				f.attempts = listed
			})
			return version, nil
		},
		watch: func(ctx context.Context, from metav1.ListOptions) (watch.Interface, error) {
			from.LabelSelector = options.LabelSelector
			return pods.watch(ctx, from)
		},
		check: pods.check(options),
		on: func(kind watch.EventType, object runtime.Object) {
			pod, ok := object.(*corev1.Pod)
			if !ok || !belongs(f.first.UID, pod) {
				return
			}
			attempt := evidence.Reduce(pod)
			if kind == watch.Deleted {
				attempt = vanished(attempt, f.client.now())
			}
			if f.keep(pod.UID, ofAttempt, &attempt) != nil {
				return
			}
			f.changePods(func() { f.attempts[pod.UID] = attempt })
		},
	}
}

func (f *Follower) eventsStream(options metav1.ListOptions) *stream {
	events := f.client.events(f.first.Namespace)
	return &stream{
		list: func(ctx context.Context) (version string, err error) {
			var listed map[types.UID]evidence.Event
			begin := func() { listed = map[types.UID]evidence.Event{} }
			begin()
			err = f.client.eachPage(options, func(page metav1.ListOptions) (pageRead, error) {
				list, err := events.list(ctx, page)
				if err != nil {
					return pageRead{}, err
				}
				for i := range list.Items {
					event := reduceEvent(&list.Items[i])
					if err := f.keep(list.Items[i].UID, leastOfObject, &event); err != nil {
						return pageRead{}, err
					}
					listed[list.Items[i].UID] = event
				}
				version = list.ResourceVersion
				return readOf(list), nil
			}, begin)
			if err != nil {
				return "", err
			}
			f.change(func() { f.events = listed })
			return version, nil
		},
		watch: func(ctx context.Context, from metav1.ListOptions) (watch.Interface, error) {
			from.FieldSelector = options.FieldSelector
			return events.watch(ctx, from)
		},
		check: events.check(options),
		on: func(kind watch.EventType, object runtime.Object) {
			event, ok := object.(*corev1.Event)
			if !ok {
				return
			}
			if kind == watch.Deleted {
				f.change(func() { delete(f.events, event.UID) })
				return
			}
			reduced := reduceEvent(event)
			if f.keep(event.UID, leastOfObject, &reduced) == nil {
				f.change(func() { f.events[event.UID] = reduced })
			}
		},
	}
}
