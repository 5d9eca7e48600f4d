package view

import (
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// A log is as long as it takes, but for the grid: a Job may have two thousand
// million indexes.
func TestTheGridOfALogHasABound(t *testing.T) {
	completions, last := int32(1<<31-1), int32(1<<31-2)
	e := &v1alpha1.Explanation{
		Spec:  v1alpha1.Spec{Completions: &completions},
		Fates: []v1alpha1.IndexFate{{Fate: v1alpha1.Waiting, LastIndex: &last}},
	}
	text := Text(e, nil, Screen{Height: Unbounded})
	if lines := strings.Count(text, "\n"); lines > mostOfGrid {
		t.Errorf("%d lines", lines)
	}
}
