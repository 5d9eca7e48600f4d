package evidence

import (
	"math"
	"math/big"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FuzzAnnotations: whatever somebody wrote into them, an index or none, and
// counts that are numbers.
func FuzzAnnotations(f *testing.F) {
	for _, text := range []string{"", "0", "7", "+7", "-1", "007", "1e3", "0x10", "1_000", " 1", "２", "2147483647", "2147483648", "99999999999999999999"} {
		f.Add(text, text, text)
	}
	f.Fuzz(func(t *testing.T, index, counted, ignored string) {
		attempt := Reduce(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
			batchv1.JobCompletionIndexAnnotation:          index,
			batchv1.JobIndexFailureCountAnnotation:        counted,
			batchv1.JobIndexIgnoredFailureCountAnnotation: ignored,
		}}})
		for _, read := range []struct {
			text      string
			got, none int32
		}{
			{index, attempt.Index, UnknownIndex},
			{counted, attempt.FailureCount, 0},
			{ignored, attempt.IgnoredFailureCount, 0},
		} {
			want := read.none
			if n, ok := decimal(read.text); ok {
				want = n
			}
			if read.got != want {
				t.Errorf("%q is read as %d, want %d", read.text, read.got, want)
			}
		}
		if !attempt.HasFailureCount {
			t.Error("the count is taken for missing")
		}
	})
}

// decimal reads what strconv.Atoi takes for a number of 31 bits, another way:
// a sign and ASCII digits.
func decimal(text string) (int32, bool) {
	digits := text
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || digits == "" || n.Sign() < 0 || n.BitLen() > 31 {
		return 0, false
	}
	return int32(n.Int64()), true
}

// TestForgottenConditionsLeaveListsInCommon: of pods that were read before their
// Job is kept what is kept of those read after it, each list once.
func TestForgottenConditionsLeaveListsInCommon(t *testing.T) {
	job := &batchv1.Job{}
	pod := &corev1.Pod{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{
		{Type: corev1.PodInitialized}, {Type: corev1.PodReady}, {Type: corev1.ContainersReady}, {Type: corev1.DisruptionTarget},
	}}}
	for name, attempt := range map[string]func(*Reducer) Attempt{
		"read after it": func(r *Reducer) Attempt { return r.Reduce(pod, job) },
		"read before it": func(r *Reducer) Attempt {
			attempt := r.Reduce(pod, nil)
			r.Forget(&attempt, job)
			return attempt
		},
	} {
		t.Run(name, func(t *testing.T) {
			var reducer Reducer
			first, second := attempt(&reducer).Conditions, attempt(&reducer).Conditions
			if len(first) != 2 || first[0].Type != corev1.PodReady || first[1].Type != corev1.DisruptionTarget {
				t.Fatalf("%v are left", first)
			}
			if &first[0] != &second[0] {
				t.Error("equal lists are kept twice")
			}
		})
	}
}

// TestGraceOfCenturies: a duration has no more than 292 years of seconds.
func TestGraceOfCenturies(t *testing.T) {
	const most = math.MaxInt64 / time.Second * time.Second
	for grace, want := range map[int64]time.Duration{
		30: 30 * time.Second, 0: 0, -1: 0, math.MinInt64: 0, math.MaxInt64: most, 9_300_000_000: most,
	} {
		pod := &corev1.Pod{}
		pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = new(metav1.Now()), &grace
		if got := new(Reducer).Reduce(pod, &batchv1.Job{}).DeletionGracePeriod; got != want {
			t.Errorf("%d seconds are %v, want %v", grace, got, want)
		}
	}
}
