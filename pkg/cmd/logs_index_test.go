package cmd

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func TestTheNextAttemptOfAnIndex(t *testing.T) {
	first := v1alpha1.Attempt{Number: 1, Source: v1alpha1.SourcePod, Pod: "a", Phase: corev1.PodFailed, Decision: v1alpha1.DecisionCount}
	second := v1alpha1.Attempt{Number: 2, Source: v1alpha1.SourcePod, Pod: "b", Phase: corev1.PodRunning}
	told := v1alpha1.Attempt{Number: 2, Source: v1alpha1.SourceEvent, Pod: "b"}
	counted := v1alpha1.Attempt{Number: 1, Source: v1alpha1.SourceAnnotation}
	for _, test := range []struct {
		name     string
		choice   logChoice
		fate     v1alpha1.Fate
		attempts []v1alpha1.Attempt
		read     string
		want     string
		done     bool
	}{
		{"none yet", logChoice{}, v1alpha1.Waiting, nil, "", "", false},
		{"none for ever", logChoice{}, v1alpha1.NeverStarted, nil, "", "", true},
		{"in order", logChoice{}, v1alpha1.Running, []v1alpha1.Attempt{first, second}, "", "a", false},
		{"the retry", logChoice{}, v1alpha1.Running, []v1alpha1.Attempt{first, second}, "a", "b", false},
		{"the next retry", logChoice{}, v1alpha1.Running, []v1alpha1.Attempt{first, second}, "ab", "", false},
		{"no retry any more", logChoice{}, v1alpha1.Failed, []v1alpha1.Attempt{first}, "a", "", true},
		{"one that a later pod counts", logChoice{}, v1alpha1.Running, []v1alpha1.Attempt{counted, second}, "", "1", false},
		{"one whose pod is not seen yet", logChoice{}, v1alpha1.Running, []v1alpha1.Attempt{first, told}, "a", "", false},
		{"one whose pod will not be seen", logChoice{}, v1alpha1.Failed, []v1alpha1.Attempt{first, told}, "a", "b", false},
		{"that attempt", logChoice{attempt: 2}, v1alpha1.Running, []v1alpha1.Attempt{first, second}, "", "b", false},
		{"nothing after that attempt", logChoice{attempt: 1}, v1alpha1.Running, []v1alpha1.Attempt{first, second}, "a", "", true},
		{"nothing in place of that attempt", logChoice{attempt: 1}, v1alpha1.Running, []v1alpha1.Attempt{second}, "", "", true},
		{"one that has not failed", logChoice{failed: true}, v1alpha1.Running, []v1alpha1.Attempt{first, second}, "a", "", false},
		{"that attempt, if it fails", logChoice{failed: true, attempt: 2}, v1alpha1.Running, []v1alpha1.Attempt{first, second}, "", "", false},
	} {
		l := &indexLogs{following: &following{selection: logSelection{logChoice: test.choice}}, index: 3, read: map[string]bool{}}
		for _, key := range test.read {
			l.read[string(key)] = true
		}
		now := logSight{look: look{explanation: &v1alpha1.Explanation{Fates: []v1alpha1.IndexFate{{Index: 3, Fate: test.fate, Attempts: test.attempts}}}}}
		attempt, done := l.next(&now)
		got := ""
		if attempt != nil {
			got = keyOf(attempt)
		}
		if got != test.want || done != test.done {
			t.Errorf("%s: got %q, %v", test.name, got, done)
		}
	}
}
