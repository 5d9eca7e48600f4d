package replay

import (
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Rules are those of one minor version of Kubernetes 1.x.
type Rules struct{ Minor int }

// Newest is the newest minor whose rules this package knows.
const Newest = 37

// rulesFor tells the version from /version or, without that, from the object:
// from 1.31 on every decision leaves an interim condition.
func rulesFor(seen *evidence.Job) Rules {
	var major, minor int
	version := strings.TrimPrefix(seen.ServerVersion, "v")
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n == 2 && major == 1 {
		return Rules{min(minor, Newest)}
	}
	if decidedWithoutInterim(seen.Job) {
		return Rules{30}
	}
	return Rules{Newest}
}

// String is the version as the Explanation spells it.
func (r Rules) String() string { return fmt.Sprintf("1.%d", r.Minor) }

// maxDelay is the cap of the delay (MaxJobPodFailureBackOff; 6 minutes before 1.28).
func (r Rules) maxDelay() time.Duration {
	if r.Minor < 28 {
		return 6 * time.Minute
	}
	return 10 * time.Minute
}

func (r Rules) countsSidecars() bool { return r.Minor >= 31 }

// refusesOverlap: the API server rejects a status that has an index in both
// lists (validateFailedIndexesNotOverlapCompleted in validation.go, v1.37.2).
func (r Rules) refusesOverlap() bool { return r.Minor >= 32 }

func decidedWithoutInterim(job *batchv1.Job) bool {
	has := func(kind batchv1.JobConditionType) bool { return jobCondition(job, kind) != nil }
	return has(batchv1.JobFailed) && !has(batchv1.JobFailureTarget) ||
		has(batchv1.JobComplete) && !has(batchv1.JobSuccessCriteriaMet)
}

// jobCondition is the Job's condition of that type where it is True.
func jobCondition(job *batchv1.Job, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		if c := &job.Status.Conditions[i]; c.Type == kind && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	return nil
}
