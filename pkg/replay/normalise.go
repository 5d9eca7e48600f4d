package replay

import (
	"regexp"
	"strings"
)

// What differs from attempt to attempt though the cause is one: UUIDs, times,
// long hexadecimals and numbers. Patterns are dear where every pod has a message
// of its own: one is tried only on what may match it.
var (
	uuids    = regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`)
	times    = regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(\.\d+)?\b`)
	hexes    = regexp.MustCompile(`\b(0x[0-9a-fA-F]+|[0-9a-fA-F]*[0-9][0-9a-fA-F]*[a-fA-F][0-9a-fA-F]{5,}|[0-9a-fA-F]{12,})\b`)
	podNames = regexp.MustCompile(`[a-z0-9][a-z0-9.-]*-\d+-[a-z0-9]{5}\b`)
)

// normalise leaves of a message what it has in common with those of other pods.
func normalise(message, pod string) string {
	if pod != "" {
		message = strings.ReplaceAll(message, pod, "POD")
	}
	if strings.Count(message, "-") >= 2 {
		message = podNames.ReplaceAllString(message, "POD")
	}
	if strings.Count(message, "-") >= 4 {
		message = uuids.ReplaceAllString(message, "UUID")
	}
	if strings.Count(message, ":") >= 2 {
		message = times.ReplaceAllString(message, "TIME")
	}
	if strings.Contains(message, "0x") || longestHexadecimal(message) >= 7 {
		message = hexes.ReplaceAllString(message, "HEX")
	}
	message = withoutNumbers(message)
	if len(message) <= longestText {
		return message
	}
	if runes := []rune(message); len(runes) > longestText {
		message = string(runes[:longestText])
	}
	return message
}

// longestHexadecimal is how many hexadecimal digits follow one another at most.
func longestHexadecimal(message string) (longest int) {
	n := 0
	for i := range len(message) {
		switch c := message[i]; {
		case isDigit(c), 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
			n++
			longest = max(longest, n)
		default:
			n = 0
		}
	}
	return longest
}

// withoutNumbers writes N for every number.
func withoutNumbers(message string) string {
	var text strings.Builder
	for i := range len(message) {
		switch c := message[i]; {
		case !isDigit(c):
			text.WriteByte(c)
		case i == 0 || !isDigit(message[i-1]):
			text.WriteByte('N')
		}
	}
	return text.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
