package replay

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// mostInferred bounds the attempts told of by one annotation, which may hold
// any number.
const mostInferred = 100

// history is what is known of the attempts of one index.
type history struct {
	attempts []v1alpha1.Attempt
	// cut: a pod was born with less than the one before it left.
	cut bool
	// newerGone are pods younger than the newest seen that only events name.
	newerGone []namedPod
	// olderGone: attempts before the oldest seen are gone, or some between.
	olderGone bool
	// curtailed: more attempts are told of than are listed.
	curtailed bool
}

// historyOf tells the attempts of an index, oldest first: its pods, between
// them those that only a later pod's counts tell of, and those that only an
// event names.
func (f *facts) historyOf(index int32) history {
	var h history
	pods := f.byIndex[index]
	h.attempts = make([]v1alpha1.Attempt, 0, len(pods))
	gone := f.goneByEvent(index)
	left := v1alpha1.Tally{}
	var before *evidence.Attempt
	for _, pod := range pods {
		born := v1alpha1.Tally{Counted: pod.FailureCount, Ignored: pod.IgnoredFailureCount}
		if before != nil && wentUnseen(before) {
			left = oneStep(left, born)
		}
		switch {
		case !f.perIndex():
		case before != nil && bornWith(pod) == bornWith(before) && overlap(before, pod):
			left = born // a duplicate: neither replaced the other
		case born.Counted < left.Counted || born.Ignored < left.Ignored:
			h.cut = true
			left = v1alpha1.Tally{}
		}
		var older []namedPod
		older, gone = olderThan(gone, pod.CreationTime)
		if f.perIndex() {
			h.addInferred(left, born, older, f.isUndisturbed())
		} else {
			h.addNamed(older)
		}
		attempt := f.attemptOf(pod)
		h.attempts = append(h.attempts, attempt)
		left = leaves(&attempt, born)
		before = pod
	}
	h.addNamed(gone)
	if len(pods) > 0 {
		h.newerGone = gone
	}
	for i := range h.attempts {
		h.attempts[i].Number = int32(i + 1)
	}
	return h
}

// addInferred lists the attempts between what was left behind and what the
// next pod was born with. Events may name them: where they name as many, they
// are the same pods; where more, all are listed as named by events.
func (h *history) addInferred(left, born v1alpha1.Tally, named []namedPod, undisturbed bool) {
	counted, ignored := born.Counted-left.Counted, born.Ignored-left.Ignored
	missing := int64(counted) + int64(ignored)
	h.olderGone = h.olderGone || missing > 0 || len(named) > 0
	if int64(len(named)) > missing || int64(len(named)) == missing && !undisturbed {
		h.addNamed(named)
		return
	}
	first := int64(0)
	if missing > mostInferred {
		first, h.curtailed = missing-mostInferred, true
	}
	for n := first; n < missing; n++ {
		attempt := v1alpha1.Attempt{Source: v1alpha1.SourceAnnotation}
		if int64(len(named)) == missing {
			attempt.Pod, attempt.CreationTime = named[n].name, stamp(named[n].time)
		}
		switch {
		case !undisturbed && left != (v1alpha1.Tally{}):
			// The chain was perhaps cut between, and grew by other steps.
		case ignored == 0:
			attempt.Decision = v1alpha1.DecisionCount
			attempt.Before = &v1alpha1.Tally{Counted: left.Counted + int32(n), Ignored: left.Ignored}
			attempt.After = &v1alpha1.Tally{Counted: left.Counted + int32(n) + 1, Ignored: left.Ignored}
		case counted == 0:
			attempt.Decision = v1alpha1.DecisionIgnore
			attempt.Before = &v1alpha1.Tally{Counted: left.Counted, Ignored: left.Ignored + int32(n)}
			attempt.After = &v1alpha1.Tally{Counted: left.Counted, Ignored: left.Ignored + int32(n) + 1}
		}
		h.attempts = append(h.attempts, attempt)
	}
}

func (h *history) addNamed(pods []namedPod) {
	for _, pod := range pods {
		h.olderGone = true
		h.attempts = append(h.attempts, v1alpha1.Attempt{Source: v1alpha1.SourceEvent, Pod: pod.name, CreationTime: stamp(pod.time)})
	}
}

// goneByEvent are the pods of the index that an event names and nobody sees.
func (f *facts) goneByEvent(index int32) []namedPod {
	var gone []namedPod
	for _, pod := range f.events.created[index] {
		if f.podNamed(index, pod.name) == nil {
			gone = append(gone, pod)
		}
	}
	return gone
}

// oneStep is what a pod left whose end nobody saw: a failure, by the counts that
// the next one was born with, or none.
func oneStep(left, born v1alpha1.Tally) v1alpha1.Tally {
	switch {
	case born.Counted > left.Counted:
		left.Counted++
	case born.Ignored > left.Ignored:
		left.Ignored++
	}
	return left
}

func olderThan(pods []namedPod, t time.Time) (older, rest []namedPod) {
	n := 0
	for n < len(pods) && !pods[n].time.After(t) {
		n++
	}
	return pods[:n:n], pods[n:]
}

// overlap: the later pod was created before the earlier one ended.
func overlap(before, pod *evidence.Attempt) bool {
	return !isTerminal(before) || pod.CreationTime.Before((Rules{Newest}).FinishedTime(before))
}

// leaves is what the pod hands to its replacement.
func leaves(attempt *v1alpha1.Attempt, born v1alpha1.Tally) v1alpha1.Tally {
	if attempt.After != nil {
		return *attempt.After
	}
	return born
}

