package replay

import (
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// A Kueue eviction from its first moment to its last: the Job is suspended, its
// pods are removed and end, the Job is resumed and has new ones. With a limit of 0
// any of it would fail the index, were it counted.
func TestAnEvictionByKueueCostsNothing(t *testing.T) {
	suspension := conditionTrue(batchv1.JobSuspended, 50, "JobSuspended", "Job suspended")
	leaving := []podOption{deleted(50), accounted}
	gone := append(leaving[:2:2], exited(143, 55))
	moments := []struct {
		name string
		job  []jobOption
		pod  []podOption
		next []podOption // the pod after the resumption
		want string
	}{
		{"spec.suspend is set", []jobOption{suspended, generation(2)}, nil, nil, "Running/HistoryGone"},
		{"the pod loses its finalizer", []jobOption{suspended, generation(2)}, []podOption{accounted}, nil, "Running/HistoryGone"},
		{"it is on its way out", []jobOption{suspended, generation(2), suspension}, leaving, nil, "Terminating/JobSuspended"},
		{"it has ended", []jobOption{suspended, generation(2), suspension}, gone, nil, "Waiting/JobSuspended"},
		{"the Job is resumed and has no pod yet", []jobOption{generation(3), suspension}, gone, nil, "Waiting/DueNow"},
		{"the same, once the condition says so", []jobOption{generation(3), resumedAt(60)}, gone, nil, "Waiting/DueNow"},
		{"the Job is resumed before the pod has ended", []jobOption{generation(3), resumedAt(52)}, leaving, nil, "Terminating/DueNow"},
		{"it has its next pod", []jobOption{generation(3), resumedAt(60)}, gone, []podOption{waits("ContainerCreating")}, "Pending/ContainerCreating"},
		{"which runs", []jobOption{generation(3), resumedAt(60)}, gone, []podOption{}, "Running/Retry"},
		{"which succeeds", []jobOption{generation(3), resumedAt(60)}, gone, []podOption{succeeded(90)}, "Succeeded/AfterRestart unrecorded"},
	}
	for _, limits := range []struct {
		name    string
		options []jobOption
	}{
		{"with backoffLimitPerIndex", []jobOption{perIndex(0)}},
		{"with backoffLimitPerIndex and podReplacementPolicy Failed", []jobOption{perIndex(0), onlyReplaceFailed}},
		{"with a policy that would fail the Job", []jobOption{perIndex(0), policy(onCodes("FailIndex", "In", 143))}},
		{"with backoffLimit", []jobOption{backoffLimit(0)}},
	} {
		for _, m := range moments {
			for _, order := range everyOrder {
				t.Run(limits.name+"/"+m.name+"/"+string(order), func(t *testing.T) {
					s := see(aJob(1, append(limits.options[:len(limits.options):len(limits.options)], m.job...)...), aPod(0, 10, m.pod...)).in(order)
					if m.next != nil {
						s = s.beside(aPod(0, 61, m.next...))
					}
					// The controller tells of each pod that it removes.
					s = s.events(created(0, 10))
					if len(m.pod) > 1 {
						s = s.events(removal(0, 10, 50))
					}
					e := s.explain()
					want := m.want
					if strings.HasPrefix(want, "Terminating/") && e.Spec.PodReplacementPolicy != nil {
						want = "Terminating/" // it is awaited
					}
					wantFate(t, e, 0, want)
					costsNothing(t, e, 0)
					if e.Agreement.Result != v1alpha1.Agrees || len(e.Agreement.Differences) > 0 {
						t.Errorf("%s: %v", e.Agreement.Result, e.Agreement.Differences)
					}
					if p := e.Conclusion.Predicted; p != nil && p.Reason != batchv1.JobReasonCompletionsReached {
						t.Errorf("foreseen: %+v", p)
					}
				})
			}
		}
	}
}

// Without the events the finalizer tells, where the Job is the newer.
func TestAnEvictionIsTakenForOneWithoutItsEvents(t *testing.T) {
	for _, options := range [][]jobOption{{perIndex(0)}, {perIndex(0), onlyReplaceFailed}, {perIndex(3)}, {backoffLimit(0)}} {
		for _, end := range [][]podOption{{deleted(90), accounted}, {deleted(90), accounted, exited(143, 95)}} {
			for _, suspend := range [][]jobOption{{suspended, generation(2)}, {generation(3), resumedAt(97)}} {
				for _, order := range []evidence.Order{evidence.JobAfterPods, evidence.Bracketed} {
					e := see(aJob(1, append(options[:len(options):len(options)], suspend...)...), aPod(0, 10, end...)).in(order).explain()
					if fate := fateOf(e, 0).Fate; fate != v1alpha1.Waiting && fate != v1alpha1.Terminating {
						t.Errorf("%s: %s", order, inBrief(fateOf(e, 0)))
					}
					costsNothing(t, e, 0)
				}
			}
		}
	}
}

// A lower parallelism removes pods of the highest indexes, which wait anew.
func TestALowerParallelismCostsNothing(t *testing.T) {
	job := aJob(3, perIndex(0), parallelism(1), generation(2))
	for name, pods := range map[string][]evidence.Attempt{
		"Terminating/ParallelismLimit": {aPod(0, 0), aPod(1, 0, deleted(90), accounted), aPod(2, 0, deleted(90), accounted)},
		"Waiting/ParallelismLimit":     {aPod(0, 0), aPod(1, 0, deleted(90), exited(143, 95), accounted), aPod(2, 0, deleted(90), exited(143, 95), accounted)},
	} {
		for _, order := range []evidence.Order{evidence.JobAfterPods, evidence.Bracketed} {
			e := see(job, pods...).in(order).explain()
			wantFate(t, e, 0, "Running/HistoryGone") // the spec has changed
			for _, index := range []int32{1, 2} {
				wantFate(t, e, index, name)
				costsNothing(t, e, index)
				if a := fateOf(e, index).Attempts; len(a) != 1 || a[0].Decision != v1alpha1.DecisionRemoved {
					t.Errorf("index %d: attempts %+v", index, a)
				}
			}
			if e.Agreement.Result != v1alpha1.Agrees || e.Conclusion.Predicted != nil {
				t.Errorf("%v, %+v", e.Agreement, e.Conclusion.Predicted)
			}
		}
	}
}

// An elastic Job shrinks: the pods above its completions are removed, and nothing
// of them is left but the pods.
func TestAnElasticScaleDownCostsNothing(t *testing.T) {
	job := aJob(2, perIndex(0), generation(2), active(2), maxFailedIndexes(0))
	for _, order := range everyOrder {
		e := see(job, aPod(0, 0), aPod(1, 0), aPod(2, 0, deleted(90), accounted), aPod(3, 0, deleted(90), exited(143, 95), accounted)).in(order).explain()
		if len(e.Fates) != 2 || e.Counts[v1alpha1.Running] != 2 {
			t.Errorf("%s: %v", order, e.Counts)
		}
		if e.Conclusion.Predicted != nil || e.Conclusion.CanOnlyEnd != "" || e.Conclusion.FirstFailure != nil {
			t.Errorf("%s: %+v", order, e.Conclusion)
		}
		if e.Agreement.Result != v1alpha1.Agrees || len(e.Signatures) > 0 || len(e.Findings) > 0 {
			t.Errorf("%s: %+v, %+v, %+v", order, e.Agreement, e.Signatures, e.Findings)
		}
	}
}
