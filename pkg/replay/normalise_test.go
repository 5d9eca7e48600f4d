package replay

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// byPatterns is the specification of normalise: every pattern, one after the other.
func byPatterns(message, pod string) string {
	if pod != "" {
		message = strings.ReplaceAll(message, pod, "POD")
	}
	message = podNames.ReplaceAllString(message, "POD")
	message = uuids.ReplaceAllString(message, "UUID")
	message = times.ReplaceAllString(message, "TIME")
	message = hexes.ReplaceAllString(message, "HEX")
	message = regexp.MustCompile(`\d+`).ReplaceAllString(message, "N")
	if runes := []rune(message); len(runes) > longestText {
		message = string(runes[:longestText])
	}
	return message
}

func FuzzNormalise(f *testing.F) {
	f.Add("pod j-3-abcde at 2026-01-01T00:00:07.123Z", "j-3-abcde")
	f.Add("0f8fad5b-d9cb-469f-a165-70867728950e 0xdeadbeef 12:00:00.5", "")
	f.Add("deadbeefcafe \xff 1abcdef "+strings.Repeat("é", 130), "")
	f.Fuzz(func(t *testing.T, message, pod string) {
		if got, want := normalise(message, pod), byPatterns(message, pod); got != want {
			t.Errorf("%q without pod %q: got %q, want %q", message, pod, got, want)
		}
	})
}

// Messages made of pieces that match, almost match and part matches.
func TestNoPatternIsLeftOutThatMatches(t *testing.T) {
	pieces := []string{
		"0f8fad5b-d9cb-469f-a165-70867728950e", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "2026-01-01T00:00:07", "2026-01-01 ", "00:00:07", ".123", "Z", "+01:00", "-0130",
		"0x", "0xf", "deadbeef", "1abcdef", "1abcde", "abcdefabcdef", "abcdefabcde", "F00", "j-3-abcde", "other-12-x7z9q", "-", "--", ":", ".", " ", "_", "T", "é", "\xff", "7", "17", "a", "g",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		var message strings.Builder
		for range 1 + random.IntN(8) {
			message.WriteString(pieces[random.IntN(len(pieces))])
		}
		pod := ""
		if random.IntN(2) == 0 {
			pod = "j-3-abcde"
		}
		if got, want := normalise(message.String(), pod), byPatterns(message.String(), pod); got != want {
			t.Fatalf("%q without pod %q: got %q, want %q", message.String(), pod, got, want)
		}
	}
}
