package replay

import (
	"fmt"
	"slices"
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
		container: a.Failure.Container, condition: a.Failure.Condition, reason: a.Failure.Reason, message: tellingLine(a.Failure.Message),
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
func (c cause) signature(pod string) string { return c.words(normalise(c.message, pod)) + c.key() }

// words are the cause in the program's own words, then how its container ended:
// "ValueError: no rows (main exited 1)".
func (c cause) words(message string) string {
	if c.condition == string(corev1.DisruptionTarget) {
		return c.disruption(message)
	}
	reason := c.reason
	if reason == "Error" {
		reason = "" // it says no more than the exit code
	}
	var words, notes []string
	switch {
	case c.fromPod:
		words = append(words, strings.Trim(reason+": "+message, ": "))
	case message != "":
		words, notes = append(words, message), []string{c.end(), reason}
	case reason != "":
		words, notes = append(words, reason), []string{c.end()}
	default:
		words = append(words, c.end())
	}
	notes = slices.DeleteFunc(append(notes, c.condition), func(note string) bool { return note == "" })
	switch {
	case words[0] == "" && len(notes) > 0:
		return strings.Join(notes, ", ")
	case words[0] == "" && c.wasDeleted:
		return "deleted"
	case words[0] == "":
		return "failed without a reason"
	case len(notes) > 0:
		words = append(words, "("+strings.Join(notes, ", ")+")")
	}
	return strings.Join(words, " ")
}

// end is how the container ended, empty where none did.
func (c cause) end() string {
	switch {
	case !c.hasCode:
		return ""
	case c.isSynthesized:
		return c.container + " lost"
	}
	return fmt.Sprintf("%s exited %d", c.container, c.code)
}

// disruption is the cause where there was one, and why: how the containers took
// it follows from it. Only a kubelet says more than that.
func (c cause) disruption(message string) string {
	words := c.condition
	if c.reason != "" && c.reason != "Error" {
		words = fmt.Sprintf("%s (%s)", c.reason, c.condition) // a narrow screen shows what differs
	}
	if message != "" && c.reason == corev1.PodReasonTerminationByKubelet {
		words += ": " + message
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

// tellingLine is the line of a message that says what went wrong: where a program
// wrote a trace, the line of its error, and otherwise the last.
func tellingLine(message string) string {
	last := ""
	for line := range strings.Lines(message) {
		if line = strings.TrimRight(line, " \t\r\n"); line == "" {
			continue
		}
		if beginsTrace(line) {
			return line
		}
		last = line
	}
	return strings.TrimSpace(last)
}

// beginsTrace: below what Go and Java say of an error come its frames; a trace of
// Python ends with it.
func beginsTrace(line string) bool {
	for _, begin := range []string{"panic: ", "fatal error: ", "Exception in thread "} {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}
