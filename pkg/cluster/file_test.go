package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

const example = "../../hack/examples/c-preempted-failed-retried.yaml"

func exampleText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func exampleJSON(t *testing.T) string {
	t.Helper()
	text, err := yaml.YAMLToJSON([]byte(exampleText(t)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// asDocuments is a List as documents of their own.
func asDocuments(t *testing.T, list string) string {
	t.Helper()
	var object struct{ Items []map[string]any }
	if err := yaml.Unmarshal([]byte(list), &object); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, item := range object.Items {
		text, err := yaml.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "---\n%s...\n", text)
	}
	return b.String()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.String()
}

func asUTF16(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

func readText(t *testing.T, text string) (*evidence.Job, error) {
	t.Helper()
	return ReadFiles(t.Context(), []string{"-"}, strings.NewReader(text), "", Reference{})
}

// TestFileFormats: one Job, however it was written.
func TestFileFormats(t *testing.T) {
	want, err := readText(t, exampleText(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Attempts) != 12 || want.Coverage != whole || want.Order != evidence.JobBeforePods || want.EventsOrder != evidence.EventsAfterPods {
		t.Fatalf("%d attempts, %v, %s, events %s", len(want.Attempts), want.Coverage, want.Order, want.EventsOrder)
	}
	list, asJSON := exampleText(t), exampleJSON(t)
	for name, text := range map[string]string{
		"json":                asJSON,
		"json, indented":      strings.ReplaceAll(asJSON, `,"`, ",\n \""),
		"json within yaml":    "---\n" + asJSON,
		"yaml documents":      asDocuments(t, list),
		"indented dashes":     strings.ReplaceAll(strings.ReplaceAll(list, "\n  ", "\n     "), "\n- ", "\n   - "),
		"windows line breaks": strings.ReplaceAll(list, "\n", "\r\n"),
		"gzip":                gzipped(t, list),
		"utf-16":              asUTF16(list),
		"byte order mark":     "\xef\xbb\xbf" + list,
		"a list in a list":    `{"kind":"List","apiVersion":"v1","items":[` + asJSON + `]}`,
		"among others":        "kind: ConfigMap\napiVersion: v1\n---\n" + list,
		"a bare json list":    asJSON[strings.Index(asJSON, "[") : strings.LastIndex(asJSON, "]")+1],
	} {
		t.Run(name, func(t *testing.T) {
			seen, err := readText(t, text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFileRawLists: what the API itself prints; its items do not say what they
// are.
func TestFileRawLists(t *testing.T) {
	seen, err := readText(t, `
		{"kind":"JobList","apiVersion":"batch/v1","metadata":{},"items":[{"metadata":{"name":"j","namespace":"n","uid":"u"},"spec":{"completionMode":"Indexed","completions":2}}]}
		{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"p","namespace":"n","uid":"pu","labels":{"batch.kubernetes.io/controller-uid":"u"},"ownerReferences":[{"kind":"Job","uid":"u","controller":true}]}}]}
		{"kind":"PodList","apiVersion":"v1","metadata":{},"items":null}`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p"}, podNames(seen)); diff != "" {
		t.Error(diff)
	}
}

func TestFileDefaults(t *testing.T) {
	seen, err := readText(t, `
apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec:
  completionMode: Indexed
  completions: 4
  backoffLimitPerIndex: 1
  podFailurePolicy:
    rules:
    - action: Ignore
      onPodConditions: [{type: DisruptionTarget}]
`)
	if err != nil {
		t.Fatal(err)
	}
	spec := seen.Job.Spec
	if *spec.Parallelism != 1 || *spec.BackoffLimit != math.MaxInt32 || *spec.Suspend || spec.PodReplacementPolicy != nil {
		t.Errorf("parallelism %d, backoffLimit %d", *spec.Parallelism, *spec.BackoffLimit)
	}
	if status := spec.PodFailurePolicy.Rules[0].OnPodConditions[0].Status; status != corev1.ConditionTrue {
		t.Errorf("pattern status %q", status)
	}
	if want := "Events,Version,Clock"; gapKinds(seen) != want {
		t.Errorf("gaps %s, want %s", gapKinds(seen), want)
	}
}

const twoJobs = `
apiVersion: v1
kind: List
items:
- {apiVersion: batch/v1, kind: Job, metadata: {name: one, namespace: a, uid: u1, creationTimestamp: "2026-11-22T10:00:00Z", ownerReferences: [{kind: CronJob, name: c, uid: x, controller: true}]}, spec: {completionMode: Indexed, completions: 1}}
- {apiVersion: batch/v1, kind: Job, metadata: {name: two, namespace: b, uid: u2, creationTimestamp: "2026-11-22T11:00:00Z", ownerReferences: [{kind: CronJob, name: c, uid: x, controller: true}]}, spec: {completionMode: Indexed, completions: 1}}
- {apiVersion: batch/v1, kind: Job, metadata: {name: plain, namespace: b, uid: u3, creationTimestamp: "2026-11-22T12:00:00Z"}, spec: {completions: 1}}
`

func TestFileChooses(t *testing.T) {
	for _, test := range []struct {
		name, namespace, reference string
		want, wantErr              string
	}{
		{"by name", "", "one", "one", ""},
		{"by resource and name", "", "job/two", "two", ""},
		{"by namespace", "a", "", "one", ""},
		{"the only Indexed one", "b", "", "two", ""},
		{"newest of a cronjob", "", "cronjob/c", "two", ""},
		{"too many", "", "", "", "there are 2 Indexed Jobs in standard input: b/two, a/one"},
		{"not there", "", "tow", "", "there is no job tow in standard input"},
		{"not Indexed", "", "plain", "", "job b/plain is not Indexed: its completionMode is NonIndexed"},
		{"no such namespace", "z", "", "", "standard input holds nothing of namespace z"},
		{"no such cronjob", "", "cronjob/d", "", "there is no job of cronjob d in standard input"},
	} {
		t.Run(test.name, func(t *testing.T) {
			reference := Reference{}
			if test.reference != "" {
				var err error
				if reference, err = ParseReference(test.reference); err != nil {
					t.Fatal(err)
				}
			}
			seen, err := ReadFiles(t.Context(), []string{"-"}, strings.NewReader(twoJobs), test.namespace, reference)
			if test.wantErr != "" {
				wantError(t, err, test.wantErr)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if seen.Job.Name != test.want {
				t.Errorf("chose %s", seen.Job.Name)
			}
		})
	}
}

const jobLine = `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","completions":%s}}`

// TestFileTwoJobsOfOneName: the newer Job is meant, and the older one's pods are
// not its own.
func TestFileTwoJobsOfOneName(t *testing.T) {
	job := func(uid string, hour int) string {
		return fmt.Sprintf("---\n{apiVersion: batch/v1, kind: Job, metadata: {name: j, namespace: ns, uid: %s, creationTimestamp: '2026-11-22T%02d:00:00Z'}, spec: {completionMode: Indexed, completions: 1}}\n", uid, hour)
	}
	pod := func(name, uid string) string {
		return fmt.Sprintf("---\n{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: ns, uid: %s, labels: {batch.kubernetes.io/controller-uid: %s}, ownerReferences: [{kind: Job, name: j, uid: %s, controller: true}]}}\n", name, name, uid, uid)
	}
	seen, err := readText(t, job("new", 12)+job("old", 10)+pod("a", "old")+pod("b", "old")+pod("c", "new"))
	if err != nil {
		t.Fatal(err)
	}
	if seen.Job.UID != "new" || strings.Join(podNames(seen), ",") != "c" {
		t.Errorf("Job %s with pods %v", seen.Job.UID, podNames(seen))
	}
	if want := (evidence.Gap{Kind: evidence.GapOtherJob, Message: "2 pods of another Job of this name (with another UID) left out"}); seen.Gaps[0] != want {
		t.Errorf("gaps %v", seen.Gaps)
	}
}

// TestFileVersions: the newest version of an object counts, whatever the order.
func TestFileVersions(t *testing.T) {
	pod := func(version, phase string) string {
		return fmt.Sprintf("---\n{apiVersion: v1, kind: Pod, metadata: {name: p, uid: pu, resourceVersion: %q, labels: {batch.kubernetes.io/controller-uid: u}}, status: {phase: %s}}\n", version, phase)
	}
	job := "---\n" + fmt.Sprintf(jobLine, "1") + "\n"
	for _, text := range []string{job + pod("99", "Running") + pod("100", "Failed"), pod("100", "Failed") + job + pod("99", "Running")} {
		seen, err := readText(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if len(seen.Attempts) != 1 || seen.Attempts[0].Phase != corev1.PodFailed || !strings.Contains(gapKinds(seen), evidence.GapMoved) {
			t.Errorf("attempts %+v, gaps %v", seen.Attempts, seen.Gaps)
		}
	}
}

// TestFileEvents: events of either API say the same.
func TestFileEvents(t *testing.T) {
	job := "---\n" + fmt.Sprintf(jobLine, "1") + "\n"
	old, err := readText(t, job+`---
apiVersion: v1
kind: Event
metadata: {name: e, uid: eu}
involvedObject: {kind: Job, name: j, uid: u}
type: Normal
reason: SuccessfulCreate
message: "Created pod: j-0-abcde"
eventTime: "2026-11-22T10:00:00.000000Z"
reportingComponent: job-controller
series: {count: 3, lastObservedTime: "2026-11-22T10:01:00.000000Z"}
`)
	if err != nil {
		t.Fatal(err)
	}
	young, err := readText(t, job+`---
apiVersion: events.k8s.io/v1
kind: Event
metadata: {name: e, uid: eu}
regarding: {kind: Job, name: j, uid: u}
type: Normal
reason: SuccessfulCreate
note: "Created pod: j-0-abcde"
eventTime: "2026-11-22T10:00:00.000000Z"
reportingController: job-controller
series: {count: 3, lastObservedTime: "2026-11-22T10:01:00.000000Z"}
`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(old, young); diff != "" {
		t.Error(diff)
	}
	if len(old.Events) != 1 || !old.Events[0].Last.Equal(time.Date(2026, 11, 22, 10, 1, 0, 0, time.UTC)) || !old.ObservedAt.Equal(old.Events[0].Last) {
		t.Errorf("%+v at %v", old.Events, old.ObservedAt)
	}
}

func TestFilesOnDisk(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(names ...string) (*evidence.Job, error) {
		return ReadFiles(t.Context(), names, nil, "", Reference{})
	}
	job := write("job.json", fmt.Sprintf(jobLine, "1"))
	pods := write("pods.yaml", "--- {apiVersion: v1, kind: Pod, metadata: {name: p, uid: pu, labels: {batch.kubernetes.io/controller-uid: u}}}\n")
	for _, names := range [][]string{{job, pods}, {pods, job}} {
		seen, err := read(names...)
		if err != nil || len(seen.Attempts) != 1 {
			t.Errorf("%v: %v", names, err)
		}
	}
	_, err := read(filepath.Join(dir, "absent.yaml"))
	wantError(t, err, "absent.yaml: no such file or directory")
	seen, err := read(dir)
	if err != nil || len(seen.Attempts) != 1 {
		t.Errorf("the directory of both: %v", err)
	}
	_, err = read(t.TempDir())
	wantError(t, err, "holds no file that ends in .yaml, .yml or .json")
}

// TestFileEndsOnCancel: somebody types Ctrl-C where nothing was piped in.
func TestFileEndsOnCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent, writer := io.Pipe()
	defer writer.Close()
	go func() {
		defer cancel()
		_, _ = writer.Write([]byte("kind: Job\n"))
	}()
	if _, err := ReadFiles(ctx, []string{"-"}, silent, "", Reference{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
