package replay

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Explain says what became of every index of the Job, as of now. The Job must
// be Indexed. The answer depends on nothing but its arguments, and not on the
// order of pods and events.
func Explain(seen *evidence.Job, now time.Time) *v1alpha1.Explanation {
	f := gather(seen, now)
	fates := f.fates()
	e := &v1alpha1.Explanation{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.Kind},
		Metadata:   v1alpha1.Metadata{Namespace: f.job.Namespace, Name: f.job.Name, UID: f.job.UID},
		ObservedAt: metav1.Time{Time: seen.ObservedAt.UTC().Truncate(time.Second)},
		Spec:       specOf(f.job),
		Status:     statusOf(f.job),
		Owner:      ownerOf(f.job),
		Fates:      fates,
	}
	var signing sync.WaitGroup
	signing.Go(func() { e.Signatures = f.signatures(fates) })
	e.Conclusion = f.conclude(fates)
	e.Counts = countsOf(fates)
	e.Agreement = f.agreement(fates)
	e.Evidence = f.evidenceOf(fates)
	signing.Wait()
	e.Findings = f.findings(e)
	return e
}

func countsOf(fates []v1alpha1.IndexFate) map[v1alpha1.Fate]int64 {
	counts := map[v1alpha1.Fate]int64{}
	for i := range fates {
		counts[fates[i].Fate] += int64(fates[i].Last()) - int64(fates[i].Index) + 1
	}
	return counts
}
