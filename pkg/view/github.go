package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// githubErrors is how many errors GitHub shows of a step; it drops the others
// without a word.
const githubErrors = 10

// GitHub is what goes to the log of GitHub Actions: the screen as it was drawn,
// a group for each log, and an error for the Job and for each cause that made
// indexes fail. Between stop-commands and the token the runner takes nothing
// for a command; the token must be new and random at each call, since whoever
// knows it ends that.
func GitHub(e *v1alpha1.Explanation, screen string, logs []Log, token string) string {
	var b strings.Builder
	b.WriteString(stopCommands(screen, token))
	for i := range logs {
		l := &logs[i]
		b.WriteString("::group::" + githubData.Replace(l.title(e)) + "\n" + stopCommands(l.text(), token) + "::endgroup::\n")
	}
	for _, message := range newSheet(e, Screen{}).githubErrors() {
		b.WriteString("::error title=" + githubProperty.Replace(bare(message.title)) + "::" + githubData.Replace(bare(message.text)) + "\n")
	}
	return b.String()
}

// stopCommands puts text where the runner obeys nothing but the token.
func stopCommands(text, token string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return "::stop-commands::" + token + "\n" + text + "::" + token + "::\n"
}

// What a command's text and its title write otherwise (@actions/core, command.ts).
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

type annotation struct{ title, text string }

// githubErrors are one for the Job and one for each cause with a failed index.
func (s sheet) githubErrors() []annotation {
	var errors []annotation
	if s.failed() {
		errors = append(errors, annotation{"job " + s.jobName() + " failed", capital(stopped(s.Conclusion.Message))})
	}
	for n := range s.Signatures {
		cause := &s.Signatures[n]
		failed := cause.Outcomes[v1alpha1.Failed]
		if failed == "" && cause.Decision != v1alpha1.DecisionFailJob {
			continue
		}
		if failed == "" {
			failed = cause.Indexes
		}
		words := many(cause.Attempts, "attempt", "attempts") + ", " + decisionWords(cause.Decision, cause.Rule) + "; indexes " + inShort(failed, 200)
		if nodes := nodesInShort(cause); nodes != "" {
			words += "; " + nodes
		}
		errors = append(errors, annotation{"cause " + decimal(n+1) + ": " + cause.Text, words})
	}
	if more := len(errors) - githubErrors; more > 0 {
		errors[githubErrors-1] = annotation{"more causes", thousands(int64(more+1)) + " more causes made indexes fail: the summary and the reports have them"}
		errors = errors[:githubErrors]
	}
	return errors
}
