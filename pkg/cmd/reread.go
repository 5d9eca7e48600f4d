package cmd

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// look is a Job at one instant.
type look struct {
	// explanation is nil while not everything has been read.
	explanation *v1alpha1.Explanation
	// seen is what it rests on, kept where reports may be made of it alone.
	seen    *evidence.Job
	gone    bool
	trouble error
	// sureAt is until when no news is missing.
	sureAt time.Time
}

// settled reads a live Job and, where its status and its pods contradict each
// other, once more before that is said: the controller may have been in the
// middle of a sync. One that is gone does not move any more.
func settled(read func() (look, error)) (look, error) {
	first, err := read()
	if err != nil || first.gone || first.explanation == nil || first.explanation.Agreement.Result != v1alpha1.Disagrees {
		return first, err
	}
	return read()
}