// attemptOf is a pod as the Explanation tells it.
func (f *facts) attemptOf(pod *evidence.Attempt) v1alpha1.Attempt {
	terminating := IsPodTerminating(pod)
	restarts := restartsOf(pod)
	attempt := v1alpha1.Attempt{
		Source: v1alpha1.SourcePod, Pod: pod.Name, Node: pod.Node, Phase: pod.Phase,
		Terminating:  &terminating,
		CreationTime: f.instant(pod.CreationTime),
		StartTime:    f.instant(pod.StartTime),
		DeletionTime: f.instant(pod.DeletionTime),
		Waiting:      waitingReason(pod),
		Restarts:     &restarts,
	}
	failed := IsPodFailed(f.job, pod)
	if isTerminal(pod) {
		attempt.FinishTime = f.instant(f.rules.FinishedTime(pod))
	}
	if f.perIndex() {
		attempt.Before = &v1alpha1.Tally{Counted: pod.FailureCount, Ignored: pod.IgnoredFailureCount}
	}
	if pod.Phase == corev1.PodSucceeded {
		attempt.After = attempt.Before
	}
	if !failed {
		return attempt
	}
	policy := f.job.Spec.PodFailurePolicy
	match := MatchPodFailurePolicy(policy, pod)
	attempt.Failure = failureOf(pod, match)
	attempt.Decision = v1alpha1.Decision(match.Action)
	attempt.Rules = TracePodFailurePolicy(policy, pod)
	if match.Rule >= 0 {
		rule := match.Rule
		attempt.Rule = &rule
	}
	if f.perIndex() {
		counted, ignored := NewIndexFailureCounts(f.job, pod)
		attempt.After = &v1alpha1.Tally{Counted: counted, Ignored: ignored}
	}
	attempt.Suspicion = f.suspicionOf(pod)
	return attempt
}

// failureOf names what ended the pod: the container that the rule matched on,
// else the first app container that failed, else an init container. A sidecar
// that no rule matched never heads a failure.
func failureOf(pod *evidence.Attempt, match Match) *v1alpha1.Failure {
	failure := &v1alpha1.Failure{Reason: pod.Reason, Message: pod.Message}
	if c := disruption(pod); c != nil {
		failure.Condition = string(c.Type)
		if failure.Message == "" {
			failure.Message = c.Message
		}
		if failure.Reason == "" {
			failure.Reason = c.Reason
		}
	}
	if match.Condition != nil {
		failure.Condition = string(match.Condition.Type)
	}
	container := match.Container
	if container == nil {
		container = failedContainer(pod)
	}
	if container == nil {
		return failure
	}
	code := container.Terminated.ExitCode
	failure.Container, failure.ContainerType, failure.ExitCode = container.Name, v1alpha1.ContainerType(container.Type), &code
	if container.Terminated.Reason != "" && (failure.Reason == "" || container.Terminated.Reason != "Error") {
		failure.Reason = container.Terminated.Reason
	}
	if container.Terminated.Message != "" {
		failure.Message = container.Terminated.Message
	}
	return failure
}

func failedContainer(pod *evidence.Attempt) *evidence.Container {
	for _, kind := range []evidence.ContainerType{evidence.App, evidence.Init} {
		for i := range pod.Containers {
			c := &pod.Containers[i]
			if c.Type == kind && c.Terminated != nil && c.Terminated.ExitCode != 0 {
				return c
			}
		}
	}
	return nil
}

// waitingReason is why a pod that nobody deleted does not run yet: what a
// container waits for, else why the pod is not scheduled.
func waitingReason(pod *evidence.Attempt) string {
	if !IsPodActive(pod) || pod.Phase == corev1.PodRunning {
		return ""
	}
	for i := range pod.Containers {
		if w := pod.Containers[i].Waiting; w != "" && w != "PodInitializing" {
			return w
		}
	}
	if c := condition(pod, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse && c.Reason != "" {
		return c.Reason
	}
	for i := range pod.Containers {
		if w := pod.Containers[i].Waiting; w != "" {
			return w
		}
	}
	if pod.Node == "" {
		return "NotScheduled"
	}
	return "NotStarted"
}

// suspicionOf marks a failure that looks like a disruption and bears no
// DisruptionTarget condition. It never changes a verdict.
func (f *facts) suspicionOf(pod *evidence.Attempt) string {
	if disruption(pod) != nil || f.isAtDecision(pod) {
		return ""
	}
	if _, byController := f.events.deleted[pod.Name]; byController {
		return ""
	}
	switch pod.Reason {
	case "NodeLost", "NodeShutdown", "Shutdown", "Terminated", "Preempting", "Evicted":
		return "perhaps a disruption: the pod's reason is " + pod.Reason + ", without a DisruptionTarget condition"
	}
	for i := range pod.Containers {
		t := pod.Containers[i].Terminated
		if t != nil && t.Reason == "ContainerStatusUnknown" {
			return "perhaps a disruption: the kubelet lost container " + pod.Containers[i].Name + ", its exit code is made up"
		}
	}
	if !pod.DeletionTime.IsZero() {
		return "perhaps a disruption: the pod was deleted, without a DisruptionTarget condition; who deleted it is not recorded"
	}
	return ""
}

// instant is a stamp that the attempts of a large Job share: many of them begin
// or end in the same second.
func (f *facts) instant(t time.Time) *metav1.Time {
	shared, ok := f.instants[t]
	if !ok {
		shared = stamp(t)
		f.instants[t] = shared
	}
	return shared
}

func stamp(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t.UTC().Truncate(time.Second)}
}
