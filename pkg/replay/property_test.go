package replay

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// eachRandom hands over a Job drawn from each seed: any mix of limits, states
// and pods, most of which no controller would leave. What holds for those holds
// for a real one; what a real one does, hack/claims and hack/e2e try.
func eachRandom(t *testing.T, do func(t *testing.T, random *rand.Rand, s seen)) {
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 1))
		s := randomEvidence(random)
		if do(t, random, s); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func randomEvidence(random *rand.Rand) seen {
	n := 1 + random.Int32N(12)
	var options []jobOption
	maybe := func(percent int, option jobOption) {
		if random.IntN(100) < percent {
			options = append(options, option)
		}
	}
	maybe(100, parallelism(random.Int32N(n+2)))
	maybe(60, perIndex(random.Int32N(3)))
	maybe(30, maxFailedIndexes(random.Int32N(n)))
	maybe(30, backoffLimit(random.Int32N(9)))
	maybe(50, policy(ignoreOn5, ignoreDisruption, failIndexOn42, onCodes("FailJob", "In", 13)))
	maybe(20, onlyReplaceFailed)
	maybe(10, onFailure)
	maybe(20, anySuccess(random.Int32N(n)))
	maybe(20, activeDeadline(random.Int64N(200)))
	maybe(15, suspended)
	maybe(15, generation(2+random.Int64N(2)))
	maybe(10, resumed)
	maybe(5, managedBy("example.com/queue"))
	maybe(5, beingDeleted)
	maybe(50, active(random.Int32N(n)))
	maybe(50, failures(random.Int32N(2*n)))
	done, lost := randomList(random, n), randomList(random, n)
	maybe(50, completed(done.String(), int32(done.Len())))
	maybe(20, func(job *batchv1.Job) {
		if job.Spec.BackoffLimitPerIndex != nil {
			failedIndexes(lost.Minus(done).String())(job)
		}
	})
	decided := 20 + random.IntN(70)
	reasons := []string{"BackoffLimitExceeded", "DeadlineExceeded", "MaxFailedIndexesExceeded", "FailedIndexes", "PodFailurePolicy"}
	reason := reasons[random.IntN(len(reasons))]
	switch random.IntN(10) {
	case 0:
		options = append(options, failing(decided, reason))
	case 1, 2:
		options = append(options, failedJob(decided, reason))
	case 3:
		options = append(options, conditionTrue(batchv1.JobFailed, decided, reason, ""))
	case 4:
		options = append(options, completeJob(decided, "CompletionsReached"))
	case 5:
		options = append(options, succeeding(decided, "SuccessPolicy"))
	}
	s := see(aJob(n, options...), randomPods(random, n)...)
	s.ServerVersion = []string{"v1.29.2", "v1.31.2", "v1.33.13", "v1.35.1", "v1.37.2", ""}[random.IntN(6)]
	if random.IntN(2) == 0 {
		return s
	}
	s = s.events()
	for i := range s.Attempts {
		pod := &s.Attempts[i]
		if random.IntN(3) > 0 {
			s = s.events(jobEvent(reasonCreate, createdPod+pod.Name, int(pod.CreationTime.Time().Sub(at(0)).Seconds())))
		}
		if !pod.DeletionTime.IsZero() && random.IntN(2) == 0 {
			s = s.events(jobEvent(reasonDelete, deletedPod+pod.Name, int(controller.DeletionRequested(pod).Time().Sub(at(0)).Seconds())))
		}
	}
	if random.IntN(8) == 0 {
		s = s.events(refused(random.IntN(90)))
	}
	s.Attempts = thinned(random, s.Attempts)
	return s
}

func thinned(random *rand.Rand, pods []evidence.Attempt) []evidence.Attempt {
	share := []float64{0, 0, 0.2, 0.7}[random.IntN(4)]
	var left []evidence.Attempt
	for i := range pods {
		if random.Float64() >= share {
			left = append(left, pods[i])
		}
	}
	return left
}

func randomPods(random *rand.Rand, completions int32) []evidence.Attempt {
	var pods []evidence.Attempt
	for ix := int32(-1); ix <= completions; ix++ {
		second, counted, ignored := random.IntN(10), int32(0), int32(0)
		for range random.IntN(4) {
			end := second + random.IntN(20)
			pod := aPod(ix, second, born(counted, ignored), onNode(fmt.Sprint("node-", random.IntN(3))))
			options := []podOption{
				exited([]int32{1, 5, 13, 42, 137, 0}[random.IntN(6)], end), exited(1, end), succeeded(end),
				waits("ImagePullBackOff"), restarted(random.Int32N(3)), deleted(end), disrupted(end),
			}
			for range 1 + random.IntN(2) {
				option := options[random.IntN(len(options))]
				if option(&pod); pod.Phase == corev1.PodPending {
					break
				}
			}
			if random.IntN(2) == 0 {
				accounted(&pod)
			}
			if random.IntN(20) == 0 {
				orphan(&pod)
			}
			pods = append(pods, pod)
			second = end + 1 + random.IntN(30)
			if random.IntN(4) == 0 {
				counted, ignored = 0, 0
			} else if random.IntN(3) == 0 {
				ignored++
			} else {
				counted++
			}
		}
	}
	return pods
}

