package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// item is one object of a file, by a word: j7 is the Job in version 7, with as
// many active pods; p5 and q5 are pods in version 5, o a pod of another Job, e1
// and w1 events of the Job and of a pod.
func item(word string) string {
	kind, version := word[:1], word[1:]
	metadata := func(name, more string) string {
		return fmt.Sprintf(`{"namespace":"n","name":%q,"uid":"uid-%s","resourceVersion":%q%s}`, name, name, version, more)
	}
	const owned = `,"labels":{"batch.kubernetes.io/controller-uid":%q},"ownerReferences":[{"kind":"Job","name":"j","uid":%q,"controller":true}]`
	switch kind {
	case "j":
		return fmt.Sprintf(`{"apiVersion":"batch/v1","kind":"Job","metadata":%s,"spec":{"completionMode":"Indexed","completions":99,"parallelism":99},"status":{"active":%s}}`, metadata("j", ""), version)
	case "p", "q":
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":%s,"status":{"phase":"Running"}}`, metadata(kind, fmt.Sprintf(owned, "uid-j", "uid-j")))
	case "o":
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":%s}`, metadata(kind, fmt.Sprintf(owned, "uid-other", "uid-other")))
	case "e":
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Event","metadata":%s,"involvedObject":{"kind":"Job","name":"j","uid":"uid-j"}}`, metadata("e", ""))
	case "w":
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Event","metadata":%s,"type":"Warning","involvedObject":{"kind":"Pod","name":"p","uid":"uid-p"}}`, metadata("w", ""))
	}
	panic(word)
}

// list is a List of such objects, as kubectl prints it.
func list(words string) string {
	var items []string
	for _, word := range strings.Fields(words) {
		items = append(items, item(word))
	}
	return `{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":""},"items":[` + strings.Join(items, ",\n") + "]}\n"
}

