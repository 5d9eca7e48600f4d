package replay

import (
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// outline gives every index its record as fates does, but those that succeeded or
// run at their first attempt, which have one a run, without the attempts.
func (t *totals) outline() []v1alpha1.IndexFate {
	told := t.told()
	var records []v1alpha1.IndexFate
	var h history
	var next v1alpha1.IndexFate
	t.passing = []v1alpha1.Attempt{}
	for _, interval := range told.Intervals() {
		for ix := int64(interval.First); ix <= int64(interval.Last); ix++ {
			next = v1alpha1.IndexFate{Index: int32(ix)}
			t.fateOf(&next, &h)
			switch {
			case !isAtFirstAttempt(&next):
				// The next one takes its place.
				next.Attempts = append(t.shared.room(len(next.Attempts)), next.Attempts...)
				records = append(records, next)
			case len(records) > 0 && isOfRun(&next, &records[len(records)-1]):
				extend(&records[len(records)-1], next.Index)
			default:
				next.Attempts = []v1alpha1.Attempt{}
				records = append(records, next)
			}
		}
	}
	return t.withRuns(records, told)
}

// roomForAttempts is an empty list that grows to n. In an outline it is passing.
func (t *totals) roomForAttempts(n int) []v1alpha1.Attempt {
	if t.passing == nil {
		return t.shared.room(n)
	}
	if cap(t.passing) < n {
		t.passing = make([]v1alpha1.Attempt, 0, n)
	}
	clear(t.passing[:n])
	return t.passing[:0:n]
}

func isAtFirstAttempt(record *v1alpha1.IndexFate) bool {
	return record.Reason == v1alpha1.ReasonFirstAttempt && len(record.Attempts) == 1 && record.Attempts[0].Source == v1alpha1.SourcePod &&
		(record.Fate == v1alpha1.Succeeded || record.Fate == v1alpha1.Running)
}

// isOfRun: the record says the same of the index that comes after the run.
func isOfRun(record, run *v1alpha1.IndexFate) bool {
	return record.Index == run.Last()+1 && len(run.Attempts) == 0 &&
		record.Fate == run.Fate && record.Reason == run.Reason && record.Message == run.Message &&
		ptr.Equal(record.Recorded, run.Recorded) && record.Failures == run.Failures && record.RetryTime == nil
}

func extend(run *v1alpha1.IndexFate, last int32) {
	if run.LastIndex == nil {
		run.LastIndex = new(int32)
	}
	*run.LastIndex = last
}