func TestTheOrderOfPodsAndEventsChangesNoByte(t *testing.T) {
	eachRandom(t, func(t *testing.T, random *rand.Rand, s seen) {
		want := marshal(t, s.explain())
		for range 3 {
			random.Shuffle(len(s.Attempts), func(i, j int) { s.Attempts[i], s.Attempts[j] = s.Attempts[j], s.Attempts[i] })
			random.Shuffle(len(s.Events), func(i, j int) { s.Events[i], s.Events[j] = s.Events[j], s.Events[i] })
			if got := marshal(t, s.explain()); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
}

func marshal(t *testing.T, e *v1alpha1.Explanation) string {
	t.Helper()
	bytes, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}

func TestEveryIndexHasOneFateAndCountsAddUp(t *testing.T) {
	eachRandom(t, func(t *testing.T, _ *rand.Rand, s seen) {
		e := s.explain()
		next, sum := int64(0), int64(0)
		for i := range e.Fates {
			record := &e.Fates[i]
			if int64(record.Index) != next || record.Fate == "" || record.Message == "" || record.Attempts == nil {
				t.Errorf("record %+v, expected index %d", record, next)
			}
			next = int64(record.Last()) + 1
		}
		for _, n := range e.Counts {
			sum += n
		}
		if completions := int64(*s.Job.Job.Spec.Completions); next != completions || sum != completions {
			t.Errorf("%d indexes, %d counted, of %d", next, sum, completions)
		}
		if effect := e.Conclusion.Effect; effect != nil {
			cut := e.Counts[v1alpha1.Stopped] + e.Counts[v1alpha1.NeverStarted] + e.Counts[v1alpha1.Unfinished]
			if effect.Stopped+effect.BackingOff+effect.NeverStarted+effect.Unfinished != cut {
				t.Errorf("effect %+v, counts %v", effect, e.Counts)
			}
		}
	})
}

// Whatever the pods say, the status's own lists are never contradicted.
func TestTheRecordedListsAreNeverContradicted(t *testing.T) {
	eachRandom(t, func(t *testing.T, _ *rand.Rand, s seen) {
		e := s.explain()
		f := s.totals()
		for i := range e.Fates {
			record := &e.Fates[i]
			if f.completed.Has(record.Index) != (record.Fate == v1alpha1.Succeeded) && (f.completed.Has(record.Index) || f.verdict.isFinished()) {
				t.Errorf("index %d is %s, completedIndexes %s", record.Index, record.Fate, f.completed)
			}
			// Before 1.32 an index may be in both lists, and the first row holds.
			both := !f.rules.RefusesOverlap() && f.Succeeded.Has(record.Index)
			if f.failed.Minus(f.completed).Has(record.Index) && !both && record.Fate != v1alpha1.Failed {
				t.Errorf("index %d is %s, failedIndexes %s", record.Index, record.Fate, f.failed)
			}
		}
	})
}

// One counted failure more never un-fails an index, nor makes a failing sync a
// completing one.
func TestOneMoreFailureNeverUnfails(t *testing.T) {
	eachRandom(t, func(t *testing.T, random *rand.Rand, s seen) {
		before := s.totals()
		ix := random.Int32N(*s.Job.Job.Spec.Completions)
		s.Attempts = append(s.Attempts, aPod(ix, 98, born(random.Int32N(4), 0), exited(1, 99)))
		after := s.totals()
		if lost := before.Failed.Minus(after.Failed); !lost.Empty() {
			t.Errorf("no longer failed: %s", lost)
		}
		if before.willFail() && (after.predicted == nil && after.Refused.Empty() || after.willSucceed()) {
			t.Errorf("%v became %v", before.predicted, after.predicted)
		}
		if lost := before.lost().Minus(after.lost()); !lost.Empty() {
			t.Errorf("no longer lost: %s", lost)
		}
	})
}

// What changes by itself changes in the future, and only while undecided.
func TestWhatIsToComeIsInTheFuture(t *testing.T) {
	eachRandom(t, func(t *testing.T, _ *rand.Rand, s seen) {
		e := s.explain()
		if next := e.Conclusion.NextChange; next != nil && (e.Conclusion.State.Decided() || !next.Time.After(s.ObservedAt)) {
			t.Errorf("next change %v of a Job that is %s", next, e.Conclusion.State)
		}
		if e.Conclusion.State.Decided() != (e.Conclusion.Effect != nil) {
			t.Errorf("%s has effect %v", e.Conclusion.State, e.Conclusion.Effect)
		}
		for i := range e.Fates {
			if r := &e.Fates[i]; r.RetryTime != nil && r.Fate != v1alpha1.BackingOff && r.Fate != v1alpha1.Terminating {
				t.Errorf("index %d is %s and is retried at %s", r.Index, r.Fate, r.RetryTime.Format(time.TimeOnly))
			}
		}
	})
}

func randomList(random *rand.Rand, completions int32) indexes.Set {
	var list []int32
	for ix := range completions {
		if random.IntN(3) == 0 {
			list = append(list, ix)
		}
	}
	return indexes.Of(list...)
}
