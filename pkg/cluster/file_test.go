package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
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

func nested(open, middle, shut string, depth int) string {
	return strings.Repeat(open, depth) + middle + strings.Repeat(shut, depth)
}

// laughs is the billion laughs: each line names the one before nine times.
func laughs(text string, levels int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kind: Pod\napiVersion: v1\na0: &a0 %q\n", text)
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9))
	}
	return b.String()
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%x":1,`, i)
	}
	return b.String() + `"kind":"Pod"`
}

const jobLine = `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","completions":%s}}`

// TestFileErrors: one clear line and a hint.
func TestFileErrors(t *testing.T) {
	list, asJSON := exampleText(t), exampleJSON(t)
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "standard input is empty"},
		{"white space", " \n\n", "standard input is empty"},
		{"comments", "# nothing\n---\n# here\n", "standard input is empty"},
		{"prose", "this is no manifest\n", "reading standard input: it is neither JSON nor YAML of Kubernetes objects"},
		{"html", "<html><body>log in</body></html>", "it is neither JSON nor YAML"},
		{"binary", "\x7fELF\x02\x01\x01\x00", "reading standard input: "},
		{"a bare number", "[1,2]", "it holds something that is no Kubernetes object"},
		{"no kind", "a: 1\n", "standard input holds no Job, only 1 object without a kind"},
		{"other kinds", "kind: ConfigMap\napiVersion: v1\n---\nkind: Secret\napiVersion: v1\n---\nkind: Secret\napiVersion: v1\n", "standard input holds no Job, only 2 Secret, 1 ConfigMap"},
		{"a Job of another group", "kind: Job\napiVersion: batch.volcano.sh/v1alpha1\n", "standard input holds a Job of batch.volcano.sh/v1alpha1, not of batch/v1"},
		{"pods without their Job", strings.Replace(list, "kind: Job\n  metadata:", "kind: Gone\n  metadata:", 1), "standard input holds 12 pods of job preempted-failed-retried but not the Job itself"},
		{"json cut off", asJSON[:len(asJSON)/2], "reading standard input: it is cut off after"},
		{"json cut off early", asJSON[:30], "reading standard input: it is cut off after 0 objects"},
		{"json cut off between items", asJSON[:strings.LastIndex(asJSON, `,{"api`)], "reading standard input: it is cut off after"},
		{"yaml cut off between items", list[:strings.LastIndex(list, "\n- apiVersion")+1], "reading standard input: it is cut off after"},
		{"yaml cut off within an item", list[:len(list)/2], "reading standard input: "},
		{"gzip cut off", gzipped(t, list)[:2000], "reading standard input: it is cut off after"},
		{"no gzip at all", "\x1f\x8bnonsense and more", "reading standard input: unpacking it"},
		{"completions overflow", fmt.Sprintf(jobLine, "99999999999"), "reading standard input: Job j: "},
		{"completions negative", fmt.Sprintf(jobLine, "-3"), "job j has spec.completions -3"},
		{"completions missing", fmt.Sprintf(jobLine, "null"), "job j is Indexed but has no completions"},
		{"too many rules", fmt.Sprintf(jobLine, `1,"podFailurePolicy":{"rules":[`+strings.Repeat("{},", maxRules)+`{}]}`), "job j has 101 rules in its podFailurePolicy"},
		{"completions a word", fmt.Sprintf(jobLine, `"ten"`), "reading standard input: Job j: "},
		{"deep json", `{"kind":"Pod","apiVersion":"v1","a":` + nested("[", "", "]", 20000) + "}", "exceeded max depth"},
		{"deep yaml", "a: " + nested("[", "", "]", 20000), "exceeded max depth"},
		{"deep yaml of dashes", strings.Repeat("- ", 20000), "exceeded max depth"},
		{"json that goes up and down", `{"kind":"Pod","apiVersion":"v1","a":[` + strings.Repeat(nested("[", "", "]", 1000)+",", 200) + "1]}", "an object has more than 131072 fields, elements and levels"},
		{"many fields of many parts", `{"a":[` + strings.Repeat("1,", 70000) + `1],"b":[` + strings.Repeat("1,", 70000) + `1]}`, "an object has more than 131072 fields, elements and levels"},
		{"yaml lists that go up and down", "a:\n" + strings.Repeat("- "+nested("[", "", "]", 1000)+"\n", 200), "an object has more than 131072 fields, elements and levels"},
		{"yaml maps that go up and down", "a:\n" + strings.Repeat("- "+nested("{a: ", "", "}", 1000)+"\n", 200), "an object has more than 131072 fields, elements and levels"},
		{"dashes that go up and down", "a:\n" + strings.Repeat(strings.Repeat("- ", 1000)+"\n", 200), "an object has more than 131072 fields, elements and levels"},
		{"question marks that go up and down", strings.Repeat(strings.Repeat("? ", 1000)+"\n", 200), "an object has more than 131072 fields, elements and levels"},
		{"endless documents", strings.Repeat("---\n", maxObject/4+chunk), "an object is larger than 16 MiB"},
		{"lists in lists", nested(`{"kind":"List","items":[`, "", "]}", 50), "Lists within Lists"},
		{"anchors that explode", laughs("lol", 12), "excessive aliasing"},
		{"anchors of long text", laughs(strings.Repeat("x", 1<<20), 2), "larger than 16 MiB once its anchors are followed"},
		{"an anchor within itself", "a: &a [*a]\n", "contains itself"},
		{"a json list of too much", `{"kind":"Job","apiVersion":"batch/v1","status":{"conditions":[` + strings.Repeat("{},", maxParts+1) + "{}]}}", "an object has more than 131072 fields, elements and levels"},
		{"too many fields", "{" + manyFields(maxParts+1) + "}", "an object has more than 131072 fields, elements and levels"},
		{"a yaml list of too much", "a:\n" + strings.Repeat("- 1\n", maxParts+1), "an object has more than 131072 fields, elements and levels"},
		{"a yaml line of too much", "a: [" + strings.Repeat("1,", maxParts+1) + "1]\n", "an object has more than 131072 fields, elements and levels"},
		{"an endless object", `{"kind":"Pod","a":"` + strings.Repeat("x", maxObject+1), "an object is larger than 16 MiB"},
		{"an endless line of yaml", "a: " + strings.Repeat("x", maxObject+1), "an object is larger than 16 MiB"},
		{"endless white space", strings.Repeat(" ", maxObject+1), "an object is larger than 16 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readText(t, test.text)
			wantError(t, err, test.want)
		})
	}
}

