package cmd

import (
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func TestCauseOf(t *testing.T) {
	causes := []v1alpha1.Signature{{ID: "kf2qbbbb"}, {ID: "mz9vbbbb"}, {ID: "mz9wbbbb"}}
	for typed, want := range map[string]int{"1": 0, "3": 2, "kf2q": 0, "k": 0, "KF2Q": 0, "mz9w": 2, "mz9vbbbb": 1} {
		if got, err := causeOf(causes, typed); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", typed, got, err, want)
		}
	}
	for typed, want := range map[string]string{
		"0":     "this Job has causes 1 to 3",
		"-1":    "this Job has causes 1 to 3",
		"4":     "there is no cause 4",
		"":      `there is no cause ""`,
		"kf3":   `there is no cause "kf3"`,
		"mz9":   `2 causes begin with "mz9": mz9vbbbb, mz9wbbbb`,
		"kf2q1": `there is no cause "kf2q1"`,
	} {
		if _, err := causeOf(causes, typed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", typed, err, want)
		}
	}
	if _, err := causeOf(nil, "1"); err == nil || !strings.Contains(err.Error(), "no failed attempt") {
		t.Errorf("got %v", err)
	}
}
