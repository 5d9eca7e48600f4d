package terminal

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

func TestSanitize(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"main exited 1":                   "main exited 1",
		"Überlänge, 名前 ☃ é":               "Überlänge, 名前 ☃ é",
		"a\nb\tc\rd":                      `a\nb\tc\rd`,
		"\x1b[31mred\x1b[0m":              `\x1b[31mred\x1b[0m`,
		"\x1b]0;title\x07":                `\x1b]0;title\x07`,
		"\x00\x7f":                        `\x00\x7f`,
		"\u009b31m":                       `\x9b31m`,
		"\u202eexe.txt\u202c":             `\u202eexe.txt\u202c`,
		"\u2066a\u2069":                   `\u2066a\u2069`,
		"a\u200bb\u200dc\ufeffd":          `a\u200bb\u200dc\ufeffd`,
		"so\u00adft":                      `so\xadft`,
		"\u2028\u2029":                    `\u2028\u2029`,
		"\ufe0f\u3164\u034f":              `\ufe0f\u3164\u034f`,
		"\U000e0041":                      `\U000e0041`,
		"\xff\xc3(":                       `\xff\xc3(`,
		"\xed\xa0\x80":                    `\xed\xa0\x80`, // a lone surrogate
		"\ufffd":                          "\ufffd",
		"\u2800\ufffc\U000133fc":          `\u2800\ufffc\U000133fc`,
		"a\u00a0b\u3000c\u2003d":          `a\xa0b\u3000c\u2003d`,
		"e\u0301\u0301\u0301\u0301\u0301": "e\u0301\u0301\u0301" + `\u0301\u0301`,
		"\u0338a":                         `\u0338a`, // would strike out what is before the text
		"\x1b\u0338":                      `\x1b\u0338`,
		"\u05e9\u05bc\u05c1\u05b8":        "\u05e9\u05bc\u05c1\u05b8",        // Hebrew
		"\u1112\u1161\u11ab":              "\u1112\u1161\u11ab",              // Korean, taken apart
		"\u0915\u094d\u0937\u094d\u092e":  "\u0915\u094d\u0937\u094d\u092e",  // Devanagari
		strings.Repeat("\u0e33", 3):       strings.Repeat(`\u0e33`, 3),       // Thai, without a base
		"\U0001f44d\U0001f3fd":            "\U0001f44d\U0001f3fd",            // a thumb and its colour
		strings.Repeat("\u0d4e", 8) + "a": strings.Repeat("\u0d4e", 8) + "a", // they join what follows
		strings.Repeat("x", maxText):      strings.Repeat("x", maxText),
		strings.Repeat("x", maxText+7):    strings.Repeat("x", maxText) + "...(7 more)",
		strings.Repeat("é", maxText+1):    strings.Repeat("é", maxText) + "...(1 more)",
		strings.Repeat("x", 10<<20) + "":  strings.Repeat("x", maxText) + fmt.Sprintf("...(%d more)", 10<<20-maxText),
	} {
		if got := Sanitize(text); got != want {
			t.Errorf("%.40q: %.60q, want %.60q", text, got, want)
		}
	}
}

func TestSanitizeLog(t *testing.T) {
	long := strings.Repeat("x", 5*maxText) + "é"
	for line, want := range map[string]string{
		"":                         "",
		"\tat main.go:7":           "\tat main.go:7",
		"\x1b[31mred":              `\x1b[31mred`,
		"\t::error::a\t##vso[b]\r": "\t\\:error::a\t#\\vso[b]\\r",
		long:                       long,
	} {
		if got := SanitizeLog(line); got != want {
			t.Errorf("%.40q: %.60q, want %.60q", line, got, want)
		}
	}
}

