package terminal

import (
	"strings"
	"testing"
)

// words are what a shell, a terminal or a CI system could make something else of.
var words = []string{
	"", "nightly", "job/-rf", "/tmp/a b", "it's", `a"b\c`, "$(reboot)", "`reboot`", "a\nb", "!!", "*", "~", "#", "-", "a;b",
	"\x1b[31mred", "\u202egnp.exe", "\xff\xfe", "Übung 名前", "a\u0301\u0301\u0301\u0301\u0301", "\u00a0", "\\n",
	"::error::a", "##vso[task]", "a ##[group]", "--- a", "+++", "'--- a", "\r", "\x7f1", "\t",
	strings.Repeat("long ", 1000),
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"":             "''",
		"nightly":      "nightly",
		"a b":          "'a b'",
		"it's":         `'it'\''s'`,
		"Übung":        "'Übung'",
		"a\nb":         `$'a\012b'`,
		"\x1b[31mred":  `$'\033\13331mred'`,
		"::error::a":   "$'::error::a'",
		"##vso[task]b": `$'\043\043vso\133task\135b'`,
	} {
		if got := Quote(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

// TestQuoteIsSafe: it is shown as it stands.
func TestQuoteIsSafe(t *testing.T) {
	for _, word := range words {
		quoted := Quote(word)
		if shown := Disarm(escaped(quoted, len(quoted))); shown != quoted {
			t.Errorf("%q: %s would be shown as %s", word, quoted, shown)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, word := range words {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		quoted := Quote(word)
		if shown := Disarm(escaped(quoted, len(quoted))); shown != quoted {
			t.Errorf("%q: %s would be shown as %s", word, quoted, shown)
		}
	})
}
