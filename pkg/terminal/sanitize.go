package terminal

import (
	"fmt"
	"regexp"
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
	if len(text) <= maxText && isPlain(text) {
		return text
	}
	return escaped(text, maxText)
}

// SanitizeLine does the same for a line that is printed as it stands, such as a
// message on stderr, and disarms it.
func SanitizeLine(line string) string { return Disarm(Sanitize(line)) }

// SanitizeLog does the same for a line of a log, which may hold tabs and is
// shown in full, and disarms it: it is printed as it stands.
func SanitizeLog(line string) string {
	parts := strings.Split(line, "\t")
	for i, part := range parts {
		if !isPlain(part) {
			parts[i] = escaped(part, len(part))
		}
	}
	return Disarm(strings.Join(parts, "\t"))
}

func escaped(text string, most int) string {
	var b strings.Builder
	for shown := 0; text != ""; shown++ {
		if shown == most {
			fmt.Fprintf(&b, "...(%d more)", utf8.RuneCountInString(text))
			break
		}
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case unicode.IsGraphic(r) && !unicode.In(r, invisible...):
			b.WriteRune(r)
		default:
			escape(&b, r)
		}
		text = text[size:]
	}
	return b.String()
}

// isPlain spares nearly all text the work.
func isPlain(text string) bool {
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

// ciCommand is what CI systems obey in a log: GitHub a line that begins with
// "::", GitHub (of old), Azure and TeamCity "##[", "##vso[" and "##teamcity["
// wherever they stand.
var ciCommand = regexp.MustCompile(`^[\s\pZ]*(:):|#(#)[A-Za-z]*\[`)

// Disarm breaks with a backslash what a CI system would obey in a line, once
// the line is as it will be printed: where text is wrapped, any word of it may
// come to stand at the beginning. The line stays as long as it was.
func Disarm(line string) string {
	if !strings.Contains(line, "::") && !strings.Contains(line, "##") {
		return line
	}
	disarmed := []byte(line)
	for _, at := range ciCommand.FindAllStringSubmatchIndex(line, -1) {
		disarmed[max(at[2], at[4])] = '\\'
	}
	return string(disarmed)
}
