package cluster

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// attempts lists the Job's pods by its own selector and keeps those that are
// its own. A pod is reduced as soon as it is decoded and its page let go, so
// that memory follows the evidence and not the size of the pods.
func (c *Client) attempts(ctx context.Context, job *batchv1.Job) ([]evidence.Attempt, error) {
	selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("reading its selector: %w", err)
	}
	var attempts []evidence.Attempt
	err = c.eachPage(metav1.ListOptions{LabelSelector: selector.String()},
		func(options metav1.ListOptions) (string, error) {
			page, err := c.core.Pods(job.Namespace).List(ctx, options)
			if err != nil {
				return "", err
			}
			for i := range page.Items {
				if pod := &page.Items[i]; belongs(job.UID, pod) {
					attempts = append(attempts, evidence.Reduce(pod))
				}
			}
			return page.Continue, nil
		},
		func() { attempts = nil })
	if err != nil {
		return nil, err
	}
	return attempts, nil
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