func TestItemsStandInTheOrderOfReading(t *testing.T) {
	for _, test := range []struct {
		name, items string
		order       evidence.Order
		events      evidence.EventsOrder
		job, before string // versions
	}{
		{"job,pods,events", "j1 p2 q2 e1", evidence.JobBeforePods, evidence.EventsAfterPods, "1", ""},
		{"events,pods,job", "e1 p2 q2 j1", evidence.JobAfterPods, evidence.EventsBeforePods, "1", ""},
		{"pods,job,events", "p2 q2 j1 e1", evidence.JobAfterPods, evidence.EventsAfterPods, "1", ""},
		{"job,events,pods", "j1 e1 p2 q2", evidence.JobBeforePods, evidence.EventsBeforePods, "1", ""},
		{"a pod's own events have no say", "e1 p2 q2 w1 j1", evidence.JobAfterPods, evidence.EventsBeforePods, "1", ""},
		{"events on both sides", "e1 p2 q2 j1 e2", evidence.JobAfterPods, evidence.EventsAfterPods, "1", ""},
		{"the same Job on both sides", "j1 p2 q2 j1", evidence.Bracketed, evidence.EventsOrderUnknown, "1", ""},
		{"a Job that moved", "j1 p2 q2 j2", evidence.JobAfterPods, evidence.EventsOrderUnknown, "2", "1"},
		{"versions are numbers", "j9 p2 q2 j10", evidence.JobAfterPods, evidence.EventsOrderUnknown, "10", "9"},
		{"several Jobs before", "j1 j2 p2 q2 j3", evidence.JobAfterPods, evidence.EventsOrderUnknown, "3", "2"},
		{"an older Job behind the pods is no order of reading", "j2 p2 q2 j1", evidence.OrderUnknown, evidence.EventsOrderUnknown, "2", ""},
		{"the Job amid its pods", "p2 j1 q2", evidence.OrderUnknown, evidence.EventsOrderUnknown, "1", ""},
		{"events amid the pods", "p2 e1 q2 j1", evidence.JobAfterPods, evidence.EventsOrderUnknown, "1", ""},
		{"everything twice, the same", "j1 p2 q2 e1 j1 p2 q2 e1", evidence.Bracketed, evidence.EventsBeforePods, "1", ""},
		{"pods on both sides that did not change", "p2 q2 j1 p2 q2", evidence.Bracketed, evidence.EventsOrderUnknown, "1", ""},
		{"pods on both sides of which one changed", "p2 q2 j1 p2 q3", evidence.JobBeforePods, evidence.EventsOrderUnknown, "1", ""},
		{"pods on both sides of which one is new", "p2 j1 p2 q2", evidence.JobBeforePods, evidence.EventsOrderUnknown, "1", ""},
		{"pods on both sides of which one changed and one is gone", "p2 q2 j1 p3", evidence.OrderUnknown, evidence.EventsOrderUnknown, "1", ""},
		{"pods on both sides of which one is gone", "p2 q2 j1 p2", evidence.JobAfterPods, evidence.EventsOrderUnknown, "1", ""},
		{"pods of others alone", "j0 o1", evidence.JobBeforePods, evidence.EventsOrderUnknown, "0", ""},
		{"pods of others have no say beside the Job's own", "o1 j1 p2 o2", evidence.JobBeforePods, evidence.EventsOrderUnknown, "1", ""},
		{"no pods", "j0 e1", evidence.OrderUnknown, evidence.EventsOrderUnknown, "0", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var documents strings.Builder
			var files []string
			dir := t.TempDir()
			for i, word := range strings.Fields(test.items) {
				documents.WriteString(item(word) + "\n")
				files = append(files, filepath.Join(dir, fmt.Sprint(i)))
				if err := os.WriteFile(files[i], []byte(item(word)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			check := func(how string, seen *evidence.Job, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				before := ""
				if seen.Before != nil {
					before = seen.Before.ResourceVersion
				}
				if seen.Order != test.order || seen.EventsOrder != test.events || seen.Job.ResourceVersion != test.job || before != test.before {
					t.Errorf("%s: %s, events %s, Job %s, before %q; want %s, %s, %s, %q", how, seen.Order, seen.EventsOrder, seen.Job.ResourceVersion, before, test.order, test.events, test.job, test.before)
				}
			}
			seen, err := readText(t, list(test.items))
			check("a List", seen, err)
			seen, err = readText(t, documents.String())
			check("a stream of documents", seen, err)
			// Nobody knows which of several files was written first.
			seen, err = ReadFiles(t.Context(), files, nil, "", Reference{})
			if err != nil || seen.Order != evidence.OrderUnknown || seen.EventsOrder != evidence.EventsOrderUnknown {
				t.Errorf("files: %v, %s, events %s", err, seen.Order, seen.EventsOrder)
			}
		})
	}
}

// TestWithoutVersionsTheContentTells: some strip what changes from run to run.
func TestWithoutVersionsTheContentTells(t *testing.T) {
	bare := func(words string) string {
		text := list(words)
		for _, word := range strings.Fields(words) {
			text = strings.ReplaceAll(text, fmt.Sprintf(`,"resourceVersion":%q`, word[1:]), "")
		}
		return text
	}
	for items, want := range map[string]evidence.Order{
		"j1 p2 j1": evidence.Bracketed, "j1 p2 j2": evidence.JobAfterPods, "j1 p2": evidence.JobBeforePods, "p2 j1 p3": evidence.JobBeforePods,
	} {
		seen, err := readText(t, bare(items))
		if err != nil || seen.Order != want || seen.Job.ResourceVersion != "" {
			t.Errorf("%s: %s, %v; want %s", items, seen.Order, err, want)
		}
		if (seen.Before != nil) != (want == evidence.JobAfterPods) {
			t.Errorf("%s: before %v", items, seen.Before)
		}
	}
}

// TestAJobThatMovedIsNoGap where the order tells which version is which.
func TestAJobThatMovedIsNoGap(t *testing.T) {
	for items, want := range map[string]bool{"j1 p9 j2": false, "j1 p9 j1": false, "j2 p9 j1": true, "j1 p9 p8 j2": true} {
		seen, err := readText(t, list(items))
		if err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(fmt.Sprint(seen.Gaps), "the files hold several versions of 1 object, read at different instants: the newest were taken"); told != want {
			t.Errorf("%s: gaps %v", items, seen.Gaps)
		}
	}
}

func TestVersionsOfPodsAreKept(t *testing.T) {
	seen, err := readText(t, list("j1 p12 q7"))
	if err != nil {
		t.Fatal(err)
	}
	if p, q := seen.Attempts[0], seen.Attempts[1]; p.ResourceVersion != 12 || q.ResourceVersion != 7 || p.Phase != corev1.PodRunning {
		t.Errorf("versions %d and %d, want 12 and 7", p.ResourceVersion, q.ResourceVersion)
	}
}
