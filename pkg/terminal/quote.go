package terminal

import (
	"fmt"
	"regexp"
	"strings"
)

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// Quote writes a word as a POSIX shell reads it back. It is safe to show as it
// is: what Sanitize or Disarm would change, and so make another word of it, is
// written in the shell's own escapes.
func Quote(word string) string {
	shown := isPlain(word) || escaped(word, len(word)) == word
	switch {
	case !shown || Disarm(word) != word:
		return "$'" + octal(word) + "'"
	case plainWord.MatchString(word):
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// octal escapes every byte but those that are letters, digits, blanks or of a path.
func octal(word string) string {
	var b strings.Builder
	for i := range len(word) {
		if c := word[i]; c == ' ' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '-' <= c && c <= ':' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return b.String()
}
