package terminal

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSanitize(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"main exited 1":                  "main exited 1",
		"Überlänge, 名前 ☃ é":              "Überlänge, 名前 ☃ é",
		"a\nb\tc\rd":                     `a\nb\tc\rd`,
		"\x1b[31mred\x1b[0m":             `\x1b[31mred\x1b[0m`,
		"\x1b]0;title\x07":               `\x1b]0;title\x07`,
		"\x00\x7f":                       `\x00\x7f`,
		"\u009b31m":                      `\x9b31m`,
		"\u202eexe.txt\u202c":            `\u202eexe.txt\u202c`,
		"\u2066a\u2069":                  `\u2066a\u2069`,
		"a\u200bb\u200dc\ufeffd":         `a\u200bb\u200dc\ufeffd`,
		"so\u00adft":                     `so\xadft`,
		"\u2028\u2029":                   `\u2028\u2029`,
		"\ufe0f\u3164\u034f":             `\ufe0f\u3164\u034f`,
		"\U000e0041":                     `\U000e0041`,
		"\xff\xc3(":                      `\xff\xc3(`,
		"\xed\xa0\x80":                   `\xed\xa0\x80`, // a lone surrogate
		"\ufffd":                         "\ufffd",
		strings.Repeat("x", maxText):     strings.Repeat("x", maxText),
		strings.Repeat("x", maxText+7):   strings.Repeat("x", maxText) + "...(7 more)",
		strings.Repeat("é", maxText+1):   strings.Repeat("é", maxText) + "...(1 more)",
		strings.Repeat("x", 10<<20) + "": strings.Repeat("x", maxText) + fmt.Sprintf("...(%d more)", 10<<20-maxText),
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
	} {
		if got := Disarm(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// FuzzSanitize: what comes out is one line that moves no cursor, reorders
// nothing and hides nothing, and is left as it is when sanitised again.
func FuzzSanitize(f *testing.F) {
	f.Add("\x1b[2J\u202e\u200b\xff\n")
	f.Add(strings.Repeat("é", maxText+1))
	f.Fuzz(func(t *testing.T, text string) {
		got := Sanitize(text)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is no UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
				t.Fatalf("%q lets %U through", got, r)
			}
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
