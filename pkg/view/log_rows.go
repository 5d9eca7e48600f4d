package view

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// mostOfLine is how many characters of a line of a log are shown where it can be
// moved about in, and tabStop how wide a tab is.
const (
	mostOfLine = 4096
	tabStop    = 8
)

// LogRows is a line of a log in rows no wider than the screen.
func LogRows(written string, width int) []string {
	width = max(1, width)
	rest, n := "", 0
	for at := range written {
		if n++; n > mostOfLine {
			rest = fmt.Sprintf("...(%d more)", utf8.RuneCountInString(written[at:]))
			written = written[:at]
			break
		}
	}
	left := untabbedLine(terminal.SanitizeLog(written)) + rest
	var rows []string
	for {
		row := prefix(left, width)
		if row == "" && left != "" { // wider than the screen by itself
			_, size := utf8.DecodeRuneInString(left)
			row, left = "?", left[size:]
		} else {
			left = left[len(row):]
		}
		rows = append(rows, terminal.Disarm(row))
		if left == "" {
			return rows
		}
	}
}

// untabbedLine writes tabs as the blanks that a terminal makes of them.
func untabbedLine(text string) string {
	if !strings.Contains(text, "\t") {
		return text
	}
	var b strings.Builder
	column := 0
	for i, part := range strings.Split(text, "\t") {
		if i > 0 {
			gap := tabStop - column%tabStop
			b.WriteString(strings.Repeat(" ", gap))
			column += gap
		}
		b.WriteString(part)
		column += textWidth(part)
	}
	return b.String()
}
