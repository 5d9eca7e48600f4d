package replay

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// inShort tells attempts as source, decision and what they leave: "Pod Count
// 1+0". A question mark stands for what is not known.
func inShort(attempts []v1alpha1.Attempt) string {
	var words []string
	for i := range attempts {
		a := &attempts[i]
		decision, after := string(a.Decision), "?"
		if decision == "" {
			decision = "?"
		}
		if a.After != nil {
			after = fmt.Sprintf("%d+%d", a.After.Counted, a.After.Ignored)
		}
		words = append(words, fmt.Sprintf("%s %s %s", a.Source, decision, after))
	}
	return strings.Join(words, ", ")
}

func TestAttemptsThatAreGoneAndToldOfByCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		seen seen
		want string
	}{
		{"none, where the first pod is there", see(aJob(1, perIndex(9)), aPod(0, 0)), "Pod ? ?"},
		{"counted ones", see(aJob(1, perIndex(9)), aPod(0, 50, born(2, 0))), "Annotation Count 1+0, Annotation Count 2+0, Pod ? ?"},
		{"ignored ones", see(aJob(1, perIndex(9)), aPod(0, 50, born(0, 2))), "Annotation Ignore 0+1, Annotation Ignore 0+2, Pod ? ?"},
		{"both: which came first is not known", see(aJob(1, perIndex(9)), aPod(0, 50, born(1, 1))), "Annotation ? ?, Annotation ? ?, Pod ? ?"},
		{"between two pods", see(aJob(1, perIndex(9)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 50, born(2, 0))), "Pod Count 1+0, Annotation Count 2+0, Pod ? ?"},
		{"between two pods, by the difference", see(aJob(1, perIndex(9), policy(ignoreOn5)), aPod(0, 0, exited(5, 5), accounted), aPod(0, 50, born(0, 2))), "Pod Ignore 0+1, Annotation Ignore 0+2, Pod ? ?"},
		{"after a reset the count begins anew", see(aJob(1, perIndex(9), generation(3)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 20, born(1, 0), deleted(30), exited(143, 32), accounted), aPod(0, 50, born(1, 0), exited(1, 60))), "Pod Count 1+0, Pod Count 2+0, Annotation Count 1+0, Pod Count 2+0"},
		{"after a change of the spec the steps between are not known", see(aJob(1, perIndex(9), generation(3)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 50, born(3, 0))), "Pod Count 1+0, Annotation ? ?, Annotation ? ?, Pod ? ?"},
		{"duplicates replace nothing", see(aJob(1, perIndex(9)), aPod(0, 0, exited(1, 5)), aPod(0, 1, exited(1, 6)), aPod(0, 50, born(1, 0))), "Pod Count 1+0, Pod Count 1+0, Pod ? ?"},
		{"an event names the one that is gone", see(aJob(1, perIndex(9)), aPod(0, 50, born(1, 0))).events(created(0, 0)), "Annotation Count 1+0, Pod ? ?"},
		{"events name more than the counts tell of", see(aJob(1, perIndex(9), generation(3)), aPod(0, 50, born(1, 0))).events(created(0, 0), created(0, 20)), "Event ? ?, Event ? ?, Pod ? ?"},
		{"an event names a newer one", see(aJob(1, perIndex(9)), aPod(0, 0, exited(1, 5), accounted)).events(created(0, 0), created(0, 20)), "Pod ? ?, Event ? ?"},
		{"a pod on its way out counted before podReplacementPolicy was changed", see(aJob(1, perIndex(9), onlyReplaceFailed, generation(2)), aPod(0, 0, deleted(5), accounted), aPod(0, 15, born(1, 0))), "Pod ? ?, Pod ? ?"},
		{"without per-index limits there are no counts", see(aJob(1), aPod(0, 50, born(2, 0), exited(1, 60))), "Pod Count ?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			record := fateOf(c.seen.explain(), 0)
			if got := inShort(record.Attempts); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			for i := range record.Attempts {
				if record.Attempts[i].Number != int32(i+1) {
					t.Errorf("attempt %d is number %d", i+1, record.Attempts[i].Number)
				}
			}
		})
	}
}

func TestAnAnnotationMayHoldAnyNumber(t *testing.T) {
	record := fateOf(see(aJob(1, perIndex(9)), aPod(0, 50, born(1<<31-1, 1<<31-1))).explain(), 0)
	if n := len(record.Attempts); n != mostInferred+1 {
		t.Errorf("%d attempts", n)
	}
	for i := range record.Attempts {
		if record.Attempts[i].Number <= 0 {
			t.Fatalf("attempt %d is number %d", i, record.Attempts[i].Number)
		}
	}
}