func TestDisarm(t *testing.T) {
	for line, want := range map[string]string{
		"":                                 "",
		"std::bad_alloc in a::b":           "std::bad_alloc in a::b",
		"::error::no":                      `\:error::no`,
		"  \u00a0\u3000::stop-commands::x": "  \u00a0\u3000\\:stop-commands::x",
		":: ::":                            `\: ::`,
		"issue ##12":                       "issue ##12",
		"a ##[error]b ##vso[task.x]":       `a #\[error]b #\vso[task.x]`,
		"###teamcity[x":                    `##\teamcity[x`,
		"--- a":                            `\-- a`,
		"+++ a":                            `\++ a`,
		"~~~\ta":                           "\\~~\ta",
		"^^^ +++":                          `\^^ +++`,
		"---":                              `\--`,
		"---- a":                           "---- a",
		"--a --- b":                        "--a --- b",
	} {
		if got := Disarm(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestSanitizeHides holds each character there is against what Unicode says of
// it: what is a space and not the space, ignorable or a format shows as an escape.
func TestSanitizeHides(t *testing.T) {
	for r := rune(0x7f); r <= unicode.MaxRune; r++ {
		ignorable := unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
		hidden := ignorable || unicode.In(r, unicode.C, unicode.Z) || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
		got := Sanitize("a" + string(r) + "b")
		switch shown := strings.ContainsRune(got, r); {
		case hidden && utf8.ValidRune(r) && shown:
			t.Errorf("%U is let through", r)
		case !hidden && !shown && !strings.ContainsRune(blankGlyphs, r):
			t.Errorf("%U is escaped: %s", r, got)
		}
	}
}

// TestSanitizeStacks: whatever joins what stands before it, of any property, does
// not do so without end.
func TestSanitizeStacks(t *testing.T) {
	for r := rune(0x7f); r <= unicode.MaxRune; r++ {
		if !joins(r) || isHidden(r) {
			continue
		}
		got := Sanitize("a" + strings.Repeat(string(r), 4*maxCluster))
		if n := strings.Count(got, string(r)); n >= maxCluster || unicode.In(r, unicode.Mn, unicode.Me) && n > maxMarks {
			t.Errorf("%U stands %d times upon a letter", r, n)
		}
		if got := Sanitize(string(r) + "a"); strings.ContainsRune(got, r) {
			t.Errorf("%U joins what stands before the text: %q", r, got)
		}
	}
	for _, chain := range []string{"\u0915\u094d", "\u1100\u1161", "\u0d4e"} {
		if got := Sanitize(strings.Repeat(chain, 100) + "a"); utf8.RuneCountInString(largestCluster(got)) > maxCluster+1 {
			t.Errorf("%q: one cluster is %q", chain, largestCluster(got))
		}
	}
}

// largestCluster may hold a letter of ours after those that join what follows.
func largestCluster(text string) (largest string) {
	for clusters := graphemes.FromString(text); clusters.Next(); {
		if len(clusters.Value()) > len(largest) {
			largest = clusters.Value()
		}
	}
	return largest
}

// TestSanitizeIsLinear: a log's line of marks alone takes no longer than it has to.
func TestSanitizeIsLinear(t *testing.T) {
	for _, chain := range []string{"\u0301", "\u0915\u094d", "\U0001f44d\U0001f3fb", "\u200d"} {
		line := strings.Repeat(chain, 1<<18/len(chain))
		if got := SanitizeLog(line); len(got) < len(line) {
			t.Errorf("%q: %d bytes became %d", chain, len(line), len(got))
		}
	}
}

// FuzzSanitize: what comes out is one line that moves no cursor, reorders
// nothing and hides nothing, and is left as it is when sanitised again.
func FuzzSanitize(f *testing.F) {
	f.Add("\x1b[2J\u202e\u200b\xff\n")
	f.Add(strings.Repeat("é", maxText+1))
	f.Add("a" + strings.Repeat("\u0301", 20) + "\u2800")
	f.Add("--- a\n+++ b")
	f.Fuzz(func(t *testing.T, text string) {
		got := Sanitize(text)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is no UTF-8", got)
		}
		for _, r := range got {
			if isHidden(r) {
				t.Fatalf("%q lets %U through", got, r)
			}
		}
		if cluster := largestCluster(got); utf8.RuneCountInString(cluster) > maxCluster+1 {
			t.Fatalf("%q stands in the place of one character", cluster)
		}
		if runes := utf8.RuneCountInString(got); runes > maxText*len(`\U0010ffff`)+40 {
			t.Fatalf("%d characters", runes)
		}
		if utf8.RuneCountInString(got) <= maxText && Sanitize(got) != got {
			t.Fatalf("%q is not stable", got)
		}
		if disarmed := Disarm(got); len(disarmed) != len(got) || ciCommand.MatchString(disarmed) {
			t.Fatalf("%q is still obeyed", disarmed)
		}
	})
}
