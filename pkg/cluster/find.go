package cluster

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// Find returns the name of the Job that is meant. A plain name is taken as it
// stands: whether it exists shows when it is read.
func (c *Client) Find(ctx context.Context, namespace string, reference Reference) (string, error) {
	if reference.Name != "" && !reference.CronJob {
		return reference.Name, nil
	}
	jobs, err := c.listJobs(ctx, namespace, "")
	if err != nil {
		return "", explain("listing the Jobs of namespace "+namespace, err)
	}
	job, err := reference.choose(jobs, "namespace "+namespace)
	if err != nil {
		return "", err
	}
	return job.Name, nil
}

// explainGet says why a Job could not be read. For one that is not there it
// looks for what can help: names that are near, and what a removed Job leaves.
func (c *Client) explainGet(ctx context.Context, namespace, name string, err error) error {
	doing := fmt.Sprintf("reading job %s/%s", namespace, name)
	if !apierrors.IsNotFound(err) {
		return explain(doing, err)
	}
	if left := c.leftOf(ctx, namespace, name); left != "" {
		return fmt.Errorf("job %s/%s is not there any more, but %s: it was removed, by its ttlSecondsAfterFinished, its CronJob's history limit or a user\nhint: kubectl get pods,events%s shows what is left; without the Job its indexes cannot be explained",
			namespace, name, left, inNamespace(namespace))
	}
	jobs, listErr := c.listJobs(ctx, namespace, "")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if listErr != nil {
		return fmt.Errorf("%s: %w\nhint: kubectl get jobs%s", doing, err, inNamespace(namespace))
	}
	return fmt.Errorf("%s: %w\nhint: %s", doing, err, suggest(name, successors(jobs)))
}

// leftOf tells what survives of a Job that is not there: pods by the label that
// every version writes, and events. Both are looked for as a courtesy, so that
// errors count for nothing.
func (c *Client) leftOf(ctx context.Context, namespace, name string) string {
	var left []string
	pods, err := c.pods(namespace).list(ctx, metav1.ListOptions{LabelSelector: fields.OneTermEqualSelector("job-name", name).String(), Limit: c.ChunkSize})
	if err == nil && len(pods.Items) > 0 {
		phases := map[string]int{}
		for i := range pods.Items {
			phases[string(pods.Items[i].Status.Phase)]++
		}
		left = append(left, fmt.Sprintf("%s still there (%s)", count(len(pods.Items), "pod of it is", "pods of it are"), tally(phases)))
	}
	events, err := c.events(namespace).list(ctx, metav1.ListOptions{
		FieldSelector: fields.AndSelectors(
			fields.OneTermEqualSelector("involvedObject.kind", "Job"),
			fields.OneTermEqualSelector(fieldAboutName, name)).String(),
		Limit: c.ChunkSize,
	})
	if err == nil && len(events.Items) > 0 {
		last := reduceEvent(&events.Items[0])
		for i := range events.Items {
			if e := reduceEvent(&events.Items[i]); !e.Last.Before(last.Last) {
				last = e
			}
		}
		left = append(left, fmt.Sprintf("%s of it, the last at %s: %s %q", count(len(events.Items), "event tells", "events tell"),
			last.Last.UTC().Format("2006-01-02 15:04:05Z"), last.Reason, last.Message))
	}
	return strings.Join(left, ", and ")
}
