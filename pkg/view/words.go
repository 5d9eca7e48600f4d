package view

import (
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// thousands writes a count as the Explanation's messages do.
func thousands(n int64) string { return v1alpha1.Count(n) }

// many is a count and its noun.
func many(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + more
}

// lasted writes a duration as the Explanation's messages do.
func lasted(d time.Duration) string { return v1alpha1.Duration(d) }

// runTime is how long a container ran: times are kept to the second.
func runTime(d time.Duration) string {
	if d < time.Second {
		return "under 1s"
	}
	return lasted(d)
}

// between is how long it lasted from one instant to another, if both are known.
func between(from, to *metav1.Time) (string, bool) {
	if from == nil || to == nil {
		return "", false
	}
	return lasted(to.Sub(from.Time)), true
}

// clock tells a time of the day that the Explanation was made, any other with
// its date.
func (s sheet) clock(t metav1.Time) string {
	local, now := t.In(s.screen.Location), s.ObservedAt.In(s.screen.Location)
	if local.YearDay() == now.YearDay() && local.Year() == now.Year() {
		return local.Format("15:04:05Z07:00")
	}
	return local.Format("2006-01-02T15:04:05Z07:00")
}

// until is when something comes, seen from the clock of the Explanation.
func (s sheet) until(t metav1.Time) string {
	if !t.After(s.ObservedAt.Time) {
		return "now"
	}
	return "in " + lasted(t.Sub(s.ObservedAt.Time))
}

func decimal[N int | int32 | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// stopless is a sentence without its full stop, stopped one with it.
func stopless(sentence string) string { return strings.TrimSuffix(strings.TrimSpace(sentence), ".") }

func stopped(sentence string) string {
	if sentence = stopless(sentence); sentence == "" {
		return ""
	}
	return sentence + "."
}

// capital begins a sentence, unless it begins with a name that is no word.
func capital(sentence string) string {
	word, _, _ := strings.Cut(sentence, " ")
	for _, r := range strings.TrimRight(word, ",:;") {
		if r < 'a' || r > 'z' {
			return sentence
		}
	}
	return strings.ToUpper(word[:min(1, len(word))]) + sentence[min(1, len(sentence)):]
}
