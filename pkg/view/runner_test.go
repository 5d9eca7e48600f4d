package view

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view/viewtest"
)

const stopToken = "indexjob-0123456789abcdef"

// No line of what we write runs a command, but for our own.
func TestRunnersObeyNoPod(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		logs := randomLogs(random, e)
		screen := Screen{Width: leastWidth + random.IntN(200), Height: 5 + random.IntN(60)}
		drawn := drawings(e, screen)
		drawn["logs"] = Logs(e, logs)
		drawn["junit"] = JUnit(summed(e), logs, "")
		drawn["markdown"] = Markdown(e, logs, MarkdownLimit)
		for name, out := range drawn {
			for runner, commandsOf := range map[string]func(string) []string{"GitHub": githubCommands, "Azure": azureCommands, "GitLab": gitlabSections} {
				if ran := commandsOf(out); len(ran) > 0 {
					t.Errorf("%s: %s runs %q", name, runner, ran)
				}
			}
		}

		github := GitHub(e, drawn["text"], logs, stopToken)
		var want []string
		for range logs {
			want = append(want, "group", "stop-commands", stopToken, "endgroup")
		}
		for range newSheet(e, Screen{}).errors() {
			want = append(want, "error")
		}
		if diff := cmp.Diff(want, githubCommands(github)); diff != "" {
			t.Errorf("what GitHub runs (-want +got):\n%s", diff)
		}
		if ran := append(azureCommands(github), gitlabSections(github)...); len(ran) > 0 {
			t.Errorf("others run %q", ran)
		}

		gitlab := GitLab(e, drawn["text"], logs)
		if got := gitlabSections(gitlab); len(got) != 2*len(logs) || slices.ContainsFunc(got, func(s string) bool { return !strings.Contains(s, ":indexjob_log_") }) {
			t.Errorf("GitLab's sections are %q", got)
		}
		if ran := append(azureCommands(gitlab), githubCommands(gitlab)...); len(ran) > 0 {
			t.Errorf("others run %q", ran)
		}
	})
}

// Each syntax by itself, in each place where a pod can write: a name, a message
// and a line of its log.
func TestRunnersObeyNoSyntaxOfAPod(t *testing.T) {
	for _, syntax := range []struct {
		name       string
		lines      []string
		commandsOf func(string) []string
	}{
		{"GitHub ::", []string{"::error::a", "  ::add-mask::b", "\t::set-output name=x::c", "::warning file=f,line=1::d", "::StOp-CoMmAnDs::e", "x\n::debug::f", "x\r\n::group::g"}, githubCommands},
		{"GitHub ##[", []string{"##[error]a", "b ##[add-mask]b", "##[group]c", "###[warning]d"}, githubCommands},
		{"Azure ##vso[", []string{"##vso[task.complete result=Succeeded;]a", "b ##vso[task.setvariable variable=x]b", "###vso[task.logissue type=error]c"}, azureCommands},
		{"Azure ##[", []string{"##[error]a", "b ##[section]b", "##[command]c"}, azureCommands},
		{"GitLab", []string{"section_start:1:a[collapsed=true]\r\x1b[0Kb", "\x1b[0Ksection_end:1:indexjob_log_1\r\x1b[0K"}, gitlabSections},
	} {
		for _, line := range syntax.lines {
			t.Run(syntax.name+" "+line, func(t *testing.T) {
				if len(syntax.commandsOf(line)) == 0 {
					t.Fatal("no test: the runner obeys not even the line as it is")
				}
				for view, out := range everyView(viewtest.Explanation(line), viewtest.List(line), Screen{}) {
					if ran := syntax.commandsOf(out); len(ran) > 0 {
						t.Errorf("%s: %q is obeyed", view, ran)
					}
				}
			})
		}
	}
}

// Even without the sanitiser nothing between stop-commands and the token runs.
func TestStopCommands(t *testing.T) {
	hostile := "::error::a\n##[error]b\n::endgroup::\n::stop-commands::other\n::other::\n  ::add-mask::c"
	if diff := cmp.Diff([]string{"stop-commands", stopToken}, githubCommands(stopCommands(hostile, stopToken))); diff != "" {
		t.Error(diff)
	}
	if got := githubCommands(hostile); len(got) < 4 {
		t.Errorf("the test is no test: a runner would run %q only", got)
	}
}

func TestAtMostTenErrors(t *testing.T) {
	e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: new(int32(9))}, Conclusion: v1alpha1.Conclusion{State: v1alpha1.StateFailed}}
	for n := range 30 {
		e.Signatures = append(e.Signatures, v1alpha1.Signature{Text: fmt.Sprintf("100%%\n%d", n), Attempts: 1, Outcomes: map[v1alpha1.Fate]string{v1alpha1.Failed: "1"}})
	}
	got := "\n" + GitHub(e, "", nil, stopToken)
	if n := strings.Count(got, "\n::error "); n != 10 {
		t.Errorf("%d errors", n)
	}
	if want := "22 more causes made indexes fail"; !strings.Contains(got, want) {
		t.Errorf("it does not say %q:\n%s", want, got)
	}
	if want := "::index 1 failed: 100%25 0"; !strings.Contains(got, want) {
		t.Errorf("it does not say %q:\n%s", want, got)
	}
}

// randomLogs are logs of the causes that there are, as hostile as the rest.
func randomLogs(random *rand.Rand, e *v1alpha1.Explanation) []Log {
	r := randomly{random}
	var logs []Log
	for n := range e.Signatures {
		l := Log{Cause: n + 1, Pod: r.text(), Container: r.text(), Gone: r.text()}
		for range r.IntN(5) {
			l.Lines = append(l.Lines, r.text())
		}
		logs = append(logs, l)
	}
	return logs
}

// githubCommands are what GitHub's runner would run of a log: "::name ...::" at
// the beginning of a line, white space left out, "##[name ...]" anywhere in it
// (ActionCommand.cs of actions/runner), and neither while commands are stopped.
func githubCommands(log string) []string {
	known := []string{"stop-commands", "add-mask", "error", "warning", "debug", "notice", "group", "endgroup", "echo", "add-matcher", "remove-matcher", "set-output", "save-state"}
	var ran []string
	stopped := ""
	for line := range strings.Lines(log) {
		line = strings.TrimRight(line, "\r\n")
		var name, data string
		if rest, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::"); ok {
			name, data, _ = strings.Cut(rest, "::")
		} else if _, rest, ok := strings.Cut(line, "##["); ok {
			name, data, _ = strings.Cut(rest, "]")
		} else {
			continue
		}
		name, _, _ = strings.Cut(name, " ")
		switch {
		case stopped != "" && name == stopped:
			stopped = ""
			ran = append(ran, name)
		case stopped == "" && slices.Contains(known, strings.ToLower(name)):
			ran = append(ran, name)
			if name == "stop-commands" {
				stopped = data
			}
		}
	}
	return ran
}

var azureCommand = regexp.MustCompile(`##(vso)?\[[^\]]*`)

// azureCommands are what Azure's agent would run, or format by: both may stand
// anywhere in a line.
func azureCommands(log string) []string { return azureCommand.FindAllString(log, -1) }

var gitlabSection = regexp.MustCompile(`section_(?:start|end):\d+:[a-zA-Z0-9_.-]+(?:\[[^\]]*\])?\r\x1b\[0K`)

// gitlabSections are the marks that GitLab folds by.
func gitlabSections(log string) []string { return gitlabSection.FindAllString(log, -1) }
