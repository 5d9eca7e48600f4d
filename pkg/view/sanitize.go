package view

import (
	"fmt"
	"strings"
	"unicode"
)

// sanitize makes what could steer a terminal visible instead.
func sanitize(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsGraphic(r) && r != unicode.ReplacementChar {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}
