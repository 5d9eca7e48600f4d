package cluster

import (
	"regexp"
	"strings"
)

// plainly is an error in the words of the API: whoever reads it knows its fields,
// not the types that Go has for them.
func plainly(err error) error {
	if err == nil {
		return nil
	}
	words := err.Error()
	for _, said := range goWords {
		words = said.pattern.ReplaceAllStringFunc(words, func(found string) string {
			return said.plain(said.pattern.FindStringSubmatch(found))
		})
	}
	if words == "" {
		words = "the server refuses it, and does not say why"
	}
	return worded{words, err}
}

// worded is an error in other words.
type worded struct {
	words string
	error
}

func (w worded) Error() string { return w.words }

// Unwrap lets callers see what it is.
func (w worded) Unwrap() error { return w.error }

// goWords are what Go's decoders say, and what we make of it.
var goWords = []struct {
	pattern *regexp.Regexp
	plain   func(found []string) string
}{
	{
		regexp.MustCompile(`json: cannot unmarshal (\S+(?: [-+.eE0-9]+)?) into Go (?:struct field \w+\.(\S+)|\S+(?: \S+)?) of type (?s:struct \{.*\}|[^\s:,;)"]+)`),
		func(found []string) string {
			field := found[2]
			if field == "" {
				field = "it"
			}
			return field + " cannot be " + jsonWords(found[1])
		},
	},
	{
		regexp.MustCompile(`parsing time "((?:[^"\\]|\\.)*)"(?: as "[^"]*": cannot parse "(?:[^"\\]|\\.)*" as "[^"]*")?`),
		func(found []string) string { return `"` + found[1] + `" is no time such as 2026-11-22T03:00:00Z` },
	},
	{
		regexp.MustCompile(`(?s)yaml: invalid map key: .*`),
		func([]string) string { return "a key is a list or an object" },
	},
	{
		regexp.MustCompile(`(?s)unexpected object: .*`),
		func([]string) string { return "an object of another kind than was asked for" },
	},
}

// jsonWords names a value as encoding/json does, "number 3" or "array".
func jsonWords(value string) string {
	if n, is := strings.CutPrefix(value, "number "); is {
		return n
	}
	if words := map[string]string{"array": "a list", "object": "an object", "string": "a string", "number": "a number", "bool": "true or false"}[value]; words != "" {
		return words
	}
	return value
}

// beginning names a value by its first byte.
func beginning(b byte) string {
	switch {
	case b == '{':
		return "an object"
	case b == '[':
		return "a list"
	case b == '"':
		return "a string"
	case b == 'n':
		return "null"
	case b == 't', b == 'f':
		return "true or false"
	case b == '-', '0' <= b && b <= '9':
		return "a number"
	}
	return "the character " + string(rune(b))
}
