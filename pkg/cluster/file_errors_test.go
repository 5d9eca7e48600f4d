package cluster

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

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
		{"changes of a watch", `{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1"}}`, "--output-watch-events"},
		{"a table", "NAME   COMPLETIONS   DURATION   AGE\nj   0/2   4s   4s\n", "the table of kubectl get"},
		{"text behind JSON", fmt.Sprintf(jobLine, "1") + "\n\nand that was all\n", `line 3 is no object: "and that was all"`},
		{"text behind an array", "- kind: Job\n\nthe end\n", `line 3 is no object: "the end"`},
		{"an error within an item", "kind: List\nitems:\n- kind: Job\n- kind: Pod\n  a: b: c\n", "line 5"},
		{"an error behind the items", "items:\n- kind: Job\n- kind: Pod\nkind: List\na: b: c\n", "line 5"},
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
