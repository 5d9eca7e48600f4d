package view

import (
	"fmt"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// GitLab is what goes to the log of GitLab CI: the screen as it was drawn, and a
// section for each log, closed from the beginning, since nothing can close it
// later.
func GitLab(e *v1alpha1.Explanation, screen string, logs []Log) string {
	const line = "\x1b[0K" // clears what a terminal would show of the mark
	var b strings.Builder
	b.WriteString(screen)
	for i := range logs {
		l := &logs[i]
		mark := fmt.Sprintf("%d:indexjob_log_%d", e.ObservedAt.Unix(), i+1)
		b.WriteString(line + "section_start:" + mark + "[collapsed=true]\r" + line + l.title(e) + "\n")
		b.WriteString(l.text())
		b.WriteString(line + "section_end:" + mark + "\r" + line + "\n")
	}
	return b.String()
}
