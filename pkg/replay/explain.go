package replay

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Explain says what became of every index of the Job, as of now.
func Explain(seen *evidence.Job, now time.Time) *v1alpha1.Explanation {
	return &v1alpha1.Explanation{}
}
