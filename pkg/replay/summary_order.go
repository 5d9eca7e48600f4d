package replay

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Order is which Job of a list comes first.
type Order string

// The orders there are. Equals go by namespace and name.
const (
	ByState  Order = "state"  // the worst
	ByAge    Order = "age"    // the youngest
	ByFailed Order = "failed" // the one with most failed indexes
	ByName   Order = "name"
)

// Orders are all of them, the usual one first.
var Orders = []Order{ByState, ByAge, ByFailed, ByName}

// Sort puts the Jobs of a list in order.
func Sort(list *v1alpha1.JobSummaryList, by Order) {
	before := map[Order]func(a, b *v1alpha1.JobSummary) int{
		ByState: worse, ByAge: younger, ByFailed: moreFailed, ByName: byName,
	}[by]
	ordered := make([]*v1alpha1.JobSummary, 0, len(list.Items)) // which are large to be moved about
	for i := range list.Items {
		ordered = append(ordered, &list.Items[i])
	}
	slices.SortFunc(ordered, func(a, b *v1alpha1.JobSummary) int {
		return cmp.Or(before(a, b), byNamespace(a, b), byName(a, b))
	})
	items := make([]v1alpha1.JobSummary, 0, len(ordered))
	for _, job := range ordered {
		items = append(items, *job)
	}
	list.Items = items
}

// worse goes by how a Job stands, then by how many indexes failed; of equals the
// younger comes first.
func worse(a, b *v1alpha1.JobSummary) int {
	return cmp.Or(
		cmp.Compare(badness(&a.Conclusion), badness(&b.Conclusion)),
		moreFailed(a, b),
		younger(a, b),
	)
}

func moreFailed(a, b *v1alpha1.JobSummary) int {
	return cmp.Compare(b.Counts[v1alpha1.Failed], a.Counts[v1alpha1.Failed])
}

func younger(a, b *v1alpha1.JobSummary) int { return createdOf(b).Compare(createdOf(a)) }

func byNamespace(a, b *v1alpha1.JobSummary) int {
	return cmp.Compare(a.Metadata.Namespace, b.Metadata.Namespace)
}

func byName(a, b *v1alpha1.JobSummary) int { return cmp.Compare(a.Metadata.Name, b.Metadata.Name) }

func badness(c *v1alpha1.Conclusion) int {
	willFail := c.CanOnlyEnd == v1alpha1.StateFailed
	if p := c.Predicted; p != nil {
		willFail = willFail || p.Reason != batchv1.JobReasonCompletionsReached && p.Reason != batchv1.JobReasonSuccessPolicy
	}
	switch c.State {
	case v1alpha1.StateFailed, v1alpha1.StateFailing:
		return 0
	case v1alpha1.StateSucceeding, v1alpha1.StateComplete:
		return 4
	}
	switch {
	case willFail:
		return 1
	case c.State == v1alpha1.StateRunning:
		return 2
	}
	return 3
}

func createdOf(s *v1alpha1.JobSummary) time.Time {
	if s.CreationTime == nil {
		return time.Time{}
	}
	return s.CreationTime.Time
}