// TestAllAnnotationsTogetherAreBounded: however many pods tell of however many, in
// chains that are cut or not, no more are listed than fit into memory, and of each
// the newest; those that fit are all there.
func TestAllAnnotationsTogetherAreBounded(t *testing.T) {
	const n = mostInferredInAll / 32
	for _, c := range []struct {
		name  string
		pod   func(i int32) evidence.Attempt
		least int
	}{
		{"one pod an index", func(i int32) evidence.Attempt { return aPod(i, 50, born(1<<31-1, 0)) }, mostInferredInAll / 2},
		{"chains that are cut", func(i int32) evidence.Attempt { return aPod(i/64, int(i%64), born(100*((i+1)%2), 101*(i%2))) }, mostInferredInAll / 4},
		{"few of each", func(i int32) evidence.Attempt { return aPod(i, 50, born(3, 2)) }, 5 * n},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := see(aJob(n, perIndex(9)))
			for i := range int32(n) {
				s.Attempts = append(s.Attempts, c.pod(i))
			}
			listed := -n
			e := s.explain()
			for i := range e.Fates {
				listed += len(e.Fates[i].Attempts)
			}
			if listed > mostInferredInAll || listed < c.least {
				t.Errorf("%d attempts are inferred", listed)
			}
		})
	}
}