// TestFileLarge: what is large without being endless is read.
func TestFileLarge(t *testing.T) {
	text := fmt.Sprintf(jobLine, "2147483647") + fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","uid":"pu",
		"labels":{"batch.kubernetes.io/controller-uid":"u"},"annotations":{"a":%q}}}`, strings.Repeat("x", 10<<20))
	seen, err := readText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.Attempts) != 1 {
		t.Errorf("%d attempts", len(seen.Attempts))
	}

	var jobs strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&jobs, `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j%03d","uid":"u%d"},"spec":{"completionMode":"Indexed","completions":1}}`, i, i)
	}
	_, err = readText(t, jobs.String())
	wantError(t, err, "there are 1000 Indexed Jobs in standard input: j000, j001, j002, j003, j004, j005, j006, j007, j008, j009, and 990 more")
}

// TestFileMemory: what is not kept is not held either, packed or not.
func TestFileMemory(t *testing.T) {
	const objects, bound = 800, 24 << 20
	junk := fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":%q}}`+"\n", strings.Repeat("x", 64<<10))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	fmt.Fprintf(w, jobLine, "1")
	for range objects {
		io.WriteString(w, junk)
	}
	w.Close()
	t.Logf("%d MiB in %d KiB", objects*len(junk)>>20, packed.Len()>>10)
	runtime.GC()
	highest, before := uint64(0), heap()
	stdin := reading(func(p []byte) (int, error) {
		highest = max(highest, heap())
		return packed.Read(p[:min(len(p), 4096)])
	})
	seen, err := ReadFiles(t.Context(), []string{"-"}, stdin, "", Reference{})
	if err != nil || seen.Job.Name != "j" {
		t.Fatal(err)
	}
	if highest > before+bound {
		t.Errorf("%d MiB were held", (highest-before)>>20)
	}
}

