package replay

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// ending is how a pod failed, so far as the policy and our own words tell one
// failure from another, and what follows from that alone. Pods fail in few
// ways, however many there are: each way is judged once, and the attempts that
// ended so share what is told of it.
type ending struct {
	trace []v1alpha1.RuleTrace
	rule  *int32 // nil where none matched
	// failure is without its message: pods that ended alike say different things.
	failure v1alpha1.Failure
	// container is the position of the one that ended the pod, -1 for none.
	container int
	// suspicion is that of a pod which nobody deleted.
	suspicion string
	// words name the failure, and ruled the rule that took it.
	words, ruled string
}

func newEnding(policy controller.PodFailurePolicy, pod *evidence.Attempt) *ending {
	match := policy.Match(pod)
	e := &ending{
		trace:     TracePodFailurePolicy(policy, pod),
		container: endedBy(pod, match), suspicion: suspicionOf(pod),
	}
	e.failure = failureOf(pod, match, e.container)
	e.words = e.inWords(pod)
	if match.Rule >= 0 {
		e.rule = ptr.To(match.Rule)
		e.ruled = fmt.Sprintf("%s: podFailurePolicy.rules[%d] (%s)", e.words, match.Rule, match.Action)
	}
	return e
}

// messageOf is what there is to say of its end: by the pod where that says why, then
// by its container, the pod, the condition that tells of a disruption.
func (e *ending) messageOf(pod *evidence.Attempt) string {
	var ofContainer, ofDisruption string
	if e.container >= 0 {
		ofContainer = pod.Containers[e.container].Terminated.Message
	}
	if c := disruption(pod); c != nil {
		ofDisruption = c.Message
	}
	if e.failure.FromPod {
		return strings.TrimSpace(cmp.Or(pod.Message, ofDisruption, ofContainer))
	}
	return strings.TrimSpace(cmp.Or(ofContainer, pod.Message, ofDisruption))
}

// endings are those that the pods of one Job had.
type endings struct {
	policy controller.PodFailurePolicy
	// telling are the conditions by which endings differ.
	telling  map[corev1.PodConditionType]bool
	known    map[string]*ending
	failures map[saidFailure]*v1alpha1.Failure
	key      []byte
}

type saidFailure struct {
	*ending
	message string
}

func newEndings(policy *batchv1.PodFailurePolicy) *endings {
	e := &endings{policy: controller.NewPodFailurePolicy(policy), telling: map[corev1.PodConditionType]bool{corev1.DisruptionTarget: true}, known: map[string]*ending{}, failures: map[saidFailure]*v1alpha1.Failure{}}
	for i := range e.policy {
		for _, pattern := range e.policy[i].OnPodConditions {
			e.telling[pattern.Type] = true
		}
	}
	return e
}

// of is the ending of the pod, were it to fail as it is.
func (e *endings) of(pod *podFacts) *ending {
	e.tell(pod.Attempt)
	known := e.known[string(e.key)]
	if known == nil {
		known = newEnding(e.policy, pod.Attempt)
		e.known[string(e.key)] = known
	}
	return known
}

// failureOf is the ending as the pod tells it.
func (e *endings) failureOf(pod *evidence.Attempt, ended *ending) *v1alpha1.Failure {
	said := saidFailure{ended, ended.messageOf(pod)}
	failure := e.failures[said]
	if failure == nil {
		whole := ended.failure
		whole.Message = said.message
		failure = &whole
		e.failures[said] = failure
	}
	return failure
}

