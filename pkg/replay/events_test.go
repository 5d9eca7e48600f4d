package replay

import (
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func TestWhatIsReadFromEvents(t *testing.T) {
	ofPod, ofAnother := created(0, 1), created(0, 2)
	ofPod.Kind, ofAnother.UID = "Pod", "another"
	folded := created(1, 3)
	folded.Message = foldedPrefix + folded.Message
	above := jobEvent(reasonCreate, createdPod+"j-50-00000", 4)
	s := see(aJob(3)).events(ofPod, ofAnother, folded, above, created(2, 6), created(2, 5), created(2, 5), removal(1, 3, 9), refused(7), refused(8))
	told := readEvents(readJob(s.Job, s.ObservedAt))
	if len(told.created) != 2 || len(told.created[2]) != 2 || told.created[2][0].name != podName(2, 5) {
		t.Errorf("created: %v", told.created)
	}
	if !told.folded || !told.foldedCreations || told.ended || told.total != 8 {
		t.Errorf("got %+v", told)
	}
	if !told.deleted[podName(1, 3)].Equal(at(9)) || !told.failedCreate.Last.Equal(at(8)) {
		t.Errorf("got %v, %v", told.deleted, told.failedCreate)
	}
}

func TestAPodThatOnlyAnEventNames(t *testing.T) {
	e := see(aJob(2, failures(2), failedJob(60, "DeadlineExceeded")), aPod(0, 30, deleted(60), accounted)).events(created(0, 0), created(0, 30), created(1, 0)).explain()
	zero, one := fateOf(e, 0), fateOf(e, 1)
	if len(zero.Attempts) != 2 || zero.Attempts[0].Source != v1alpha1.SourceEvent || zero.Attempts[0].Pod != podName(0, 0) || zero.Attempts[1].Number != 2 {
		t.Errorf("index 0: %+v", zero.Attempts)
	}
	if len(one.Attempts) != 1 || one.Attempts[0].Source != v1alpha1.SourceEvent || one.Failures.Exact {
		t.Errorf("index 1: %+v", one)
	}
	if e.Evidence.AttemptsInferred != 2 || e.Evidence.Pods != 1 {
		t.Errorf("got %+v", e.Evidence)
	}
}
