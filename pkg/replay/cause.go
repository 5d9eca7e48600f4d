package replay

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// cause is what an attempt says of its end, word for word. Large Jobs fail in
// few ways, and each is put into a signature once.
type cause struct {
	container, condition, reason, message string
	hasCode, wasDeleted                   bool
	fromPod, isSynthesized                bool
	code                                  int32
	decision                              v1alpha1.Decision
	rule                                  int32
}

func wasDeleted(a *v1alpha1.Attempt) bool {
	return a.Phase != corev1.PodFailed || a.Terminating != nil && *a.Terminating
}

func causeOf(a *v1alpha1.Attempt) cause {
	c := cause{
		container: a.Failure.Container, condition: a.Failure.Condition, reason: a.Failure.Reason, message: firstLine(a.Failure.Message),
		wasDeleted: wasDeleted(a), fromPod: a.Failure.FromPod, isSynthesized: a.Failure.Synthesized,
		decision: a.Decision, rule: -1,
	}
	if a.Failure.ExitCode != nil {
		c.hasCode, c.code = true, *a.Failure.ExitCode
	}
	if a.Rule != nil {
		c.rule = *a.Rule
	}
	return c
}

// signature is what attempts of one cause have in common, in words.
func (c cause) signature(pod string) string {
	if c.condition == string(corev1.DisruptionTarget) {
		return c.disruption(pod) + c.key()
	}
	var words []string
	if c.fromPod {
		words = append(words, c.reason)
	}
	switch {
	case c.hasCode && !c.isSynthesized:
		words = append(words, c.container, fmt.Sprint(c.code))
	case c.hasCode:
		words = append(words, c.container, "lost")
	}
	if c.condition != "" {
		words = append(words, c.condition)
	}
	if c.reason != "" && c.reason != "Error" && !c.fromPod {
		words = append(words, c.reason)
	}
	if len(words) == 0 {
		words = append(words, "failed without a reason")
		if c.wasDeleted {
			words[0] = "deleted"
		}
	}
	if message := normalise(c.message, pod); message != "" {
		words = append(words, fmt.Sprintf("%q", message))
	}
	return strings.Join(words, " ") + c.key()
}

// disruption is the cause where there was one, and why: how the containers took
// it follows from it. Only a kubelet says more than that.
func (c cause) disruption(pod string) string {
	words := c.condition
	if c.reason != "" && c.reason != "Error" {
		words = fmt.Sprintf("%s (%s)", c.reason, c.condition) // a narrow screen shows what differs
	}
	if message := normalise(c.message, pod); message != "" && c.reason == corev1.PodReasonTerminationByKubelet {
		words += fmt.Sprintf(" %q", message)
	}
	return words
}

func (c cause) key() string {
	if c.rule < 0 {
		return decisionKey(c.decision, nil)
	}
	return decisionKey(c.decision, &c.rule)
}

// decisionKey parts attempts of one text that the policy treats differently.
// It is no part of the text.
func decisionKey(decision v1alpha1.Decision, rule *int32) string {
	if rule == nil {
		return "\x00" + string(decision)
	}
	return fmt.Sprintf("\x00%s %d", decision, *rule)
}

// longestText bounds what of a message tells causes apart.
const longestText = 120

func firstLine(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	return line
}
