package controller_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// A sync over 300,000 pods of 100,000 indexes, three attempts each: the first two
// failed, of the last every tenth runs and the others are accounted for.
func BenchmarkSync(b *testing.B) {
	const indexes, attempts = 100_000, 3
	job := aJob(indexes, perIndex(5), parallelism(20_000))
	list := make([]*evidence.Attempt, 0, indexes*attempts)
	var done string
	for index := range int32(indexes) {
		for n := range int32(attempts) {
			pod := aPod(index, 100*int(n), born(n, 0), exited(1, 100*int(n)+50), accounted)
			if n == attempts-1 {
				if index%10 == 0 {
					pod = aPod(index, 100*int(n), born(n, 0))
				} else {
					pod.Phase = corev1.PodSucceeded
				}
			}
			list = append(list, pod)
		}
		if index%10 == 1 {
			done += fmt.Sprintf(",%d-%d", index, index+8)
		}
	}
	job.Status.CompletedIndexes = done[1:]
	job.Status.Active = indexes / 10
	rules := controller.Rules{Minor: controller.Newest}
	pods := controller.NewReckoner(job, rules).Pods(list)
	b.ReportAllocs()
	for b.Loop() {
		outcome := controller.Sync(controller.State{Job: job, Pods: pods, Now: at(400), Rules: rules})
		if outcome.Active != indexes/10 || len(outcome.Created) != 0 {
			b.Fatalf("%d active, %d created", outcome.Active, len(outcome.Created))
		}
	}
}
