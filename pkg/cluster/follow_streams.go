package cluster

import (
	"context"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
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
				f.setGone()
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
				f.setGone()
			}
		},
	}
}

func (f *Follower) podsStream(options metav1.ListOptions) *stream {
	pods := f.client.pods(f.first.Namespace)
	return &stream{
		list: func(ctx context.Context) (string, error) {
			list, err := f.client.attempts(ctx, f.first)
			if err != nil {
				return "", err
			}
			f.changePods(func() error { return f.pods.relist(list, f.client.now()) })
			return list.version, nil
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
			f.changePods(func() error {
				attempt := f.reducer.reduce(pod, f.first, len(f.pods.items))
				if kind == watch.Deleted {
					return f.pods.vanish(attempt, f.client.now())
				}
				return f.pods.put(attempt)
			})
		},
	}
}

func (f *Follower) eventsStream(options metav1.ListOptions) *stream {
	events := f.client.events(f.first.Namespace)
	return &stream{
		list: func(ctx context.Context) (version string, err error) {
			var listed kept[evidence.Event]
			begin := func() { listed = kept[evidence.Event]{} }
			err = f.client.eachPage(options, func(page metav1.ListOptions) (pageRead, error) {
				list, err := events.list(ctx, page)
				if err != nil {
					return pageRead{}, err
				}
				for i := range list.Items {
					if err := listed.put(list.Items[i].UID, reduceEvent(&list.Items[i]), leastOfObject); err != nil {
						return pageRead{}, err
					}
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
				f.change(func() { f.events.remove(event.UID) })
				return
			}
			f.change(func() { f.fits(f.events.put(event.UID, reduceEvent(event), leastOfObject)) })
		},
	}
}
