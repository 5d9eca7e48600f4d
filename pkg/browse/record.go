package browse

import (
	"sort"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// recordOf is the record of an index, nil where there is none.
func recordOf(e *v1alpha1.Explanation, index int32) *v1alpha1.IndexFate {
	if e == nil {
		return nil
	}
	n := sort.Search(len(e.Fates), func(n int) bool { return e.Fates[n].Last() >= index })
	if n == len(e.Fates) || e.Fates[n].Index > index {
		return nil
	}
	return &e.Fates[n]
}
