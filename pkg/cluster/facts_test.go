package cluster

import "testing"

// TestFacts: of messages that begin like the Job controller's own nothing else
// is kept.
func TestFacts(t *testing.T) {
	for text, want := range map[string]string{
		"Created pod: nightly-0-abcde":                                                              "Created pod: nightly-0-abcde",
		"(combined from similar events): Deleted pod: nightly-0-abcde":                              "(combined from similar events): Deleted pod: nightly-0-abcde",
		"Container main for pod ns/p failed with exit code -1 matching FailJob rule at index 0":     "Container main for pod ns/p failed with exit code -1 matching FailJob rule at index 0",
		"Pod ns/p has condition example.com/Lost matching FailJob rule at index 12":                 "Pod ns/p has condition example.com/Lost matching FailJob rule at index 12",
		"Created pod: by hunter2":                                                                   "",
		"Created pod: a\npassword: hunter2":                                                         "",
		"Created pod: a\n":                                                                          "",
		"Error: Created pod: a":                                                                     "",
		"(combined from similar events): password hunter2":                                          "(combined from similar events): ",
		"Container main for pod ns/p failed with exit code 1 matching FailJob rule at index 0: why": "",
	} {
		if got := (snapshot{}).fact(text); got != want {
			t.Errorf("%q: kept %q, want %q", text, got, want)
		}
		if got := (snapshot{messages: true}).fact(text); got != text {
			t.Errorf("%q: with messages kept %q", text, got)
		}
	}
}
