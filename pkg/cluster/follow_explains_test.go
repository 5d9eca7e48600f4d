package cluster_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// changing is a Job whose pods change at random, on a server.
type changing struct {
	server *clustertest.Server
	chance *rand.Rand
	now    time.Time
	pods   map[string]*corev1.Pod
	made   int
	gone   map[types.UID]bool
}

const changingIndexes = 6

func (c *changing) job() *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "nightly", UID: "job-uid", ResourceVersion: strconv.Itoa(c.made + 7), Generation: 1, CreationTimestamp: metav1.NewTime(c.now.Add(-time.Hour))},
		Spec: batchv1.JobSpec{
			CompletionMode: new(batchv1.IndexedCompletion), Completions: new(int32(changingIndexes)), Parallelism: new(int32(4)), BackoffLimitPerIndex: new(int32(2)),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: "job-uid"}},
		},
		Status: batchv1.JobStatus{StartTime: new(metav1.NewTime(c.now.Add(-time.Hour))), Failed: int32(c.made / 3), Active: int32(len(c.pods)), FailedIndexes: new("")},
	}
}

// change makes a pod, or lets one go on, end, be deleted or vanish.
func (c *changing) change() {
	names := slices.Sorted(maps.Keys(c.pods))
	if len(names) == 0 || c.chance.IntN(3) == 0 {
		c.create()
		return
	}
	pod := c.pods[names[c.chance.IntN(len(names))]].DeepCopy()
	c.made++
	switch c.chance.IntN(5) {
	case 0:
		pod.Status.Phase = corev1.PodRunning
	case 1, 2:
		c.end(pod)
	case 3:
		pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = new(metav1.NewTime(c.now)), new(int64(30))
	case 4:
		pod.Finalizers = nil
		c.gone[pod.UID] = true
		delete(c.pods, pod.Name)
		c.server.Remove("pods", "default/"+pod.Name)
		return
	}
	c.pods[pod.Name] = pod
	c.server.Put(pod)
}

func (c *changing) create() {
	c.made++
	index := c.chance.IntN(changingIndexes)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: fmt.Sprintf("nightly-%d-%05d", index, c.made), UID: types.UID(fmt.Sprint("pod-", c.made)),
			CreationTimestamp: metav1.NewTime(c.now.Add(time.Duration(c.made-3000) * time.Second)),
			Labels:            map[string]string{batchv1.ControllerUidLabel: "job-uid"},
			Annotations:       map[string]string{batchv1.JobCompletionIndexAnnotation: strconv.Itoa(index), batchv1.JobIndexFailureCountAnnotation: strconv.Itoa(c.chance.IntN(3))},
			OwnerReferences:   []metav1.OwnerReference{{Kind: "Job", Name: "nightly", UID: "job-uid", Controller: new(true)}},
			Finalizers:        []string{batchv1.JobTrackingFinalizer},
		},
		Status: corev1.PodStatus{Phase: corev1.PodPending},
	}
	c.pods[pod.Name] = pod
	c.server.Put(pod)
}

func (c *changing) end(pod *corev1.Pod) {
	code := int32(c.chance.IntN(2))
	pod.Status.Phase = corev1.PodSucceeded
	if code > 0 {
		pod.Status.Phase = corev1.PodFailed
	}
	terminated := &corev1.ContainerStateTerminated{ExitCode: code, Reason: "Error", Message: "attempt " + pod.Name, FinishedAt: metav1.NewTime(c.now), StartedAt: pod.CreationTimestamp}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "main", State: corev1.ContainerState{Terminated: terminated}}}
	if c.chance.IntN(2) == 0 {
		pod.Finalizers = nil
	}
}

// TestWhatIsFollowedIsWhatIsThere: however pods change, and watches break off, what
// is known in the end is what a fresh reading finds and what has vanished; and the
// answer is that of an Explanation of the same evidence in any order.
func TestWhatIsFollowedIsWhatIsThere(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
			c := &changing{server: clustertest.New(), chance: rand.New(rand.NewPCG(seed, 1)), now: now, pods: map[string]*corev1.Pod{}, gone: map[types.UID]bool{}}
			t.Cleanup(c.server.Close)
			c.server.Clock = func() time.Time { return now }
			c.server.Put(c.job())
			client, err := cluster.NewClient(&rest.Config{Host: c.server.URL}, c.server.Clock)
			if err != nil {
				t.Fatal(err)
			}
			follower, err := client.Follow(t.Context(), "default", "nightly")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(follower.Stop)
			// Each watch that does not last is answered by a longer pause.
			for _, breakOff := range []func(){func() {}, c.server.EndWatches, c.server.Forget} {
				for range 1 + c.chance.IntN(60) {
					c.change()
				}
				breakOff()
				for range c.chance.IntN(20) {
					c.change()
				}
				c.server.Put(c.job())
				c.hold(t, client, follower)
			}
		})
	}
}

func (c *changing) hold(t *testing.T, client *cluster.Client, follower *cluster.Follower) {
	t.Helper()
	there, err := client.Observe(t.Context(), "default", "nightly")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	diff := "nothing was seen"
	for diff != "" {
		err := follower.Next(ctx, 0, time.Second, func(s cluster.Sighting) {
			if s.Seen == nil {
				return
			}
			var present []evidence.Attempt
			for _, a := range s.Seen.Attempts {
				if a.Vanished.IsZero() {
					present = append(present, a)
				} else if !c.gone[a.UID] {
					t.Errorf("pod %s has not vanished", a.Name)
				}
			}
			diff = cmp.Diff(byUID(there.Attempts), byUID(present), sameButVersion) + cmp.Diff(there.Job.Status, s.Seen.Job.Status)
			shuffled := *s.Clone().Seen
			c.chance.Shuffle(len(shuffled.Attempts), func(i, j int) {
				shuffled.Attempts[i], shuffled.Attempts[j] = shuffled.Attempts[j], shuffled.Attempts[i]
			})
			followed, fresh := replay.Explain(s.Seen, s.Seen.ObservedAt), replay.Explain(&shuffled, shuffled.ObservedAt)
			if diff := cmp.Diff(fresh, followed); diff != "" {
				t.Errorf("(-fresh +followed):\n%s", diff)
			}
		})
		if err != nil {
			t.Fatalf("%v\n(-there +followed):\n%s", err, diff)
		}
	}
}

// sameButVersion: the server of the test has no versions but in what a watch tells.
var sameButVersion = cmpopts.IgnoreFields(evidence.Attempt{}, "ResourceVersion")

func byUID(attempts []evidence.Attempt) []evidence.Attempt {
	return slices.SortedFunc(slices.Values(attempts), func(a, b evidence.Attempt) int { return strings.Compare(string(a.UID), string(b.UID)) })
}
