package view

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// eachOfCorpus hands over what is said of every moment of every recording, and of
// the archives.
func eachOfCorpus(t *testing.T, do func(t *testing.T, e *v1alpha1.Explanation)) {
	t.Helper()
	all, err := recording.ReadDir(recordings)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		for _, m := range r.Moments {
			seen, err := claims.Read(r, m)
			if err != nil {
				t.Fatal(err)
			}
			if seen != nil {
				t.Run(r.Name+"/"+m.Name, func(t *testing.T) { do(t, replay.Explain(seen, seen.ObservedAt)) })
			}
		}
	}
	for name, archive := range archives(t) {
		t.Run(name, func(t *testing.T) { do(t, explanationOf(t, archive)) })
	}
}

// What a person looks for first is in the first five lines of a log: the verdict,
// exactly the failed indexes, and the first fatal cause in the program's own words.
func TestALogBeginsWithWhatMatters(t *testing.T) {
	eachOfCorpus(t, func(t *testing.T, e *v1alpha1.Explanation) {
		text := Text(e, nil, Screen{Width: 100, Height: Unbounded})
		lines := strings.Split(text, "\n")
		first := strings.Join(lines[:min(5, len(lines))], "\n")
		want := []string{stateName(e.Conclusion.State)}
		if failed := newSheet(e, Screen{}).withFate(v1alpha1.Failed); !failed.Empty() && len(failed.String()) <= mostRanges {
			want = append(want, "Failed ("+thousands(failed.Len())+"): "+failed.String()+"\n")
		}
		if len(e.Signatures) > 0 && e.IsFatal(&e.Signatures[0]) {
			want = append(want, line.words(sentence(e.Signatures[0].Text))[0][0].text)
		}
		for _, words := range want {
			if !strings.Contains(first, words) {
				t.Errorf("the first five lines lack %q:\n%s", words, text)
			}
		}
	})
}

// Nothing of a log is cut: whatever its width, the words are the same.
func TestALogIsWholeAtAnyWidth(t *testing.T) {
	eachOfCorpus(t, func(t *testing.T, e *v1alpha1.Explanation) {
		words := func(width int) []string {
			return strings.Fields(Text(e, nil, Screen{Width: width, Height: Unbounded}))
		}
		if diff := cmp.Diff(words(10_000), words(100)); diff != "" {
			t.Errorf("at 100 columns (-wide +narrow):\n%s", diff)
		}
	})
}

// On a terminal nothing goes without a mark: a line is whole, or ends in one.
func TestNothingIsCutWithoutAMark(t *testing.T) {
	eachOfCorpus(t, func(t *testing.T, e *v1alpha1.Explanation) {
		whole := strings.Join(strings.Fields(Text(e, nil, Screen{Width: 5000, Height: 5000})), " ")
		for l := range strings.Lines(Text(e, nil, Screen{Width: 80, Height: 24})) {
			l = strings.TrimSpace(l)
			if len(l) == 80 && !strings.HasSuffix(l, ellipsis) && !strings.HasSuffix(l, `\`) && !strings.Contains(whole, l) && strings.Contains(whole, strings.TrimRight(l[:60], " ")) {
				last := l[strings.LastIndexByte(l, ' ')+1:]
				if !strings.Contains(" "+whole+" ", " "+last+" ") && !strings.Contains(last, "...") {
					t.Errorf("%q ends amid a word", l)
				}
			}
		}
	})
}
