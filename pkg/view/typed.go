package view

import "github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"

// ExplainCommand is how a shell explains this Job, with more flags.
func ExplainCommand(e *v1alpha1.Explanation, screen Screen, more ...string) string {
	return shellLine(newSheet(e, screen).command(more...))
}

// LogCommand is how a shell prints the log of an attempt, or how it explains the
// index where the Job comes from a file.
func LogCommand(e *v1alpha1.Explanation, screen Screen, index, attempt int32) string {
	s := newSheet(e, screen)
	if logs := s.logsOfIndex(index); logs != nil {
		return shellLine(append(logs, "--attempt", decimal(attempt)))
	}
	return shellLine(s.command(ofIndex(index)...))
}
