package replay

import (
	"encoding/binary"
	"fmt"

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
	container   int
	isDisrupted bool
	// suspicion is that of a pod which nobody deleted.
	suspicion string
	// words name the failure, and ruled the rule that took it.
	words, ruled string
}

func newEnding(policy controller.PodFailurePolicy, pod *evidence.Attempt) *ending {
	match := policy.Match(pod)
	e := &ending{
		trace:     TracePodFailurePolicy(policy, pod),
		container: endedBy(pod, match), isDisrupted: disruption(pod) != nil, suspicion: suspicionOf(pod),
	}
	e.failure = failureOf(pod, match, e.container)
	e.words = failureInWords(&e.failure)
	if wasCutShort(pod) {
		e.words = "its pod was deleted"
	}
	if match.Rule >= 0 {
		e.rule = ptr.To(match.Rule)
		e.ruled = fmt.Sprintf("%s: podFailurePolicy.rules[%d] (%s)", e.words, match.Rule, match.Action)
	}
	return e
}

// messageOf is what the pod says of its end: its container, else the pod, else
// the condition that tells of a disruption.
func (e *ending) messageOf(pod *evidence.Attempt) string {
	if e.container >= 0 && pod.Containers[e.container].Terminated.Message != "" {
		return pod.Containers[e.container].Terminated.Message
	}
	if pod.Message == "" && e.isDisrupted {
		return disruption(pod).Message
	}
	return pod.Message
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
	e.key = append(e.key, boolByte(wasCutShort(pod)))
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
		e.key = append(e.key, 1, boolByte(isSynthesized(c)))
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

// failureOf names what ended the pod: the container that the rule matched on,
// else the first app container that failed, else an init container. A sidecar
// that no rule matched never heads a failure.
func failureOf(pod *evidence.Attempt, match controller.Match, container int) v1alpha1.Failure {
	failure := v1alpha1.Failure{Reason: pod.Reason}
	if c := disruption(pod); c != nil {
		failure.Condition = string(c.Type)
		if failure.Reason == "" {
			failure.Reason = c.Reason
		}
	}
	if match.Condition != nil {
		failure.Condition = string(match.Condition.Type)
	}
	if container < 0 {
		return failure
	}
	c := &pod.Containers[container]
	code := c.Terminated.ExitCode
	failure.Container, failure.ContainerType, failure.ExitCode = c.Name, v1alpha1.ContainerType(c.Type), &code
	failure.Synthesized = isSynthesized(c)
	if c.Terminated.Reason != "" && (failure.Reason == "" || c.Terminated.Reason != "Error") {
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
	return -1
}

// isSynthesized: the kubelet lost the container, or never ran it, and made its
// exit code up (TerminatePod in status_manager.go, v1.37.2).
func isSynthesized(c *evidence.Container) bool {
	return c.Terminated.Reason == reasonStatusUnknown || c.FinishedAt.IsZero() && c.StartedAt.IsZero()
}

const reasonStatusUnknown = "ContainerStatusUnknown"

// saysWhy: the pod itself tells what ended it.
func saysWhy(pod *evidence.Attempt) bool { return pod.Reason != "" || disruption(pod) != nil }

// wasCutShort: it counts as failed for being deleted, however it may end.
func wasCutShort(pod *evidence.Attempt) bool {
	return pod.Phase != corev1.PodFailed && (!pod.DeletionTime.IsZero() || !pod.Vanished.IsZero())
}

// failureInWords: "main exited 42", "main exited 137 (OOMKilled)", "Evicted".
func failureInWords(failure *v1alpha1.Failure) string {
	if failure.Condition == "DisruptionTarget" {
		return failure.Condition
	}
	if failure.ExitCode == nil {
		if failure.Reason != "" {
			return failure.Reason
		}
		return "its pod failed"
	}
	words := fmt.Sprintf("%s exited %d", failure.Container, *failure.ExitCode)
	if failure.Reason != "" && failure.Reason != "Error" {
		words += " (" + failure.Reason + ")"
	}
	return words
}

// suspicionOf a pod that nobody deleted: reasons that kubelets and node
// controllers give.
func suspicionOf(pod *evidence.Attempt) string {
	switch pod.Reason {
	case "NodeLost", "NodeShutdown", "Shutdown", "Terminated", "Preempting", "Evicted":
		return "perhaps a disruption: the pod's reason is " + pod.Reason + ", without a DisruptionTarget condition"
	}
	for i := range pod.Containers {
		t := pod.Containers[i].Terminated
		if t != nil && t.Reason == reasonStatusUnknown {
			return "perhaps a disruption: the kubelet lost container " + pod.Containers[i].Name + ", so its exit code is synthetic"
		}
	}
	return ""
}
