package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// githubErrors is how many errors GitHub shows of a step; it drops the others
// without a word.
const githubErrors = 10

// GitHub is what goes to the log of GitHub Actions: the screen as it was drawn, in
// which no line is a command, a group for each log, and an error for the Job and for
// each fatal cause. Between stop-commands and the token the runner takes nothing for
// a command; the token must be new and random at each call, since whoever knows it
// ends that.
func GitHub(e *v1alpha1.Explanation, screen string, logs []Log, token string) string {
	var b strings.Builder
	b.WriteString(screen)
	for i := range logs {
		l := &logs[i]
		b.WriteString("::group::" + githubData.Replace(l.title(e)) + "\n" + stopCommands(l.text(), token) + "::endgroup::\n")
	}
	s := newSheet(e, Screen{})
	for _, message := range s.errors() {
		b.WriteString("::error title=" + githubProperty.Replace(bare("job "+s.jobName())) + "::" + githubData.Replace(bare(message)) + "\n")
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

// errors are one for the Job and one for each fatal cause, by its example, the one
// that did most harm first.
func (s sheet) errors() []string {
	var errors []string
	if s.failed() {
		verb := " failed: "
		if !s.Conclusion.State.Decided() {
			verb = " can only end failed: "
		}
		errors = append(errors, "job "+s.jobName()+verb+stopped(s.Conclusion.Message))
	}
	fatal, _ := s.fatalCauses()
	for _, n := range fatal {
		cause := &s.Signatures[n]
		what, of := s.harmOf(cause)
		name := inShort(of.String(), 40)
		if cause.Example != nil {
			name = decimal(cause.Example.Index)
		}
		words := "index " + name + " failed: " + cause.Text
		if of.Len() > 1 {
			words += "; " + thousands(of.Len()) + " " + what + ": " + inShort(of.String(), 200)
		}
		// The attempts of the whole cause, as its index alone had fewer.
		errors = append(errors, words+"; in all "+s.attemptsOfCause(cause))
	}
	if more := len(errors) - githubErrors; more > 0 {
		errors[githubErrors-1] = thousands(int64(more+1)) + " more causes made indexes fail: the summary and the reports have them"
		errors = errors[:githubErrors]
	}
	return errors
}
