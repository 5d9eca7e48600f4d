package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Buildkite is what goes to the log of Buildkite: the screen as it was drawn, and a
// group for each log, the first of them open.
func Buildkite(e *v1alpha1.Explanation, screen string, logs []Log) string {
	var b strings.Builder
	b.WriteString("+++ kubectl indexjob\n" + screen)
	for i := range logs {
		mark := "--- "
		if i == 0 {
			mark = "+++ "
		}
		b.WriteString(mark + logs[i].title(e) + "\n" + logs[i].text())
	}
	return b.String()
}
