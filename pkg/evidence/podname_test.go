package evidence_test

import (
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestTheIndexInAPodsName(t *testing.T) {
	long := strings.Repeat("a", 57) + "bcdef"
	for _, c := range []struct {
		job, pod string
		want     int32 // -1: the pod is not the Job's
	}{
		{"j", "j-3-abcde", 3},
		{"j", "j-2147483646-abcde", 2147483646},
		{"j-1", "j-1-3-abcde", 3},
		{"j", "j-1-3-abcde", -1},
		{"j", "k-3-abcde", -1},
		{"j", "j-03-abcde", -1},
		{"j", "j--3-abcde", -1},
		{"j", "j-x-abcde", -1},
		{"j", "j-3-abcdef", -1},
		{"j", "j-99999999999-abcde", -1},
		{"j", "abcde", -1},
		{"j", "", -1},
		{long, long[:55] + "-7-abcde", 7},
		{long, long[:53] + "-123-abcde", 123},
		{long, long[:54] + "-7-abcde", -1},
	} {
		got, ok := evidence.IndexOfPodName(c.job, c.pod)
		if !ok {
			got = -1
		}
		if got != c.want {
			t.Errorf("%s of %s: got %d, want %d", c.pod, c.job, got, c.want)
		}
	}
}