type reading func([]byte) (int, error)

func (r reading) Read(p []byte) (int, error) { return r(p) }

func heap() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

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

func snapshotText(t *testing.T, seen *evidence.Job) string {
	t.Helper()
	var b strings.Builder
	if err := WriteSnapshot(&b, seen, true); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// FuzzReadFiles: whatever the file, an answer or an error of two lines.
func FuzzReadFiles(f *testing.F) {
	addCases(f)
	// Small seeds: the engine spends its time on making them smaller.
	f.Add([]byte(twoJobs))
	f.Add([]byte(fmt.Sprintf(jobLine, "2147483647")))
	f.Add([]byte(laughs("lol", 3)))
	f.Add([]byte("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    uid: a\n    labels: {a: b}\n  status: {phase: Failed}\nkind: List\n"))
	f.Add([]byte(`{"kind":"EventList","apiVersion":"events.k8s.io/v1","items":[{"regarding":{"kind":"Job","uid":"u"},"eventTime":"2026-11-22T10:00:00.000000Z","series":{"count":3}}]}`))
	f.Add([]byte("items:\n- kind: Pod\n  apiVersion: v1\n-\n- - a\nkind: List\n"))
	f.Add([]byte("--- {}\n...\n--- |\n a\n"))
	f.Add([]byte(`{"kind":"List","apiVersion":"v1","metadata":{"annotations":{"indexjob/observedAt":"2026-11-22T10:00:00Z","indexjob/gaps":"[{\"kind\":\"Clock\",\"message\":\"a\",\"error\":\"b\"}]","indexjob/read":"pods,events"}},"items":[` + fmt.Sprintf(jobLine, "1") + `]}`))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255})
	f.Fuzz(func(t *testing.T, text []byte) {
		// Without cancellation there is no goroutine, whose timing the engine
		// would take for new coverage.
		seen, err := ReadFiles(context.Background(), []string{"-"}, bytes.NewReader(text), "", Reference{})
		if (seen == nil) == (err == nil) {
			t.Fatalf("evidence %v beside error %v", seen, err)
		}
		if err != nil && strings.Count(err.Error(), "\nhint: ") != 1 {
			t.Fatalf("error without a hint: %v", err)
		}
		if err != nil {
			return
		}
		if *seen.Job.Spec.Completions < 0 {
			t.Fatal("negative completions")
		}
		// Whatever could be read can be written, and read again.
		snapshot := snapshotText(t, seen)
		again, err := ReadFiles(context.Background(), []string{"-"}, strings.NewReader(snapshot), "", Reference{})
		if err != nil {
			t.Fatalf("%v: %s", err, snapshot)
		}
		if len(again.Attempts) != len(seen.Attempts) || again.Coverage != seen.Coverage || again.Order != seen.Order && seen.Job.ResourceVersion != "" || len(again.Gaps) != len(seen.Gaps) {
			t.Fatalf("of %d pods and %d events %d and %d came back, gaps %v and %v: %s",
				len(seen.Attempts), len(seen.Events), len(again.Attempts), len(again.Events), seen.Gaps, again.Gaps, snapshot)
		}
	})
}

// addCases begins with what people have.
func addCases(f *testing.F) {
	n := 0
	err := filepath.WalkDir("../../hack/cases", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		f.Add(text)
		n++
		return err
	})
	if err != nil || n < 50 {
		f.Fatalf("%d files: %v", n, err)
	}
}
