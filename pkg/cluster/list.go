package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Listing is the Jobs that were found at an instant.
type Listing struct {
	// Indexed are the Indexed Jobs, without what their pods are made of.
	Indexed []batchv1.Job
	// Others is how many Jobs are not Indexed.
	Others     int
	ObservedAt time.Time
}

// List reads the Jobs of a namespace, or of all for "", that a label selector
// matches; the empty one matches all.
func (c *Client) List(ctx context.Context, namespace, selector string) (*Listing, error) {
	jobs, err := c.listJobs(ctx, namespace, selector)
	if err != nil {
		return nil, explainList(namespace, err)
	}
	listing := &Listing{ObservedAt: c.instant()}
	listing.Indexed = slices.DeleteFunc(jobs, func(job batchv1.Job) bool { return checkJob(&job) != nil })
	listing.Others = len(jobs) - len(listing.Indexed)
	return listing, nil
}

// explainList says why the Jobs of a namespace, or of all, could not be read.
func explainList(namespace string, err error) error {
	doing := "listing the Jobs of namespace " + namespace
	if namespace == metav1.NamespaceAll {
		doing = "listing the Jobs of all namespaces"
	}
	switch {
	case namespace == metav1.NamespaceAll && apierrors.IsForbidden(err):
		return fmt.Errorf("%s: %w\nhint: choose one namespace with -n instead of -A, or ask for a ClusterRole with list on jobs (group batch)", doing, err)
	case errors.Is(err, errTooMuch):
		return fmt.Errorf("%s: %w\nhint: choose fewer Jobs, with -n instead of -A, or by label with -l", doing, err)
	}
	return explain(doing, err)
}

// listJobs reads Jobs, and keeps of each what is lean.
func (c *Client) listJobs(ctx context.Context, namespace, selector string) ([]batchv1.Job, error) {
	var jobs []batchv1.Job
	kept := budget{maxKept}
	err := c.eachPage(metav1.ListOptions{LabelSelector: selector},
		func(options metav1.ListOptions) (pageRead, error) {
			page, err := c.jobs(namespace).list(ctx, options)
			if err != nil {
				return pageRead{}, err
			}
			for i := range page.Items {
				job := &page.Items[i]
				setDefaults(job)
				*job = lean(job)
				jobs = append(jobs, *job)
				if err := kept.job(job); err != nil {
					return pageRead{}, err
				}
			}
			return readOf(page), nil
		},
		func() { jobs, kept = nil, budget{maxKept} })
	return jobs, err
}

// lean is a Job without its containers and its history: a namespace may keep
// thousands of Jobs.
func lean(job *batchv1.Job) batchv1.Job {
	kept := *job
	kept.ManagedFields, kept.Annotations = nil, nil
	kept.Spec.Template.Spec = corev1.PodSpec{RestartPolicy: job.Spec.Template.Spec.RestartPolicy}
	return kept
}

// Namespaces reads the names of all namespaces.
func (c *Client) Namespaces(ctx context.Context) ([]string, error) {
	var names []string
	kept := budget{maxKept}
	err := c.eachPage(metav1.ListOptions{},
		func(options metav1.ListOptions) (pageRead, error) {
			page, err := c.namespaces().list(ctx, options)
			if err != nil {
				return pageRead{}, err
			}
			for i := range page.Items {
				names = append(names, page.Items[i].Name)
				if err := kept.keep(leastOfObject + int64(len(page.Items[i].Name))); err != nil {
					return pageRead{}, err
				}
			}
			return readOf(page), nil
		},
		func() { names, kept = nil, budget{maxKept} })
	if err != nil {
		return nil, explain("listing the namespaces", err)
	}
	return names, nil
}
