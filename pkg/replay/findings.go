package replay

import "github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"

// findings explain, one line each, what the reader sees.
func (f *facts) findings(e *v1alpha1.Explanation) []v1alpha1.Finding {
	return []v1alpha1.Finding{}
}
