package soak

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Options of a soak.
type Options struct {
	// Jobs is how many, from seed Seed on.
	Jobs int
	Seed uint64
	// AtOnce is how many run at the same time.
	AtOnce int
	// Check is given each recording, and says what is wrong about what we claim.
	Check func(*recording.Recording) []string
	// Keep is the folder for recordings about which something is wrong.
	Keep string
}

// Failure is a Job about which something is wrong.
type Failure struct {
	Seed   uint64
	Wrongs []string
}

func (f Failure) String() string {
	return fmt.Sprintf("job of seed %d: %q", f.Seed, f.Wrongs)
}

// Run runs the Jobs. It calls done after each, one at a time; failure is nil
// where nothing is wrong.
func Run(ctx context.Context, stage scenarios.Stage, options Options, done func(*recording.Recording, *Failure)) {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		slots = make(chan struct{}, options.AtOnce)
	)
	for n := range options.Jobs {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			r, failure := run(ctx, stage, options, options.Seed+uint64(n))
			mu.Lock()
			defer mu.Unlock()
			done(r, failure)
		})
	}
	wait.Wait()
}

func run(ctx context.Context, stage scenarios.Stage, options Options, seed uint64) (*recording.Recording, *Failure) {
	scenario := Generate(seed)
	r, err := scenario.Run(ctx, stage)
	if r == nil {
		return nil, &Failure{Seed: seed, Wrongs: []string{err.Error()}}
	}
	stage.Recorder.Forget(r.Ledger.Job.UID)
	var wrongs []string
	if err != nil && !waitsLonger(&r.Ledger) {
		wrongs = append(wrongs, err.Error())
	} else {
		wrongs = options.Check(r)
	}
	if len(wrongs) == 0 {
		return r, nil
	}
	r.Name += "_" + r.Ledger.KubernetesVersion // two versions may differ over the same Job
	if err := r.WriteFile(options.Keep); err != nil {
		wrongs = append(wrongs, err.Error())
	}
	return r, &Failure{Seed: seed, Wrongs: wrongs}
}

// manyFailures defer a retry by 10s * 2^5, which is longer than any Job is waited
// for.
const manyFailures = 6

// waitsLonger: it is the Job's own backoff that it has not ended. Without per-index
// limits each failure since the last success doubles the delay of every retry.
func waitsLonger(ledger *recording.Ledger) bool {
	if ledger.Job.Spec.BackoffLimitPerIndex != nil {
		return false
	}
	var success metav1.MicroTime
	for i := range ledger.Pods {
		if pod := &ledger.Pods[i]; pod.Status.Phase == corev1.PodSucceeded && success.Before(pod.FinishTime) {
			success = *pod.FinishTime
		}
	}
	failures := 0
	for i := range ledger.Pods {
		if pod := &ledger.Pods[i]; pod.Status.Phase == corev1.PodFailed && success.Before(pod.FinishTime) {
			failures++
		}
	}
	return failures >= manyFailures
}