func TestFailuresOfTheCurrentChain(t *testing.T) {
	for _, c := range []struct {
		name string
		seen seen
		want v1alpha1.Failures
	}{
		{"what the newest pod was born with", see(aJob(1, perIndex(9)), aPod(0, 50, born(2, 1))), v1alpha1.Failures{Counted: 2, Ignored: 1, Exact: true}},
		{"and its own", see(aJob(1, perIndex(9)), aPod(0, 50, born(2, 1), exited(1, 95))), v1alpha1.Failures{Counted: 3, Ignored: 1, Exact: true}},
		{"which may be ignored", see(aJob(1, perIndex(9), policy(ignoreOn5)), aPod(0, 50, born(2, 1), exited(5, 95))), v1alpha1.Failures{Counted: 2, Ignored: 2, Exact: true}},
		{"at least those, where the pod bears no count", see(aJob(1, perIndex(9)), aPod(0, 50, exited(1, 95), func(pod *evidence.Attempt) { pod.HasFailureCount = false })), v1alpha1.Failures{Counted: 1}},
		{"without per-index limits, those that are seen", see(aJob(1, failures(1)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 20, exited(1, 95))), v1alpha1.Failures{Counted: 2, Exact: true}},
		{"at least those, where the status counts more", see(aJob(1, failures(3)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 20, exited(1, 95))), v1alpha1.Failures{Counted: 2}},
		{"at least those, where some may have been forgiven", see(aJob(1, failures(1), policy(ignoreOn5)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 20, exited(5, 95))), v1alpha1.Failures{Counted: 1, Ignored: 1}},
		{"none of an index that never had a pod", see(aJob(2, parallelism(1), perIndex(1), active(1)), aPod(0, 0)), v1alpha1.Failures{Exact: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.seen.explain()
			if got := fateOf(e, *e.Spec.Completions-1).Failures; got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestWhatEndedAPod(t *testing.T) {
	oom := func(pod *evidence.Attempt) { pod.Containers[0].Terminated.Reason = "OOMKilled" }
	because := func(reason string) func(*evidence.Attempt) {
		return func(pod *evidence.Attempt) { pod.Containers[0].Terminated.Reason = reason }
	}
	neverRan := func(pod *evidence.Attempt) {
		pod.Containers[0].Terminated.Reason = "ContainerStatusUnknown"
		pod.Containers[0].StartedAt, pod.Containers[0].FinishedAt = 0, 0
	}
	lostOnce := func(pod *evidence.Attempt) {
		pod.Containers[0].Restarts = 1
		pod.Containers[0].LastTerminated = &evidence.Terminated{ExitCode: 137, Reason: "ContainerStatusUnknown"}
	}
	evictedFor := func(message string) func(*evidence.Attempt) {
		return func(pod *evidence.Attempt) { pod.Reason, pod.Message = "Evicted", message }
	}
	failedAllTheSame := func(pod *evidence.Attempt) { pod.Phase = corev1.PodFailed }
	evicted := func(pod *evidence.Attempt) { pod.Phase, pod.Reason, pod.Containers = corev1.PodFailed, "Evicted", nil }
	for _, c := range []struct {
		name      string
		pod       evidence.Attempt
		want      string
		suspicion string
	}{
		{"its container", aPod(0, 0, exited(42, 95)), "main exited 42", ""},
		{"its container, with a reason", aPod(0, 0, exited(137, 95), oom), "main exited 137 (OOMKilled)", ""},
		{"not a sidecar that no rule matched", aPod(0, 0, exited(42, 95), withContainer(evidence.Sidecar, "proxy", 143, 96)), "main exited 42", ""},
		{"a disruption", aPod(0, 0, exited(143, 95), disrupted(90)), "EvictionByEvictionAPI (DisruptionTarget)", ""},
		{"an eviction without a condition", aPod(0, 0, evicted), "Evicted", "the pod's reason is Evicted"},
		{"a deletion by nobody knows whom", aPod(0, 0, deleted(90), exited(143, 95)), "main exited 143", "who deleted it is not recorded"},
		{"a container that the kubelet lost", aPod(0, 0, exited(137, 95), func(pod *evidence.Attempt) { pod.Containers[0].Terminated.Reason = "ContainerStatusUnknown" }), "the kubelet lost container main", "its exit code is synthetic"},
		{"a container that never ran", aPod(0, 0, exited(137, 95), neverRan), "container main never ran", "its exit code is synthetic"},
		{"a container that was lost though it ran", aPod(0, 0, exited(137, 95), neverRan, lostOnce), "the kubelet lost container main", "its exit code is synthetic"},
		{"a crash of its node", aPod(0, 0, exited(255, 95), because("Unknown")), "the node's runtime lost container main", "as when a node crashes"},
		{"an eviction that killed its container", aPod(0, 0, exited(137, 95), evictedFor("The node was low on resource: memory. ")), "Evicted; main exited 137", "the pod's reason is Evicted"},
		{"an eviction for its own storage", aPod(0, 0, exited(137, 95), evictedFor("Pod ephemeral local storage usage exceeds the total limit of containers 20Mi. ")), "Evicted; main exited 137", ""},
		{"an eviction for a container's own storage", aPod(0, 0, exited(137, 95), evictedFor(`Container main exceeded its local ephemeral storage limit "1Gi". `)), "Evicted; main exited 137", ""},
		{"an eviction for its own volume", aPod(0, 0, exited(137, 95), evictedFor(`Usage of EmptyDir volume "s" exceeds the limit "10Mi". `)), "Evicted; main exited 137", ""},
		{"an end without an error", aPod(0, 0, exited(0, 95), failedAllTheSame), "main exited 0, yet its pod failed", ""},
		{"a refusal", aPod(0, 0, exited(0, 95), failedAllTheSame, func(pod *evidence.Attempt) { pod.Reason = "UnexpectedAdmissionError" }), "UnexpectedAdmissionError", ""},
		{"nothing that it says", aPod(0, 0, func(pod *evidence.Attempt) { pod.Phase, pod.Containers = corev1.PodFailed, nil }), "its pod failed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			attempt := fateOf(see(aJob(1, perIndex(9)), c.pod).explain(), 0).Attempts[0]
			if got := newEnding(nil, &c.pod).words; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if !strings.Contains(attempt.Suspicion, c.suspicion) || c.suspicion == "" && attempt.Suspicion != "" {
				t.Errorf("suspicion %q, want %q", attempt.Suspicion, c.suspicion)
			}
		})
	}
}

// A combined event is dated when it was written, seconds after its pod was
// created: the pod that it names is perhaps the one that counts tell of.
func TestACombinedEventDatesNoPod(t *testing.T) {
	folded := created(0, 2)
	folded.Message, folded.Last = foldedPrefix+folded.Message, at(18)
	attempts := func(pods ...evidence.Attempt) []v1alpha1.Attempt {
		return see(aJob(1, perIndex(3)), pods...).events(folded).explain().Fates[0].Attempts
	}
	if got, want := inShort(attempts(aPod(0, 17, born(1, 0)))), "Annotation Count 1+0, Pod ? ?"; got != want {
		t.Errorf("before it was written: got %s, want %s", got, want)
	}
	if got, want := inShort(attempts(aPod(0, 17, born(1, 0), exited(1, 19)), aPod(0, 40, born(2, 0)))), "Annotation Count 1+0, Pod Count 2+0, Pod ? ?"; got != want {
		t.Errorf("between two pods: got %s, want %s", got, want)
	}
	got := attempts(aPod(0, 30, born(1, 0)))
	if len(got) != 2 || got[0].Pod != podName(0, 2) || got[0].CreationTime != nil {
		t.Errorf("after it was written: got %+v", got)
	}
}

// Two pods of one second have no order, unless the controller deleted one after
// the other had ended.
func TestPodsOfOneSecond(t *testing.T) {
	job := aJob(2, backoffLimit(0), failures(2), failedJob(29, "BackoffLimitExceeded"))
	other := created(0, 26)
	other.Message = createdPod + "j-0-abcde"
	failed := aPod(0, 26, exited(2, 26), accounted)
	e := see(job, failed).events(other).explain()
	wantFate(t, e, 0, "Stopped/PodGone")
	if got := e.Fates[0].Attempts; len(got) != 2 || got[1].Pod != failed.Name {
		t.Errorf("got %+v", got)
	}
	e = see(job, failed).events(other, jobEvent(reasonDelete, deletedPod+"j-0-abcde", 29)).explain()
	if got := e.Fates[0].Attempts; len(got) != 2 || got[1].Pod != "j-0-abcde" {
		t.Errorf("removed after the other had ended: got %+v", got)
	}
}

// A pod that was born with as little as the one before it is a duplicate of it
// where both lived at once; else the count has begun anew between them.
func TestWhetherTwoPodsLivedAtOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		second int // when the one that succeeded was created
		want   string
	}{
		{"before the first had ended", 9, "Succeeded/HistoryGone"},
		{"as it ended", 10, "Succeeded/AfterRestart"},
		{"after it had ended", 20, "Succeeded/AfterRestart"},
	} {
		e := see(aJob(2, perIndex(3), completed("0", 1), failures(1)), aPod(0, 0, exited(1, 10), accounted), aPod(0, c.second, succeeded(30), accounted)).explain()
		if got := inBrief(fateOf(e, 0)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	// One that has not ended lives still.
	e := see(aJob(2, perIndex(3), completed("0", 1), failures(1)), aPod(0, 0, deleted(9), accounted), aPod(0, 20, succeeded(30), accounted)).explain()
	wantFate(t, e, 0, "Succeeded/HistoryGone")
}

// An annotation may tell of more attempts than are listed: the others are numbered
// all the same.
func TestTheTwoHundredAndFiftyFirstPodIsNumbered251(t *testing.T) {
	e := see(aJob(1, perIndex(1000)), aPod(0, 50, born(250, 0))).explain()
	attempts := fateOf(e, 0).Attempts
	if last := attempts[len(attempts)-1]; last.Number != 251 || last.Source != v1alpha1.SourcePod || len(attempts) != mostInferred+1 {
		t.Errorf("the last of %d attempts is %+v", len(attempts), last)
	}
	if first := attempts[0]; first.Number != 151 || first.Before.Counted != 150 || first.After.Counted != 151 {
		t.Errorf("the first that is listed is number %d: %+v to %+v", first.Number, first.Before, first.After)
	}
	if e.Evidence.AttemptsInferred != 250 {
		t.Errorf("%d attempts are inferred", e.Evidence.AttemptsInferred)
	}
	wantFate(t, e, 0, "Running/Retry")
}

// A pod that was deleted while it ran has no end of its own; one that failed has,
// whoever deleted it.
func TestAPodThatWasCutShortIsSaidToBeDeleted(t *testing.T) {
	for _, c := range []struct {
		says, cause string
		pod         evidence.Attempt
	}{
		{"its pod's deletion was requested at 00:01:35Z, it is killed at 00:02:05Z at the latest, and counts as a failure", "deleted", aPod(0, 0, deleted(95))},
		{"its pod was deleted", "deleted", aPod(0, 0, deleted(95), vanished(96))},
		{"main exited 1", "main exited 1", aPod(0, 0, exited(1, 95))},
		{"main exited 143", "main exited 143", aPod(0, 0, deleted(94), exited(143, 95))},
		{"its pod failed", "failed without a reason", aPod(0, 95, rejected)},
	} {
		e := see(aJob(1, perIndex(3)), c.pod).explain()
		if message := fateOf(e, 0).Message; !strings.Contains(message, c.says+"; next retry at 00:01:45Z") {
			t.Errorf("got %q, want %q", message, c.says)
		}
		if len(e.Signatures) != 1 || e.Signatures[0].Text != c.cause {
			t.Errorf("%s: the causes are %+v", c.says, e.Signatures)
		}
	}
}
