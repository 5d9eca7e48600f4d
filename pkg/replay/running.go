package replay

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// remark adds what a pod that runs, or that succeeded, does not show in its phase.
func (t *totals) remark(record *v1alpha1.IndexFate, h *history) {
	switch record.Fate {
	case v1alpha1.Running:
		notes := t.runningNotes(t.activePod(h.pods))
		if notes != "" && record.Reason == v1alpha1.ReasonFirstAttempt {
			record.Message = "running"
		}
		record.Message = and(record.Message, notes)
	case v1alpha1.Succeeded:
		switch newest := h.newest(); {
		case newest == nil:
		case newest.standing == markedLater:
			record.Message = and(record.Message, "its kubelet marked the pod as failed later: "+newest.ending.words)
		case newest.Succeeded() && newest.restarts > 0:
			record.Message = and(record.Message, restartsInWords(mostRestarted(newest)))
		}
	}
}

// runningNotes say of a pod that runs what the phase does not: that it goes on
// though its main container has ended, that a container restarts, that nobody
// hears of it.
func (t *podTable) runningNotes(pod *podFacts) string {
	var notes []string
	if kept := t.keptRunning(pod); kept != nil {
		notes = append(notes, containerEnd(kept.ended)+"; "+strings.Join(kept.by, ", ")+" keeps its pod running")
	}
	if c := mostRestarted(pod); c != nil {
		words := restartsInWords(c)
		if t.isToStartAgain(c) {
			words += ", and waits to start again"
		}
		notes = append(notes, words)
	}
	if since := t.nodeLostSince(pod); !since.IsZero() {
		notes = append(notes, "node "+pod.Node+" "+notReady(since))
	}
	return strings.Join(notes, "; ")
}
