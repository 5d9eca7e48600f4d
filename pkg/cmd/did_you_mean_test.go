package cmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

func TestDidYouMean(t *testing.T) {
	for typed, want := range map[string]string{
		"explian nightly":              `hint: did you mean kubectl indexjob explain?`,
		"lists -A":                     `hint: did you mean kubectl indexjob list?`,
		"wiat nightly":                 `hint: did you mean kubectl indexjob wait?`,
		"nightly":                      `kubectl indexjob explain nightly explains that Job`,
		"explain nightly --inedx 2":    `hint: did you mean --index?`,
		"wait nightly --time-out 3m":   `hint: did you mean --timeout?`,
		"explain nightly --frobnicate": `hint: kubectl indexjob explain --help`,
		"explain nightly -q":           `hint: kubectl indexjob explain --help`,
	} {
		var told bytes.Buffer
		run(t.Context(), terminal.Terminal{Out: &told, Err: &told, LookupEnv: func(string) (string, bool) { return "", false }}, strings.Fields(typed))
		if !strings.Contains(told.String(), want) {
			t.Errorf("%s: got %q, want %q", typed, told.String(), want)
		}
	}
}
