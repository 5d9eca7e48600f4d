package cmd

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// ci is the CI system whose log is written, as --ci has it.
type ci string

const (
	ciAuto      ci = "auto"
	ciGitHub    ci = "github"
	ciGitLab    ci = "gitlab"
	ciBuildkite ci = "buildkite"
	ciPlain     ci = "plain" // any other
	ciNone      ci = "none"
)

// ciSystems are all values of --ci.
var ciSystems = []ci{ciAuto, ciGitHub, ciGitLab, ciBuildkite, ciPlain, ciNone}

func ciWords() []string {
	var words []string
	for _, system := range ciSystems {
		words = append(words, string(system))
	}
	return words
}

// String, Set and Type make ci a flag.
func (c *ci) String() string { return string(*c) }

func (c *ci) Set(text string) error {
	value := ci(text)
	if !slices.Contains(ciSystems, value) {
		return errors.New("must be auto, github, gitlab, buildkite, plain or none")
	}
	*c = value
	return nil
}

func (c *ci) Type() string { return "system" }

// resolved is the system that is meant: by its environment, if not by the flag.
func (c ci) resolved(t terminal.Terminal) ci {
	if c != ciAuto {
		return c
	}
	for _, known := range []struct {
		variable string
		system   ci
	}{{"GITHUB_ACTIONS", ciGitHub}, {"GITLAB_CI", ciGitLab}, {"BUILDKITE", ciBuildkite}, {"CI", ciPlain}} {
		if value, _ := t.LookupEnv(known.variable); value == "true" {
			return known.system
		}
	}
	return ciNone
}

// folds: the system shows a log in a group of its own, below the screen.
func (c ci) folds() bool { return c == ciGitHub || c == ciGitLab || c == ciBuildkite }

// written is a screen and the logs as the system's log takes them.
func (c ci) written(e *v1alpha1.Explanation, screen string, logs []view.Log) string {
	switch c {
	case ciGitHub:
		return view.GitHub(e, screen, logs, newToken())
	case ciGitLab:
		return view.GitLab(e, screen, logs)
	case ciBuildkite:
		return view.Buildkite(e, screen, logs)
	}
	return screen + view.Logs(e, logs)
}

// newToken is one that no pod can guess.
func newToken() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails
	return "indexjob-" + hex.EncodeToString(random[:])
}

// appendSummary adds to the summary of a step, and names the pages below it. What is
// there already counts for the limit.
func appendSummary(name string, e *v1alpha1.Explanation, logs []view.Log, pages []string) error {
	below := ""
	for _, page := range pages {
		below += view.MarkdownPage(page)
	}
	return appendFile(name, func(size int64) (string, error) {
		summary := view.Markdown(e, logs, view.MarkdownLimit-len(below)-int(min(size, view.MarkdownLimit)))
		if summary == "" {
			return "", errors.New("it is full")
		}
		return summary + below, nil
	})
}
