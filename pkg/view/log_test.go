package view

import "testing"

func TestLogPrefix(t *testing.T) {
	for want, got := range map[string]string{
		"3#1 ":                LogPrefix(3, 1, false),
		"\x1b[33m3#1\x1b[m ":  LogPrefix(3, 1, true),
		"\x1b[33m8#12\x1b[m ": LogPrefix(8, 12, true),
		"\x1b[36m10#1\x1b[m ": LogPrefix(10, 1, true),
		"2147483647#1 ":       LogPrefix(1<<31-1, 1, false),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
