package terminal

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// maxText is how many characters of a text are shown; a termination message
// may have four times as many, and a hostile one any number.
const maxText = 1024

// blankGlyphs are what no property of Unicode tells from letters and symbols,
// although there is nothing to see: blanks of Braille, music, hieroglyphs and
// Khitan, and the place of an object.
const blankGlyphs = "\u2800\ufffc\U0001d159\U000133fc\U00013441\U00013442\U00016fe4"

// What may stand on one base: a stack of marks grows into the lines around it,
// and how wide a long cluster is no two terminals agree. Hebrew and Vietnamese
// need three marks, conjuncts of Devanagari eight characters.
const (
	maxMarks   = 3
	maxCluster = 8
)

// Sanitize makes text from a cluster safe to show on one line, whether on a
// terminal, in Markdown or in a CI log. What could move a cursor, reorder the
// line, hide in it or grow out of it becomes a visible escape: all control
// characters, line breaks too, bidirectional marks, overrides and isolates,
// everything that leaves no trace on a screen, marks upon marks, and bytes that
// are no UTF-8. What is too long ends in a count.
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
	var c cluster
	for shown := 0; text != ""; shown++ {
		if shown == most {
			fmt.Fprintf(&b, "...(%d more)", utf8.RuneCountInString(text))
			break
		}
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
			c = cluster{}
		case isHidden(r) || !c.takes(r, text):
			escape(&b, r)
			c = cluster{}
		default:
			b.WriteRune(r)
		}
		text = text[size:]
	}
	return b.String()
}

// isHidden: nobody can see it, or tell it from a space. What is graphic is no
// control, no format and no line's end, but may be ignorable by default.
func isHidden(r rune) bool {
	switch {
	case r >= ' ' && r <= '~':
		return false
	case !unicode.IsGraphic(r), unicode.Is(unicode.Zs, r):
		return true
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || strings.ContainsRune(blankGlyphs, r)
}

// cluster is what a terminal draws as one, so far as it was read; the zero value
// is before the first of a text or after an escape.
type cluster struct {
	left         int // bytes of it that are still to come
	runes, marks int
}

// takes reports whether the next character of a text may be shown: not if it
// would change what is ours before it, or is too much for its base.
func (c *cluster) takes(r rune, text string) bool {
	if c.left <= 0 {
		if *c == (cluster{}) && joins(r) {
			return false
		}
		*c = cluster{left: len(graphemes.FromString(text[:min(len(text), (maxCluster+1)*utf8.UTFMax)]).First())}
	}
	c.left -= utf8.RuneLen(r)
	c.runes++
	if unicode.In(r, unicode.Mn, unicode.Me) {
		c.marks++
	}
	return r <= '~' || c.runes <= maxCluster && c.marks <= maxMarks
}

// joins reports whether a character becomes one with what stands before it.
func joins(r rune) bool {
	const before = "a"
	return r > '~' && len(graphemes.FromString(before+string(r)).First()) > len(before)
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
// "::", Buildkite one that begins with "--- ", "+++ ", "~~~ " or "^^^ +++", GitHub
// (of old), Azure and TeamCity "##[", "##vso[" and "##teamcity[" wherever they
// stand.
var ciCommand = regexp.MustCompile(`^[\s\pZ]*(:):|^([-+~^])(?:--|\+\+|~~|\^\^)(?:\s|$)|#(#)[A-Za-z]*\[`)

// Disarm breaks with a backslash what a CI system would obey in a line, once
// the line is as it will be printed: where text is wrapped, any word of it may
// come to stand at the beginning. The line stays as long as it was.
func Disarm(line string) string {
	if !strings.Contains(line, "::") && !strings.Contains(line, "##") && (line == "" || !strings.Contains("-+~^", line[:1])) {
		return line
	}
	disarmed := []byte(line)
	for _, at := range ciCommand.FindAllStringSubmatchIndex(line, -1) {
		disarmed[max(at[2], at[4], at[6])] = '\\'
	}
	return string(disarmed)
}
