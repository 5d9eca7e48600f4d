package view

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// span is text drawn with one ink; line is spans side by side.
type (
	span struct {
		text string
		ink  ink
	}
	line []span
)

// text is a span without ink. Here, and in inked, is where strings of the
// cluster leave the Explanation: they are sanitised and kept to one line.
func text(s string) span { return inked(s, plain) }

func inked(s string, i ink) span { return span{oneLine(s), i} }

// list is a set of indexes as the controller writes it: our own text, and too
// long at times for what a sanitiser lets through.
func list(set indexes.Set) line { return line{{set.String(), plain}} }

// sentence is a line of one span without ink.
func sentence(s string) line { return line{text(s)} }

var blanks = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ")

func oneLine(s string) string { return terminal.Sanitize(blanks.Replace(s)) }

func (l line) width() int {
	width := 0
	for _, s := range l {
		width += textWidth(s.text)
	}
	return width
}

func textWidth(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return lipgloss.Width(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

const ellipsis = "..."

// fit cuts the line to a width and says so.
func (l line) fit(width int) line {
	if l.width() <= width {
		return l
	}
	left := max(0, width-len(ellipsis))
	var cut line
	for _, s := range l {
		part := prefix(s.text, left)
		cut = append(cut, span{part, s.ink})
		if left -= textWidth(part); part != s.text {
			break
		}
	}
	return append(cut, span{ellipsis[:min(width, len(ellipsis))], plain})
}

// fitMiddle cuts the middle out of a line of one span: names differ at their ends.
func (l line) fitMiddle(width int) line {
	if l.width() <= width || len(l) != 1 || !isASCII(l[0].text) || width <= len(ellipsis) {
		return l.fit(width)
	}
	left := width - len(ellipsis)
	name := l[0].text
	return line{{name[:(left+1)/2] + ellipsis + name[len(name)-left/2:], l[0].ink}}
}

// prefix is the longest beginning of s that is no wider than width.
func prefix(s string, width int) string {
	for i, r := range s {
		if width -= textWidth(string(r)); width < 0 {
			return s[:i]
		}
	}
	return s
}

// pad fills the line up to a width, on its left where right is true.
func (l line) pad(width int, right bool) line {
	gap := width - l.width()
	if gap <= 0 {
		return l
	}
	blank := span{strings.Repeat(" ", gap), plain}
	if right {
		return append(line{blank}, l...)
	}
	return append(l[:len(l):len(l)], blank)
}

// words splits a line at its spaces.
func (l line) words() []line {
	var words []line
	var word line
	for _, s := range l {
		for i, part := range strings.Split(s.text, " ") {
			if i > 0 && len(word) > 0 {
				words, word = append(words, word), nil
			}
			if part != "" {
				word = append(word, span{part, s.ink})
			}
		}
	}
	if len(word) > 0 {
		words = append(words, word)
	}
	return words
}

// wrap breaks a line between words; all lines but the first are indented.
func wrap(l line, width, indent int) []line { return flow(l.words(), " ", width, indent) }

// brokenOff keeps the first lines of a text and marks the break.
func brokenOff(lines []line, most, width int) []line {
	if most < 1 || len(lines) <= most {
		return lines[:min(len(lines), max(0, most))]
	}
	last := lines[most-1].fit(width - len(ellipsis))
	if len(last) == 0 || last[len(last)-1].text != ellipsis {
		last = append(last[:len(last):len(last)], text(ellipsis))
	}
	return append(lines[:most-1:most-1], last)
}

// folded breaks the pieces that are wider than a line by themselves.
func folded(pieces []line, width int) []line {
	var narrow []line
	for _, piece := range pieces {
		if piece.width() <= width {
			narrow = append(narrow, piece)
		} else {
			narrow = append(narrow, wrap(piece, width, 0)...)
		}
	}
	return narrow
}

// flow sets unbroken pieces side by side, as many as fit a line. What is wider
// than a line by itself stands alone in one.
func flow(pieces []line, gap string, width, indent int) []line {
	var lines []line
	var current line
	used, margin := 0, 0
	for _, piece := range pieces {
		need := piece.width()
		if used > margin && used+len(gap)+need > width {
			lines = append(lines, current)
			current, used, margin = nil, 0, 0
		}
		switch {
		case used > margin:
			current, used = append(current, span{gap, plain}), used+len(gap)
		case len(lines) > 0 && indent > 0:
			current, used, margin = line{{strings.Repeat(" ", indent), plain}}, indent, indent
		}
		current, used = append(current, piece...), used+need
	}
	if len(current) > 0 {
		lines = append(lines, current)
	}
	return lines
}

// shift moves lines to the right.
func shift(lines []line, indent int) []line {
	moved := make([]line, len(lines))
	for i, l := range lines {
		moved[i] = append(line{{strings.Repeat(" ", indent), plain}}, l...)
	}
	return moved
}

// render is the lines as text, each ended by a newline.
func render(lines []line, color bool) string {
	var b strings.Builder
	for _, l := range lines {
		for len(l) > 0 && l[len(l)-1].ink == plain && strings.TrimRight(l[len(l)-1].text, " ") == "" {
			l = l[:len(l)-1]
		}
		for i, s := range disarm(l) {
			if i == len(l)-1 && s.ink == plain {
				s.text = strings.TrimRight(s.text, " ")
			}
			if style, drawn := styleOf(s.ink, color); drawn && s.text != "" {
				b.WriteString(style.Render(s.text))
			} else {
				b.WriteString(s.text)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// bare is text of the cluster that stands in no drawing, but in a line of its
// own or in an attribute.
func bare(s string) string { return terminal.Disarm(oneLine(s)) }

// disarm is terminal.Disarm over a whole line, whatever its inks.
func disarm(l line) line {
	var whole strings.Builder
	for _, s := range l {
		whole.WriteString(s.text)
	}
	rest := terminal.Disarm(whole.String())
	if rest == whole.String() {
		return l
	}
	disarmed := slices.Clone(l)
	for i, s := range l {
		disarmed[i].text, rest = rest[:len(s.text)], rest[len(s.text):]
	}
	return disarmed
}
