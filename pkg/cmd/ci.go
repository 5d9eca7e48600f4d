package cmd

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// ci is the CI system whose log is written, as --ci has it.
type ci string

const (
	ciAuto   ci = "auto"
	ciGitHub ci = "github"
	ciGitLab ci = "gitlab"
	ciNone   ci = "none"
)

// String, Set and Type make ci a flag.
func (c *ci) String() string { return string(*c) }

func (c *ci) Set(text string) error {
	switch value := ci(text); value {
	case ciAuto, ciGitHub, ciGitLab, ciNone:
		*c = value
		return nil
	}
	return fmt.Errorf("must be auto, github, gitlab or none")
}

func (c *ci) Type() string { return "system" }

// resolved is the system that is meant: by its environment, if not by the flag.
func (c ci) resolved(t terminal.Terminal) ci {
	if c != ciAuto {
		return c
	}
	for name, system := range map[string]ci{"GITHUB_ACTIONS": ciGitHub, "GITLAB_CI": ciGitLab} {
		if value, _ := t.LookupEnv(name); value == "true" {
			return system
		}
	}
	return ciNone
}

// written is a screen and the logs as the system's log takes them.
func (c ci) written(e *v1alpha1.Explanation, screen string, logs []view.Log) string {
	switch c {
	case ciGitHub:
		return view.GitHub(e, screen, logs, newToken())
	case ciGitLab:
		return view.GitLab(e, screen, logs)
	}
	return screen + view.Logs(e, logs)
}

// newToken is one that no pod can guess.
func newToken() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails
	return "indexjob-" + hex.EncodeToString(random[:])
}

// appendSummary adds to the summary of a step. What is there already counts for
// the limit.
func appendSummary(name string, e *v1alpha1.Explanation, logs []view.Log) error {
	return appendFile(name, func(size int64) (string, error) {
		summary := view.Markdown(e, logs, view.MarkdownLimit-int(min(size, view.MarkdownLimit)))
		if summary == "" {
			return "", errors.New("it is full")
		}
		return summary, nil
	})
}