// tell makes the key of all that newEnding reads of a pod, and of no more.
func (e *endings) tell(pod *evidence.Attempt) {
	e.key = e.key[:0]
	e.key = append(e.key, boolByte(wasCutShort(pod)), boolByte(pod.DeletionTime.IsZero()), boolByte(evidence.IsOverOwnLimit(pod.Message)))
	e.write(pod.Reason)
	e.key = binary.AppendUvarint(e.key, uint64(len(pod.Containers)))
	for i := range pod.Containers {
		c := &pod.Containers[i]
		e.write(c.Name)
		e.write(string(c.Type))
		if c.Terminated == nil {
			e.key = append(e.key, 0)
			continue
		}
		e.key = append(e.key, 1, boolByte(isSynthesized(c)), boolByte(c.LastTerminated == nil && c.Restarts == 0))
		e.key = binary.LittleEndian.AppendUint32(e.key, uint32(c.Terminated.ExitCode))
		e.write(c.Terminated.Reason)
	}
	for i := range pod.Conditions {
		if c := &pod.Conditions[i]; e.telling[c.Type] {
			e.write(string(c.Type))
			e.write(string(c.Status))
			e.write(c.Reason)
		}
	}
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// write parts the texts by their lengths: they may hold anything.
func (e *endings) write(text string) {
	e.key = append(binary.AppendUvarint(e.key, uint64(len(text))), text...)
}

// failureOf names what ended the pod: the pod itself where it says why; the
// container that the rule matched on, else the first app container that failed,
// else an init container. A sidecar that no rule matched never heads a failure.
func failureOf(pod *evidence.Attempt, match controller.Match, container int) v1alpha1.Failure {
	failure := v1alpha1.Failure{Reason: pod.Reason, FromPod: pod.Reason != ""}
	if c := disruption(pod); c != nil {
		failure.Condition = string(c.Type)
		failure.Reason = cmp.Or(failure.Reason, c.Reason)
	}
	if match.Condition != nil {
		failure.Condition = string(match.Condition.Type)
	}
	if container < 0 {
		return failure
	}
	c := &pod.Containers[container]
	failure.Container, failure.ContainerType, failure.ExitCode = c.Name, v1alpha1.ContainerType(c.Type), ptr.To(c.Terminated.ExitCode)
	failure.Synthesized = isSynthesized(c)
	if !failure.FromPod && c.Terminated.Reason != "" && (failure.Reason == "" || c.Terminated.Reason != "Error") {
		failure.Reason = c.Terminated.Reason
	}
	return failure
}

// endedBy is the position of the container that ended the pod, -1 for none.
func endedBy(pod *evidence.Attempt, match controller.Match) int {
	for i := range pod.Containers {
		if &pod.Containers[i] == match.Container {
			return i
		}
	}
	for _, kind := range []evidence.ContainerType{evidence.App, evidence.Init} {
		for i := range pod.Containers {
			c := &pod.Containers[i]
			if c.Type == kind && c.Terminated != nil && c.Terminated.ExitCode != 0 && !(isSynthesized(c) && saysWhy(pod)) {
				return i
			}
		}
	}
	if pod.Phase == corev1.PodFailed && areAllZero(pod) && !saysWhy(pod) {
		return lastToEnd(pod)
	}
	return -1
}

// lastToEnd of the app containers.
func lastToEnd(pod *evidence.Attempt) int {
	last := -1
	for i := range pod.Containers {
		if c := &pod.Containers[i]; c.Type == evidence.App && (last < 0 || c.FinishedAt > pod.Containers[last].FinishedAt) {
			last = i
		}
	}
	return last
}

// isSynthesized: the kubelet lost the container, or never ran it, and made its
// exit code up (TerminatePod in status_manager.go, v1.37.2); or its runtime did,
// which had lost it when the node came back.
func isSynthesized(c *evidence.Container) bool {
	return c.Terminated.Reason == reasonStatusUnknown || c.FinishedAt.IsZero() && c.StartedAt.IsZero() || isLostByRuntime(c)
}

func isLostByRuntime(c *evidence.Container) bool {
	return c.Terminated.Reason == "Unknown" && c.Terminated.ExitCode == 255
}

const reasonStatusUnknown = "ContainerStatusUnknown"

// saysWhy: the pod itself tells what ended it.
func saysWhy(pod *evidence.Attempt) bool { return pod.Reason != "" || disruption(pod) != nil }

// wasCutShort: it counts as failed for being deleted, however it may end.
func wasCutShort(pod *evidence.Attempt) bool {
	return pod.Phase != corev1.PodFailed && (!pod.DeletionTime.IsZero() || !pod.Vanished.IsZero())
}

// areAllZero: every app container ended, and none with an error.
func areAllZero(pod *evidence.Attempt) bool {
	n := 0
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Type != evidence.App {
			continue
		}
		if n++; c.Terminated == nil || c.Terminated.ExitCode != 0 {
			return false
		}
	}
	return n > 0
}
