package terminal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how many characters of a text are shown; a termination message
// may have four times as many, and a hostile one any number.
const maxText = 1024

// invisible is what unicode counts as graphic or as a mark but nobody sees:
// variation selectors, fillers, the grapheme joiner.
var invisible = []*unicode.RangeTable{unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point}

// Sanitize makes text from a cluster safe to show on one line, whether on a
// terminal, in Markdown or in a CI log. What could move a cursor, reorder the
// line or hide in it becomes a visible escape: all control characters,
// line breaks too, bidirectional marks, overrides and isolates, everything of
// no width, and bytes that are no UTF-8. What is too long ends in a count.
func Sanitize(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	shown := 0
	for i, r := range text {
		if shown == maxText {
			fmt.Fprintf(&b, "...(%d more)", utf8.RuneCountInString(text[i:]))
			break
		}
		shown++
		size := 1
		if r != utf8.RuneError {
			size = utf8.RuneLen(r)
		} else if _, n := utf8.DecodeRuneInString(text[i:]); n > 1 {
			size = n // U+FFFD itself, well encoded
		} else {
			fmt.Fprintf(&b, `\x%02x`, text[i])
			continue
		}
		if unicode.IsGraphic(r) && !unicode.In(r, invisible...) {
			b.WriteString(text[i : i+size])
			continue
		}
		escape(&b, r)
	}
	return b.String()
}

// isPlain spares nearly all text the work.
func isPlain(text string) bool {
	if len(text) > maxText {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

func escape(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
