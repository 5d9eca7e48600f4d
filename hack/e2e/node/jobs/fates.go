//go:build linux

package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fates are wanted of indexes: "Failed", "Failed/FailIndexRule" with the reason,
// or several of which one has to be, "Running|Pending".
type Fates map[int32]string

// explanation is what of the plugin's answer is held here, and all of it. It is
// read apart from pkg/api, as a script would.
type explanation struct {
	Conclusion struct {
		State, Reason string
	}
	Counts map[string]int64
	Fates  []struct {
		Index     int32
		LastIndex *int32
		Fate      string
		Reason    string
		Recorded  *bool
	}
}

// Wrong is what the plugin's answer, as JSON, says otherwise than wanted.
func (s *Scenario) Wrong(answer []byte) []string {
	var e explanation
	if err := json.Unmarshal(answer, &e); err != nil {
		return []string{fmt.Sprintf("read the plugin's answer: %v", err)}
	}
	var wrong []string
	differ := func(format string, args ...any) { wrong = append(wrong, s.Name+": "+fmt.Sprintf(format, args...)) }
	state := map[string]string{"": "Running", "CompletionsReached": "Complete", "SuccessPolicy": "Complete"}[s.Want.Reason]
	if state == "" {
		state = "Failed"
	}
	if e.Conclusion.State != state || e.Conclusion.Reason != s.Want.Reason {
		differ("it is %s/%s, want %s/%s", e.Conclusion.State, e.Conclusion.Reason, state, s.Want.Reason)
	}
	var sum int64
	for _, count := range e.Counts {
		sum += count
	}
	if sum != int64(*s.Job.Spec.Completions) {
		differ("counts %v do not add up to completions", e.Counts)
	}
	for _, index := range slices.Sorted(maps.Keys(s.Fates)) {
		got, recorded := e.fate(index)
		if !slices.ContainsFunc(strings.Split(s.Fates[index], "|"), func(want string) bool {
			return got == want || !strings.Contains(want, "/") && strings.HasPrefix(got, want+"/") || got == want+"/"
		}) {
			differ("index %d is %s, want %s", index, got, s.Fates[index])
		}
		if recorded != nil && !*recorded {
			differ("index %d is %s and not recorded, although the Job is at rest", index, got)
		}
	}
	return wrong
}

// fate of an index, with the reason.
func (e *explanation) fate(index int32) (string, *bool) {
	for _, f := range e.Fates {
		if last := f.LastIndex; f.Index == index || last != nil && f.Index < index && index <= *last {
			return f.Fate + "/" + f.Reason, f.Recorded
		}
	}
	return "without a fate", nil
}
