package view

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// everyExplanation calls a test with all archives and with random ones.
func everyExplanation(t *testing.T, test func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand)) {
	t.Helper()
	for name, archive := range archives(t) {
		t.Run(name, func(t *testing.T) {
			test(t, explanationOf(t, archive), rand.New(rand.NewPCG(1, 1)))
		})
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%d random indexes", size), func(t *testing.T) {
			for seed := range uint64(6) {
				random := rand.New(rand.NewPCG(seed, uint64(size)))
				test(t, randomExplanation(random, size), random)
			}
		})
	}
}

// drawings are all views for one screen. The lists of indexes of a cause stand
// alone in their lines and may be wider than the screen, for pasting.
func drawings(e *v1alpha1.Explanation, screen Screen) map[string]string {
	drawn := map[string]string{"text": Text(e, nil, screen), "timeline": Timeline(e, nil, screen)}
	if n := *e.Spec.Completions; n > 0 {
		drawn["trace"] = Trace(e, indexes.Range(0, n-1).Take(1<<31), screen)
	}
	for n := range e.Signatures {
		drawn["cause "+strconv.Itoa(n+1)] = Cause(e, n+1, screen)
	}
	return drawn
}

var listOfIndexes = regexp.MustCompile(`^[0-9][-,0-9]*$`)

func TestNothingExceedsTheScreen(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		screen := Screen{Width: leastWidth + random.IntN(200), Height: 1 + random.IntN(60)}
		for name, drawn := range drawings(e, screen) {
			lines := strings.Split(strings.TrimSuffix(drawn, "\n"), "\n")
			if (name == "text" || name == "timeline") && len(lines) > screen.Height {
				t.Errorf("%d lines of %d:\n%s", len(lines), screen.Height, drawn)
			}
			for _, l := range lines {
				if lipgloss.Width(l) > screen.Width && !listOfIndexes.MatchString(l) {
					t.Errorf("%s: wider than %d: %q", name, screen.Width, l)
				}
			}
		}
	})
}

var escapeSequence = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestColorAddsNothingButColor(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		screen := Screen{Width: leastWidth + random.IntN(200), Height: 5 + random.IntN(60)}
		bare := drawings(e, screen)
		screen.Color = true
		for name, drawn := range drawings(e, screen) {
			if strings.ContainsAny(bare[name], "\x1b\a\r\x00\u202e") {
				t.Errorf("%s: a control character without colour: %q", name, bare[name])
			}
			if diff := cmp.Diff(bare[name], escapeSequence.ReplaceAllString(drawn, "")); diff != "" {
				t.Errorf("%s: colour changes the text (-without +with):\n%s", name, diff)
			}
		}
	})
}

var counted = regexp.MustCompile(`[-.a-zA-Z>_?] ([0-9,]+) [a-zF]`)

func TestTheLegendAddsUpToCompletions(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		for _, width := range []int{40, 80, 200} {
			var sum int64
			legend := render(newGrid(newSheet(e, Screen{Width: width})).legend(), false)
			for _, entry := range counted.FindAllStringSubmatch(legend, -1) {
				n, err := strconv.ParseInt(strings.ReplaceAll(entry[1], ",", ""), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				sum += n
			}
			if sum != int64(*e.Spec.Completions) {
				t.Errorf("at width %d the counts add up to %d of %d:\n%s", width, sum, *e.Spec.Completions, legend)
			}
		}
	})
}

func TestDrawingChangesNothingAndRepeats(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		before := e.DeepCopyObject()
		first := drawings(e, Screen{})
		if diff := cmp.Diff(before, e.DeepCopyObject()); diff != "" {
			t.Fatalf("drawing changed the explanation:\n%s", diff)
		}
		if diff := cmp.Diff(first, drawings(e, Screen{})); diff != "" {
			t.Errorf("drawn again it differs:\n%s", diff)
		}
	})
}

