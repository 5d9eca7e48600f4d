package replay

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Explain says what became of every index of the Job, as of now. The Job must
// be Indexed. The answer depends on nothing but its arguments, and not on the
// order of pods and events.
//
// It goes from stage to stage, each of which reads the ones before it: the Job,
// its pods, the forecast of the next sync, the totals; then the fate of each
// index, and what there is to say of the whole.
func Explain(seen *evidence.Job, now time.Time) *v1alpha1.Explanation {
	return explain(seen, now, (*totals).fates)
}

// Outline is Explain without the attempts of indexes that succeeded or run at
// their first, of which neighbours have one record: of a large Job that is most of
// the memory, and nobody who follows it looks at them one by one.
func Outline(seen *evidence.Job, now time.Time) *v1alpha1.Explanation {
	return explain(seen, now, (*totals).outline)
}

func explain(seen *evidence.Job, now time.Time, judge func(*totals) []v1alpha1.IndexFate) *v1alpha1.Explanation {
	job := readJob(seen, now)
	pods := readPods(job)
	forecast := foresee(pods)
	totals := total(forecast)

	fates := judge(totals)
	counts := countsOf(fates)
	usage, durations := totals.usage(counts[v1alpha1.NeverStarted]), totals.durations()
	e := &v1alpha1.Explanation{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.Kind},
		Metadata:   v1alpha1.Metadata{Namespace: job.job.Namespace, Name: job.job.Name, UID: job.job.UID},
		ObservedAt: metav1.Time{Time: seen.ObservedAt.UTC().Truncate(controller.Resolution)},
		Spec:       specOf(job.job),
		Status:     statusOf(job.job),
		Owner:      ownerOf(job.job),
		Conclusion: totals.conclude(fates),
		Counts:     counts,
		Fates:      fates,
		Signatures: totals.signatures(fates),
		Agreement:  totals.agreement(),
		Evidence:   totals.evidenceOf(fates),
		Usage:      usage.told(),
		Durations:  durations.told(),
	}
	e.Findings = slices.Concat(totals.findings(e), usage.findings(), durations.findings())
	e.Conclusion.Stuck = totals.isStuck(e.Findings)
	return e
}
