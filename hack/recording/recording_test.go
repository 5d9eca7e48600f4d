package recording

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestFormatAndParseInvertEachOther(t *testing.T) {
	at := metav1.NewMicroTime(time.Date(2026, 11, 22, 3, 4, 5, 678900000, time.UTC))
	index := int32(3)
	want := &Recording{
		Shows: "one index, one failure",
		Moments: []Moment{
			{Name: "moment-01", ObservedAt: at, Evidence: []byte("apiVersion: v1\nitems: []\n")},
			{Name: Final, ObservedAt: at, Evidence: []byte("apiVersion: v1\nitems: [{}]\n")},
		},
		Ledger: Ledger{
			KubernetesVersion: "v1.37.2",
			Pods:              []Pod{{Name: "a-3-xxxxx", Index: &index, FinishTime: &at, Status: corev1.PodStatus{Phase: corev1.PodFailed}}},
			History:           []Change{{Time: at, Spec: &batchv1.JobSpec{Parallelism: &index}}, {Time: at, Deleted: true}},
			Actions:           []Action{{Time: at, What: "suspend"}},
		},
	}
	data, err := want.Format()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after a round trip (-want +got):\n%s", diff)
	}
}

func TestParseSaysWhatIsMissing(t *testing.T) {
	for archive, want := range map[string]string{
		"":                         "the archive has no moments.json",
		"-- moments.json --\n[]\n": "the archive has no ledger.json",
		"-- moments.json --\n[{\"name\": \"final\"}]\n-- ledger.json --\n{}\n":     "moments.json names final, which has no final.yaml",
		"-- moments.json --\n[{\"name\": \"final\"}\n-- ledger.json --\nnothing\n": "parse moments.json: unexpected end of JSON input",
	} {
		_, err := Parse([]byte(archive))
		if err == nil || err.Error() != want {
			t.Errorf("Parse(%q): got error %v, want %q", archive, err, want)
		}
	}
}
