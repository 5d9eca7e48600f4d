package cluster

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// attempts lists the Job's pods by its own selector and keeps those that are
// its own. The next page is asked for before this one is decoded, so that the
// server works while we do; a pod is reduced as soon as it is decoded and its
// page let go, so that memory follows the evidence and not the size of the pods.
func (c *Client) attempts(ctx context.Context, job *batchv1.Job) ([]evidence.Attempt, error) {
	selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("reading its selector: %w", err)
	}
	var pages [][]evidence.Attempt // a list that grows would be copied over and over
	var reducer evidence.Reducer
	reduce := func(page podPage) error {
		attempts := make([]evidence.Attempt, 0, max(0, c.ChunkSize))
		err := page.each(func(pod *corev1.Pod) {
			if belongs(job.UID, pod) {
				attempts = append(attempts, reducer.Reduce(pod, job))
			}
		})
		pages = append(pages, attempts)
		return err
	}
	decoded := func() error { return nil } // waits for the page before
	err = c.eachPage(metav1.ListOptions{LabelSelector: selector.String()},
		func(options metav1.ListOptions) (string, error) {
			page, err := c.podPage(ctx, job.Namespace, options)
			if failed := decoded(); failed != nil {
				return "", failed
			}
			if err != nil {
				return "", err
			}
			decoded = background(func() error { return reduce(page) })
			return page.next, nil
		},
		func() { pages = nil })
	if failed := decoded(); err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	return slices.Concat(pages...), nil
}

// background begins to do something; what it returns waits for the end of it.
func background(do func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return sync.OnceValue(func() error { return <-done })
}

// podPage is a page of pods that are not decoded yet.
type podPage struct {
	next string // the token of the next page, empty on the last
	each func(func(*corev1.Pod)) error
}

// podPage asks for a page. Whatever answers may speak JSON only.
func (c *Client) podPage(ctx context.Context, namespace string, options metav1.ListOptions) (podPage, error) {
	result := c.core.RESTClient().Get().Namespace(namespace).Resource("pods").
		VersionedParams(&options, scheme.ParameterCodec).
		UseProtobufAsDefault().
		Timeout(0). // as typed clients do: the server has its own, the connection ours
		Do(ctx)
	if err := result.Error(); err != nil { // which says more than Raw's
		return podPage{}, err
	}
	body, err := result.Raw()
	if err != nil {
		return podPage{}, err
	}
	if bytes.HasPrefix(body, protobufMagic) {
		return openPage(body)
	}
	var list corev1.PodList
	if err := result.Into(&list); err != nil {
		return podPage{}, err
	}
	return podPage{list.Continue, func(visit func(*corev1.Pod)) error {
		for i := range list.Items {
			visit(&list.Items[i])
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
