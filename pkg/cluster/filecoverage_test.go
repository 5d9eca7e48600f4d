package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// jobWith is a Job with this status, as the first item of a List of kubectl's.
func jobWith(status string) string {
	return fmt.Sprintf(`{"apiVersion":"batch/v1","kind":"Job","metadata":{"namespace":"n","name":"j","uid":"uid-j"},"spec":{"completionMode":"Indexed","completions":3},"status":%s}`, status)
}

func TestWhatTheFilesHold(t *testing.T) {
	const none, all, part = evidence.None, evidence.Whole, evidence.Partial
	const busy = `{"active":1,"startTime":"2026-11-22T10:00:00Z"}`
	snapshot := func(read, partial, items string) string {
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"List","metadata":{"annotations":{"indexjob/gaps":"[]","indexjob/read":%q,"indexjob/partial":%q}},"items":[%s]}`, read, partial, items)
	}
	for _, test := range []struct {
		name, text   string
		pods, events evidence.Level
	}{
		{"pods and events are whole, as kubectl writes them", list("j1 p1 e1"), all, all},
		{"pods alone", list("j1 p1"), all, none},
		{"a busy Job alone", jobWith(busy), none, none},
		{"an empty list of pods is read", jobWith(busy) + `{"kind":"PodList","apiVersion":"v1","items":[]}`, all, none},
		{"and one in YAML", "---\n" + jobWith(busy) + "\n---\napiVersion: v1\nkind: PodList\nitems: []\n", all, none},
		{"an empty List does not say of what", jobWith(busy) + `{"kind":"List","apiVersion":"v1","items":[]}`, none, none},
		{"an empty list of events is read", jobWith(busy) + `{"kind":"EventList","apiVersion":"v1","items":[]}`, none, all},
		{"pods of others in the namespace", jobWith(busy) + item("o1"), all, none},
		{"pods of others elsewhere", jobWith(busy) + strings.ReplaceAll(item("o1"), `"namespace":"n"`, `"namespace":"m"`), none, none},
		{"events of others in the namespace", jobWith(busy) + strings.ReplaceAll(item("e1"), `"uid-j"`, `"uid-other"`), none, all},
		{"events of any kind of object", jobWith(busy) + strings.ReplaceAll(item("e1"), `"Job"`, `"Node"`), none, all},
		{"events of others elsewhere", jobWith(busy) + strings.NewReplacer(`"namespace":"n"`, `"namespace":"m"`, `"uid-j"`, `"uid-other"`).Replace(item("e1")), none, none},
		{"a manifest", strings.Replace(jobWith("{}"), `,"status":{}`, "", 1), all, none},
		{"a Job that has started and counts no pod", jobWith(`{"startTime":"2026-11-22T10:00:00Z","ready":0,"terminating":0,"uncountedTerminatedPods":{}}`), all, none},
		{"active", jobWith(`{"active":1}`), none, none},
		{"ready", jobWith(`{"ready":1}`), none, none},
		{"terminating", jobWith(`{"terminating":1}`), none, none},
		{"failed", jobWith(`{"failed":1}`), none, none},
		{"succeeded", jobWith(`{"succeeded":1}`), none, none},
		{"uncounted", jobWith(`{"uncountedTerminatedPods":{"failed":["a"]}}`), none, none},
		{"uncounted successes", jobWith(`{"uncountedTerminatedPods":{"succeeded":["a"]}}`), none, none},
		{"a snapshot's mark", snapshot("pods,events", "", jobWith(busy)), all, all},
		{"a snapshot that may not read pods", snapshot("events", "", jobWith("{}")), none, all},
		{"a snapshot in part", snapshot("pods,events", "pods,events", jobWith(busy)+","+item("p1")+","+item("e1")), part, part},
		{"a snapshot of which pods are in part", snapshot("pods,events", "pods", jobWith(busy)), part, all},
		{"a snapshot without pods, and the pods", snapshot("events", "", jobWith(busy)) + item("p1"), all, all},
		{"two snapshots hold what both do", snapshot("pods", "pods", jobWith(busy)) + snapshot("pods,events", "", jobWith(busy)), part, none},
	} {
		t.Run(test.name, func(t *testing.T) {
			seen, err := readText(t, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if want := (evidence.Coverage{Pods: test.pods, Events: test.events}); seen.Coverage != want {
				t.Errorf("coverage %v, want %v", seen.Coverage, want)
			}
			if !strings.Contains(test.text, "indexjob/gaps") {
				gaps := gapKinds(seen)
				if strings.Contains(gaps, evidence.GapPods) != (test.pods == none) || strings.Contains(gaps, evidence.GapEvents) != (test.events == none) {
					t.Errorf("gaps %v", seen.Gaps)
				}
			}
			// By --partial nothing is whole, and what was not read stays so.
			seen, err = ReadFiles(t.Context(), []string{"-"}, strings.NewReader(test.text), "", Reference{}, Partial())
			if err != nil {
				t.Fatal(err)
			}
			lessen := map[evidence.Level]evidence.Level{all: part, part: part, none: none}
			if want := (evidence.Coverage{Pods: lessen[test.pods], Events: lessen[test.events]}); seen.Coverage != want {
				t.Errorf("partial: coverage %v, want %v", seen.Coverage, want)
			}
		})
	}
}
