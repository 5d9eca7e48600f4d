package replay

import (
	"fmt"
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// podEvent is a warning of the kubelet about a pod.
func podEvent(pod evidence.Attempt, reason, message string, second int) evidence.Event {
	return evidence.Event{
		Kind: "Pod", Name: pod.Name, UID: pod.UID, Type: corev1.EventTypeWarning, Source: "kubelet", Reason: reason, Message: message, Count: 1,
		First: at(second), Last: at(second),
	}
}

func by(component string, e evidence.Event) evidence.Event {
	e.Source = component
	return e
}

func withTemplate(containers ...string) jobOption {
	return func(job *batchv1.Job) {
		for _, name := range containers {
			job.Spec.Template.Spec.Containers = append(job.Spec.Template.Spec.Containers, corev1.Container{Name: name})
		}
	}
}

// runsOn: main has ended, and another container goes on.
func runsOn(name string, kind evidence.ContainerType, code int32, second int) podOption {
	return func(pod *evidence.Attempt) {
		ended(code, second)(&pod.Containers[0], pod)
		pod.Phase = corev1.PodRunning
		pod.Containers[0].Running = false
		pod.Containers = append(pod.Containers, evidence.Container{Name: name, Type: kind, Running: true, Ready: true, StartedAt: pod.CreationTime})
	}
}

func onLostNode(node string, second int) podOption {
	return func(pod *evidence.Attempt) { pod.Node, pod.NodeNotReady = node, instant(second) }
}

// Pods as kubelets leave them, and what holds them up.
func TestWhatHoldsAJobUp(t *testing.T) {
	mains := withTemplate("main", "proxy")
	fails := func(pod *evidence.Attempt) {
		pod.Containers[0].Running, pod.Containers[0].Restarts = false, 2
		pod.Containers[0].Terminated = &evidence.Terminated{ExitCode: 3, Reason: "Error"}
	}
	waitsInLoop := func(pod *evidence.Attempt) {
		pod.Containers[0].Running, pod.Containers[0].Restarts, pod.Containers[0].Waiting = false, 1, reasonCrashLoop
		pod.Containers[0].LastTerminated = &evidence.Terminated{ExitCode: 137, Reason: "OOMKilled"}
	}
	sidecarFailed := func(pod *evidence.Attempt) {
		pod.Containers = append(pod.Containers, evidence.Container{Name: "proxy", Type: evidence.Sidecar, Restarts: 1, Terminated: &evidence.Terminated{ExitCode: 143, Reason: "Error"}})
	}
	overdue := aPod(0, 0, deleted(0))
	var many []evidence.Attempt
	for ix := range int32(4) {
		many = append(many, aPod(ix, 0, onLostNode(fmt.Sprint("n", ix), 50+int(ix))))
	}
	for _, c := range []struct {
		name  string
		seen  seen
		kind  v1alpha1.FindingKind
		about string
		says  string
	}{
		{"a container fails and starts again", see(aJob(1, active(1), onFailure), aPod(0, 0, fails)), "StuckRestarting", "0", "1m40s: main keeps failing, last exited 3; 2 restarts so far"},
		{"and waits, by the kubelet's word", see(aJob(1, active(1), onFailure), aPod(0, 0, waitsInLoop)), "StuckRestarting", "0", "main keeps failing, last exited 137 (OOMKilled) (CrashLoopBackOff); 1 restart so far"},
		{"not where nobody starts it again", see(aJob(1, active(1)), aPod(0, 0, fails)), "StuckRestarting", "none", ""},
		{"not in a pod that has ended", see(aJob(1, onFailure, completed("0", 1)), aPod(0, 0, succeeded(90), sidecarFailed, accounted)), "StuckRestarting", "none", ""},
		{"restarts in a pod that succeeded", see(aJob(1, completed("0", 1)), aPod(0, 0, succeeded(90), restarted(5), accounted)), "RestartsInPlace", "0", "5 restarts within pods"},

		{"another container keeps the pod", see(aJob(1, active(1), mains), aPod(0, 0, runsOn("proxy", evidence.App, 0, 10))), "StuckSidecar", "0", "1m30s: main exited 0 at 00:00:10Z; proxy keeps its pod running"},
		{"which is not stuck for a minute", see(aJob(1, active(1), mains), aPod(0, 0, runsOn("proxy", evidence.App, 0, 95))), "SidecarRuns", "0", "main exited 0 at 00:01:35Z; proxy keeps its pod running"},
		{"those of one exit code", see(aJob(3, active(3), mains), aPod(0, 0, runsOn("proxy", evidence.App, 0, 20)), aPod(1, 0, runsOn("proxy", evidence.App, 1, 20)), aPod(2, 0, runsOn("proxy", evidence.App, 0, 10))), "StuckSidecar", "0,2", "main exited 0 in 2 pods, first at 00:00:10Z; proxy keeps their pods running"},
		{"and those of another", see(aJob(3, active(3), mains), aPod(0, 0, runsOn("proxy", evidence.App, 0, 20)), aPod(1, 0, runsOn("proxy", evidence.App, 1, 20))), "StuckSidecar", "1", "main exited 1 at 00:00:20Z"},
		{"a native sidecar is given time", see(aJob(1, active(1), mains), aPod(0, 0, runsOn("proxy", evidence.Sidecar, 0, 95))), "SidecarRuns", "none", ""},
		{"and no more than a minute", see(aJob(1, active(1), mains), aPod(0, 0, runsOn("proxy", evidence.Sidecar, 0, 10))), "StuckSidecar", "0", "proxy keeps its pod running"},
		{"not where main starts again", see(aJob(1, active(1), mains, onFailure), aPod(0, 0, runsOn("proxy", evidence.App, 1, 10))), "StuckSidecar", "none", ""},
		{"not where main is another", see(aJob(1, active(1), withTemplate("work", "main")), aPod(0, 0, runsOn("work", evidence.App, 0, 10))), "StuckSidecar", "none", ""},

		{"a node is lost", see(aJob(2, active(2)), aPod(0, 0, onLostNode("a", 60)), aPod(1, 0)), "StuckNode", "0", "40s: node a has not been ready since 00:01:00Z; its kubelet no longer reports on 1 pod"},
		{"many are", see(aJob(4, active(4)), many...), "StuckNode", "0-3", "50s: 4 nodes are not ready, the first since 00:00:50Z; their kubelets no longer report on 4 pods"},
		{"not one whose kubelet has spoken since", see(aJob(1, active(1)), aPod(0, 0, onLostNode("a", 60))).events(podEvent(aPod(0, 0), "Unhealthy", "no", 61)), "StuckNode", "none", ""},
		{"by an event alone", see(aJob(1, active(1)), aPod(0, 0)).events(by("node-controller", podEvent(aPod(0, 0), "NodeNotReady", "Node is not ready", 61))), "StuckNode", "0", "node n has not been ready since 00:01:01Z"},

		{"past its grace on a lost node", see(aJob(1, onlyReplaceFailed), aPod(0, 0, deleted(0), onLostNode("a", 60))).at(200), "StuckTerminating", "0", "2m50s past its grace: 1 terminating on node a, which has not been ready since 00:01:00Z; podReplacementPolicy Failed waits for it"},
		{"past its grace though the kubelet reports", see(aJob(1, onlyReplaceFailed), overdue).events(podEvent(overdue, "Unhealthy", "connection refused", 190)).at(200), "StuckTerminating", "0", "on node n, whose kubelet still reports, last at 00:03:10Z; main runs and is not ready: connection refused"},
		{"which it did before only", see(aJob(1, onlyReplaceFailed), overdue).events(podEvent(overdue, "Unhealthy", "connection refused", 10)).at(200), "StuckTerminating", "0", "perhaps lost"},

		{"nobody takes the finalizer", see(aJob(2, completed("0,1", 2), succeeding(20, "CompletionsReached")), aPod(0, 0, succeeded(10)), aPod(1, 0, succeeded(10))).at(500), "StuckFinalizer", "0,1", "8m: every pod has ended and still bears the finalizer batch.kubernetes.io/job-tracking; something refuses its removal"},
		{"of some", see(aJob(3, completed("0-2", 3), succeeding(20, "CompletionsReached")), aPod(0, 0, succeeded(10)), aPod(1, 0, succeeded(10)), aPod(2, 0, succeeded(10), accounted)).at(500), "StuckFinalizer", "0,1", "2 pods have ended and still bear the finalizer"},
		{"not a moment after the end", see(aJob(1, completed("0", 1), succeeding(20, "CompletionsReached")), aPod(0, 0, succeeded(10))).at(30), "StuckFinalizer", "none", ""},
		{"not while a failed pod waits for its retry", see(aJob(1, perIndex(9)), aPod(0, 0, born(8, 0), exited(1, 10))).at(400), "StuckFinalizer", "none", ""},

		{"a pod holds a Job that is being deleted", see(aJob(1, completed("0", 1), beingDeleted), aPod(0, 0, succeeded(10))), "StuckDeletion", "0", "pod j-0-00000, which has ended, holds it by the finalizer"},
		{"not one that still runs", see(aJob(1, active(1), beingDeleted), aPod(0, 0)), "StuckDeletion", "none", ""},
	} {
		t.Run(c.name, func(t *testing.T) { wantFinding(t, c.seen.explain(), c.kind, c.about, c.says) })
	}
}

// What an index waits for, or did, in the words of whoever knows.
func TestWhoseWordsAreTold(t *testing.T) {
	creating := aPod(0, 0, waits("ContainerCreating"))
	pulling := aPod(0, 0, waits("ImagePullBackOff"), func(pod *evidence.Attempt) { pod.Containers[0].WaitingFor = `Back-off pulling image "a"` })
	killed := aPod(0, 0, exited(137, 95))
	gone := aPod(0, 1)
	failed := aJob(1, perIndex(0), failedIndexes("0"), failures(1), failedJob(96, "FailedIndexes"))
	late := aJob(1, failures(1), failedJob(60, "DeadlineExceeded"))
	everything := func(seen *evidence.Job) { seen.PodEvents = evidence.Whole }
	for _, c := range []struct {
		name string
		seen seen
		want string
	}{
		{"an event of the pod", see(aJob(1, active(1)), creating).events(podEvent(creating, "FailedMount", "no volume", 50)), "no volume (FailedMount)"},
		{"the newest of them", see(aJob(1, active(1)), creating).events(podEvent(creating, "FailedMount", "no volume", 50), podEvent(creating, "FailedCreatePodSandBox", "no sandbox", 60)), "no sandbox (FailedCreatePodSandBox)"},
		{"not of another pod of the name", see(aJob(1, active(1)), creating).events(podEvent(evidence.Attempt{Name: creating.Name, UID: "before"}, "FailedMount", "no volume", 50)), "ContainerCreating"},
		{"what an image pull ran into", see(aJob(1, active(1)), pulling).events(podEvent(pulling, "Failed", "Failed to pull image: 403", 50), podEvent(pulling, "Failed", "Error: ImagePullBackOff", 60)), "Failed to pull image: 403 (ImagePullBackOff)"},
		{"the pod's own", see(aJob(1, active(1)), aPod(0, 0, waits(""), func(pod *evidence.Attempt) { pod.Containers, pod.Reason, pod.Message = nil, "ProviderFailed", "409" })), "409 (ProviderFailed)"},

		{"a probe, before it was killed", see(failed, killed).events(podEvent(killed, "Unhealthy", "Liveness probe failed: ", 90)), `main exited 137 after "Liveness probe failed"; 1 counted failure, 0 allowed`},
		{"not one after that", see(failed, killed).events(podEvent(killed, "Unhealthy", "Liveness probe failed: ", 96)), "main exited 137; 1 counted failure, 0 allowed"},
		{"not where memory ran out", see(failed, aPod(0, 0, exited(137, 95), func(pod *evidence.Attempt) { pod.Containers[0].Terminated.Reason = "OOMKilled" })).events(podEvent(killed, "Unhealthy", "Liveness probe failed: ", 90)), "main exited 137 (OOMKilled); 1 counted failure, 0 allowed"},
		{"not a probe that kills nobody", see(failed, killed).events(podEvent(killed, "Unhealthy", "Readiness probe failed: ", 90)), "main exited 137; 1 counted failure, 0 allowed"},

		{"of a pod that is gone, the scheduler", see(late).but(everything).events(created(0, 1), by("default-scheduler", podEvent(gone, "FailedScheduling", "no node", 2))), "its pod was never scheduled: no node (FailedScheduling); was unfinished when the Job was decided; only an event tells of its last pod"},
		{"no more than a warning where others were not read", see(late).events(created(0, 1), by("default-scheduler", podEvent(gone, "FailedScheduling", "no node", 2))), "last warning about its pod: no node (FailedScheduling); was unfinished when the Job was decided; only an event tells of its last pod"},
		{"nothing of one that started", see(late).but(everything).events(created(0, 1), podEvent(gone, "FailedMount", "no volume", 2), podEvent(gone, evidence.EventStarted, "Container started", 3)), "was unfinished when the Job was decided; only an event tells of its last pod"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fateOf(c.seen.explain(), 0).Message; got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// Each once, the most frequent first, five at most, and none of another pod.
func TestWarningsOfAnAttempt(t *testing.T) {
	pod := aPod(0, 0)
	var events []evidence.Event
	for n := range 7 {
		for again := range n + 1 {
			events = append(events, podEvent(pod, fmt.Sprint("Reason", n), "words", 10+again))
		}
	}
	events = append(events, podEvent(evidence.Attempt{Name: pod.Name, UID: "before"}, "Other", "words", 5))
	slices.Reverse(events)
	warnings := fateOf(see(aJob(1, active(1)), pod).events(events...).explain(), 0).Attempts[0].Warnings
	if len(warnings) != mostWarnings {
		t.Fatalf("%+v", warnings)
	}
	first := warnings[0]
	if first.Reason != "Reason6" || first.Count != 7 || !first.FirstTime.Time.Equal(at(10)) || !first.LastTime.Time.Equal(at(16)) {
		t.Errorf("%+v", first)
	}
}

// Pods that the controller removed together cost nothing, also one that exited 0 a
// moment later.
func TestPodsRemovedTogether(t *testing.T) {
	out := func(pod *evidence.Attempt) { pod.Finalizer = false }
	removed := []evidence.Attempt{aPod(0, 0, deleted(90), out), aPod(1, 0, succeeded(91), deleted(90), out), aPod(2, 0)}
	e := see(aJob(3, perIndex(1), onlyReplaceFailed, active(3)), removed...).before().explain()
	wantFate(t, e, 0, "Terminating/")
	if got := fateOf(e, 1); got.Fate != v1alpha1.Waiting || got.Attempts[0].Decision == v1alpha1.DecisionCount {
		t.Errorf("%s: %s", got.Fate, got.Message)
	}
}
