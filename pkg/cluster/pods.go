package cluster

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// listedPods is what became of a list of the Job's pods.
type listedPods struct {
	attempts []evidence.Attempt
	// version is where a watch goes on from; bytes is how much memory they take.
	version string
	bytes   int64
}

// attempts lists the Job's pods by its own selector and keeps those that are
// its own. The next page is asked for before this one is decoded, so that the
// server works while we do; a pod is reduced as soon as it is decoded and its
// page let go, so that memory follows the evidence and not the size of the pods.
func (c *Client) attempts(ctx context.Context, job *batchv1.Job) (listedPods, error) {
	selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
	if err != nil {
		return listedPods{}, fmt.Errorf("reading its selector: %w", err)
	}
	var attempts []evidence.Attempt
	version := ""
	progress := c.Progress
	if progress == nil {
		progress = func(int, bool) {}
	}
	var reducer evidence.Reducer
	kept, buffer := budget{maxKept}, int64(0)
	reduce := func(page podPage) error {
		err := page.each(func(pod *corev1.Pod) error {
			if err := checkAnswer(pod, job.Namespace, nil); err != nil {
				return err
			}
			if !belongs(job.UID, pod) {
				return nil
			}
			if attempts == nil {
				attempts = make([]evidence.Attempt, 0, expectedPods(job))
			}
			before := reducer.Kept()
			attempts = append(attempts, reducer.Reduce(pod, job))
			return kept.attempts(1, &reducer, before)
		})
		progress(len(attempts), false)
		return err
	}
	defer func() { progress(len(attempts), true) }()
	// One page is decoded while the other is read; decoded waits for the former.
	reading, decoding := new(bytes.Buffer), new(bytes.Buffer)
	decoded := func() error { return nil }
	err = c.eachPage(metav1.ListOptions{LabelSelector: selector.String()},
		func(options metav1.ListOptions) (pageRead, error) {
			page, err := c.podPage(ctx, job.Namespace, options, reading)
			version = page.version
			if failed := decoded(); failed != nil {
				return pageRead{}, failed
			}
			if err != nil {
				return pageRead{}, err
			}
			if more := int64(reading.Cap()) - buffer; more > 0 {
				buffer += more
				if err := kept.keep(2 * more); err != nil { // the other will grow as well
					return pageRead{}, err
				}
			}
			reading, decoding = decoding, reading
			decoded = background(func() error { return reduce(page) })
			return page.pageRead, nil
		},
		func() { attempts, reducer, kept, buffer = nil, evidence.Reducer{}, budget{maxKept}, 0 })
	if failed := decoded(); err == nil {
		err = failed
	}
	if err != nil {
		return listedPods{}, err
	}
	attempts = distinct(attempts)
	return listedPods{attempts, version, int64(len(attempts))*ofAttempt + reducer.Kept()}, nil
}

// distinct keeps each pod once, as it was seen last: a list whose pages are of
// different instants, which a proxy or a cache may give, can hold a pod twice.
func distinct(attempts []evidence.Attempt) []evidence.Attempt {
	at := make(map[types.UID]int, len(attempts))
	kept := attempts[:0]
	for _, attempt := range attempts {
		before, twice := at[attempt.UID]
		switch {
		case !twice:
			at[attempt.UID] = len(kept)
			kept = append(kept, attempt)
		case attempt.ResourceVersion >= kept[before].ResourceVersion:
			kept[before] = attempt
		}
	}
	return kept
}

// expectedPods is how many pods a Job may have, by its status: with room for
// them a list need not be copied as it grows, which would take its memory twice.
// Servers do not tell how many pods match a selector. Pods may be gone that are
// still counted: of room that is not used, no memory becomes resident.
func expectedPods(job *batchv1.Job) int {
	const most = 200_000
	told := int64(job.Status.Active) + int64(job.Status.Succeeded) + int64(job.Status.Failed)
	return int(max(0, min(told, most)))
}

// background begins to do something; what it returns waits for the end of it.
func background(do func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return sync.OnceValue(func() error { return <-done })
}

// podPage is a page of pods that are not decoded yet.
type podPage struct {
	pageRead
	each func(func(*corev1.Pod) error) error
}

// podPage asks for a page and reads it into body. Whatever answers may speak
// JSON only.
func (c *Client) podPage(ctx context.Context, namespace string, options metav1.ListOptions, body *bytes.Buffer) (podPage, error) {
	ctx, cancel := within(ctx, c.core.Client.Timeout)
	defer cancel()
	answer, err := c.pods(namespace).stream(ctx, options)
	if err != nil {
		return podPage{}, err
	}
	defer answer.Close()
	body.Reset()
	if _, err := body.ReadFrom(answer); err != nil {
		return podPage{}, fmt.Errorf("reading a page: %w", err)
	}
	if bytes.HasPrefix(body.Bytes(), protobufMagic) {
		return openPage(body.Bytes())
	}
	var list corev1.PodList
	if err := decodeList(body.Bytes(), &list, func() runtime.Object { return &corev1.Pod{} }); err != nil {
		return podPage{}, err
	}
	return podPage{readOf(&list), func(visit func(*corev1.Pod) error) error {
		for i := range list.Items {
			if err := visit(&list.Items[i]); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// belongs reports whether a pod that the Job's selector matches is the Job's
// own: controlled by this very Job, not by an earlier one of its name, or by
// nobody, in which case the controller adopts it (ClaimObject in
// pkg/controller/controller_ref_manager.go, v1.37.2).
func belongs(job types.UID, pod *corev1.Pod) bool {
	controller := metav1.GetControllerOfNoCopy(pod)
	return controller == nil || controller.UID == job
}

func podsGap(namespace string) evidence.Gap {
	return evidence.Gap{
		Kind:    evidence.GapPods,
		Message: fmt.Sprintf("pods could not be listed: it is forbidden; needed is list on pods in namespace %s", namespace),
	}
}
