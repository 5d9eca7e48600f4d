package view

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func pageOf(t testing.TB, e *v1alpha1.Explanation, logs []Log) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, e, logs); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	inStyle  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	inScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
)

// TestThePolicyNamesWhatIsThere: one style and one script, by their hashes, and no other.
func TestThePolicyNamesWhatIsThere(t *testing.T) {
	page := pageOf(t, explanationOf(t, archives(t)["few-failed-indexes"]), nil)
	for _, of := range []*regexp.Regexp{inStyle, inScript} {
		found := of.FindAllStringSubmatch(page, -1)
		if len(found) != 1 {
			t.Fatalf("%d of %s", len(found), of)
		}
		if hash := strings.ReplaceAll(hashOf(found[0][1]), "+", "&#43;"); !strings.Contains(page, hash) {
			t.Errorf("the policy does not name %s", hash)
		}
	}
	for _, forbidden := range []string{" style=", " onclick=", "unsafe-", "http://", "https://"} {
		without := strings.ReplaceAll(page, "http://www.w3.org/2000/svg", "")
		if strings.Contains(without, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
}

func TestThePageChangesNothingAndRepeats(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, _ *rand.Rand) {
		before := e.DeepCopyObject()
		first := pageOf(t, e, nil)
		if diff := cmp.Diff(before, e.DeepCopyObject()); diff != "" {
			t.Fatalf("the page changed the explanation:\n%s", diff)
		}
		if first != pageOf(t, e, nil) {
			t.Error("written again it differs")
		}
	})
}

// TestAPackKeepsToItsRoom, whatever is in it; what fits goes in.
func TestAPackKeepsToItsRoom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, room := range []int{100, 1000, 100_000} {
		for _, letters := range []int{1, 256} { // what packs well, and what does not at all
			p := newPack(room)
			added := 0
			for {
				line := make([]byte, 1+random.IntN(300))
				for i := range line {
					line[i] = byte(random.IntN(letters))
				}
				if !p.add(line) {
					break
				}
				added += len(line)
			}
			if text := p.text(); len(text) > room || letters == 256 && added < room/2-400 {
				t.Errorf("%d bytes of %d letters became %d, with room for %d", added, letters, len(text), room)
			}
		}
	}
	if packed(bytes.Repeat([]byte("a"), mostUnpacked+1), 1<<20) != "" {
		t.Error("what unpacks to more than a browser is to bear was packed")
	}
}

// TestTheScriptIsSmall: it is written by hand and read by people.
func TestTheScriptIsSmall(t *testing.T) {
	if n := len(htmlScript) + len(htmlStyle); n > 40<<10 {
		t.Errorf("style and script have %d bytes", n)
	}
}

// TestAPageOfManyCausesIsBounded: each of three hundred causes has ten thousand
// indexes that are no neighbours.
func TestAPageOfManyCausesIsBounded(t *testing.T) {
	const n = 20_000
	e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: new(int32(n))}}
	var list strings.Builder
	for i := range int32(n) {
		record := v1alpha1.IndexFate{Index: i, Fate: v1alpha1.Succeeded, Reason: v1alpha1.ReasonFirstAttempt}
		if i%2 == 0 {
			record.Fate, record.Reason = v1alpha1.Failed, v1alpha1.ReasonBackoffExceeded
			list.WriteString("," + decimal(i))
		}
		e.Fates = append(e.Fates, record)
	}
	for i := range 300 {
		e.Signatures = append(e.Signatures, v1alpha1.Signature{ID: decimal(i + 1000), Indexes: list.String()[1:], Attempts: n / 2, Outcomes: map[v1alpha1.Fate]string{v1alpha1.Failed: list.String()[1:]}})
	}
	page := pageOf(t, e, nil)
	if len(page) > 2<<20 || !strings.Contains(page, `id="details"`) {
		t.Errorf("the page has %d bytes, or no details", len(page))
	}
}
