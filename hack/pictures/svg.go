package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The size of a cell, of a margin, and of the bar above the screen, in pixels.
const (
	cellWidth, cellHeight = 8.4, 18
	baseline              = 13.5
	margin, titleHeight   = 16, 28
)

// The colours of a dark terminal: the two of its own, and the sixteen of ANSI.
const ground, inkColor = "#16191d", "#d6dae0"

var ansi = [16]string{
	"#1f2328", "#d6404a", "#5fb95f", "#d9a93f", "#3f7fd6", "#a85ec4", "#45b0b8", "#c4c9d0",
	"#6b727b", "#f0606a", "#7fd67f", "#f0c860", "#6fa3f0", "#c880e4", "#6cd0d8", "#ffffff",
}

// picture draws what a command printed, colours and all, as SVG.
func picture(command, printed string) []byte {
	lines := append([]string{"$ " + command}, strings.Split(strings.TrimSuffix(printed, "\n"), "\n")...)
	columns := 0
	rows := make([][]cell, len(lines))
	for i, line := range lines {
		rows[i] = cells(line)
		columns = max(columns, len(rows[i]))
	}
	width := 2*margin + float64(columns)*cellWidth
	height := titleHeight + len(rows)*cellHeight + margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", escaped(command))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", ground)
	for i, color := range []string{ansi[1], ansi[3], ansi[2]} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="14" r="5" fill="%s"/>`+"\n", 20+i*18, color)
	}
	for i, row := range rows {
		drawRow(&b, row, float64(titleHeight+i*cellHeight))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// drawRow draws neighbours of one look together. Their length is given, so that
// columns stay columns in any font.
func drawRow(b *bytes.Buffer, row []cell, top float64) {
	for first := 0; first < len(row); {
		last := first
		var text strings.Builder
		for ; last < len(row) && row[last].look == row[first].look; last++ {
			text.WriteRune(row[last].letter)
		}
		x, length, look := margin+float64(first)*cellWidth, float64(last-first)*cellWidth, row[first].look
		first = last
		ink, back := look.colors()
		if back != "" {
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>`+"\n", x, top, length, cellHeight, back)
		}
		if strings.TrimSpace(text.String()) == "" {
			continue
		}
		style := ""
		if look.bold {
			style += ` font-weight="bold"`
		}
		if look.faint {
			style += ` opacity="0.6"`
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="%s"%s>%s</text>`+"\n",
			x, top+baseline, length, ink, style, escaped(text.String()))
	}
}

func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}

// look is how a cell is drawn; colours count from 1, 0 is the terminal's own.
type look struct {
	bold, faint, reversed bool
	ink, back             int
}

func (l look) colors() (ink, back string) {
	ink = inkColor
	if l.ink > 0 {
		ink = ansi[l.ink-1]
	}
	if l.back > 0 {
		back = ansi[l.back-1]
	}
	if l.reversed {
		if back == "" {
			back = ground
		}
		return back, ink
	}
	return ink, back
}

type cell struct {
	letter rune
	look   look
}

// cells takes a line with escape sequences apart. Of those only the colours of
// ANSI come from us.
func cells(line string) []cell {
	var row []cell
	var now look
	for line != "" {
		if rest, found := strings.CutPrefix(line, "\x1b["); found {
			codes, after, _ := strings.Cut(rest, "m")
			for _, code := range strings.Split(codes, ";") {
				now = now.with(code)
			}
			line = after
			continue
		}
		letter, size := utf8.DecodeRuneInString(line)
		row, line = append(row, cell{letter, now}), line[size:]
	}
	return row
}

// with is the look after one code of an escape sequence.
func (l look) with(code string) look {
	n, _ := strconv.Atoi(code) // nothing is 0
	switch {
	case n == 0:
		return look{}
	case n == 1:
		l.bold = true
	case n == 2:
		l.faint = true
	case n == 7:
		l.reversed = true
	case n >= 30 && n <= 37:
		l.ink = n - 30 + 1
	case n >= 40 && n <= 47:
		l.back = n - 40 + 1
	case n >= 90 && n <= 97:
		l.ink = n - 90 + 9
	}
	return l
}