func TestTheWordIsNeverUsed(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		for name, drawn := range drawings(e, Screen{}) {
			if strings.Contains(strings.ToLower(drawn), "health") {
				t.Errorf("%s speaks of health:\n%s", name, drawn)
			}
		}
	})
}

// Every cell shows the worst of its indexes, and a row begins with its first.
func TestGridAgainstIndexByIndex(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 3))
		e := randomExplanation(random, 1+random.Int32N(3000))
		s := newSheet(e, Screen{Width: 40 + random.IntN(160), Height: 6 + random.IntN(50)})
		g := newGrid(s)
		letters := make([]byte, 0, s.completions())
		for i := range e.Fates {
			letter := kinds[kindOf(e.Fates[i].Fate, e.Fates[i].Reason)].letter
			for range e.Fates[i].Last() - e.Fates[i].Index + 1 {
				letters = append(letters, letter)
			}
		}
		for c := range g.cells {
			first := int64(c) * g.size
			worst := len(worstFirst)
			for _, letter := range letters[first:min(first+g.size, int64(len(letters)))] {
				worst = min(worst, strings.IndexByte(worstFirst, letter))
			}
			if got := kinds[g.cells[c]].letter; got != worstFirst[worst] {
				t.Fatalf("cell %d of %d indexes shows %c, want %c", c, g.size, got, worstFirst[worst])
			}
		}
		for n, row := range g.rows() {
			label := strings.Fields(render([]line{row}, false))[0]
			if want := strconv.FormatInt(int64(n)*g.perRow*g.size, 10); label != want {
				t.Errorf("row %d begins with %s, want %s", n, label, want)
			}
		}
	}
}

func TestLettersAreUniqueAndAllHaveARank(t *testing.T) {
	of := map[byte]kind{}
	for n, k := range kinds {
		if before, taken := of[k.letter]; taken && before.fate != k.fate {
			t.Errorf("%c stands for %s and for %s", k.letter, before.fate, k.fate)
		}
		of[k.letter] = k
		if k.letter < '!' || k.letter > '~' || badness[n] < 0 {
			t.Errorf("%c is not ASCII or has no rank", k.letter)
		}
	}
	if len(of) != len(worstFirst) {
		t.Errorf("%d letters, %d ranks", len(of), len(worstFirst))
	}
	for _, fate := range v1alpha1.Fates {
		if k := kinds[kindOf(fate, "AddedLater")]; k.fate != fate {
			t.Errorf("%s with another reason has no letter", fate)
		}
	}
}

func BenchmarkGrid(b *testing.B) {
	const n = 100_000
	size := int32(n)
	e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: &size}}
	for i := range int32(n) {
		fate, reason := v1alpha1.Succeeded, v1alpha1.ReasonAfterRetries
		if i%7 == 0 {
			fate, reason = v1alpha1.Failed, v1alpha1.ReasonBackoffExceeded
		}
		e.Fates = append(e.Fates, v1alpha1.IndexFate{Index: i, Fate: fate, Reason: reason})
	}
	for _, color := range []bool{false, true} {
		b.Run(fmt.Sprintf("color=%v", color), func(b *testing.B) {
			for b.Loop() {
				s := newSheet(e, Screen{Width: 200, Height: 50, Color: color})
				render(newGrid(s).lines(s.screen.Width), color)
			}
		})
	}
}

// The whole screen where every index has a record and an attempt of its own.
func BenchmarkText(b *testing.B) {
	e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: new(int32)}}
	*e.Spec.Completions = 100_000
	for i := range *e.Spec.Completions {
		e.Fates = append(e.Fates, v1alpha1.IndexFate{
			Index: i, Fate: v1alpha1.Stopped, Reason: v1alpha1.ReasonWhileRunning, Message: "stopped while it ran",
			Attempts: []v1alpha1.Attempt{{Number: 1, Source: v1alpha1.SourcePod, Phase: "Failed"}},
		})
	}
	for b.Loop() {
		Text(e, nil, Screen{Width: 200, Height: 50})
	}
}
