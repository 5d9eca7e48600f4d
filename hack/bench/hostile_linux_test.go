package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mostResident is how much memory anything may take that we are given to read.
const mostResident = 512 << 20

// BenchmarkHostile explains what is made to exhaust whoever reads it. It is
// explained, or refused in one line and a hint.
func BenchmarkHostile(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(hostileFiles)) {
		b.Run(name, func(b *testing.B) {
			build(b)
			var explain Cost
			for b.Loop() {
				explain = explain.Add(explainHostile(b, name))
			}
			explain.Report(b, "explain")
			if explain.Peak > mostResident {
				b.Errorf("it took %d MiB", explain.Peak>>20)
			}
		})
	}
}

func explainHostile(b *testing.B, name string) Cost {
	write := as("hostile", name)
	stdin, err := write.StdoutPipe()
	if err == nil {
		err = write.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(plugin, "explain", "-f", "-")
	cmd.Stdin, cmd.Stderr = stdin, &stderr
	cmd.Env = append(os.Environ(), "KUBECONFIG="+os.DevNull)
	begin := time.Now()
	err = cmd.Run()
	wall := time.Since(begin)
	stdin.Close()
	_ = write.Process.Kill() // it may go on for ever
	_ = write.Wait()
	if err != nil && (cmd.ProcessState.ExitCode() != 1 || strings.Count(stderr.String(), "\n") != 2 || !strings.Contains(stderr.String(), "\nhint: ")) {
		b.Errorf("%v\n%s", err, stderr.Bytes())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return Cost{Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Peak: usage.Maxrss << 10}
}

// hostileFiles write what is made to exhaust whoever reads it, as long as
// somebody does. Each is written by a process of its own.
var hostileFiles = map[string]func(w io.Writer){
	"yaml-flow-nested":    func(w io.Writer) { repeat(w, 1600, "- "+strings.Repeat("[", 9990)+strings.Repeat("]", 9990)+"\n") },
	"yaml-maps-nested":    func(w io.Writer) { repeat(w, 1000, "- "+strings.Repeat("{a: ", 5000)+strings.Repeat("}", 5000)+"\n") },
	"yaml-dashes":         func(w io.Writer) { repeat(w, 1600, strings.Repeat("- ", 9990)+"a\n") },
	"yaml-question-marks": func(w io.Writer) { repeat(w, 1600, strings.Repeat("? ", 9990)+"a\n") },
	"yaml-indented": func(w io.Writer) {
		for i := range 7000 {
			fmt.Fprintf(w, "%*sa:\n", i, "")
		}
	},
	"yaml-anchors":     func(w io.Writer) { io.WriteString(w, "a0: &a0 "+strings.Repeat("x", 1<<20)+"\n"); laughs(w) },
	"yaml-one-line":    func(w io.Writer) { io.WriteString(w, "a: ["); repeat(w, 15<<20, "1,") },
	"yaml-many-lines":  func(w io.Writer) { repeat(w, 10<<20, "- \n") },
	"yaml-empty-parts": func(w io.Writer) { io.WriteString(w, "a: ["); repeat(w, 10<<20, "[],") },
	"json-nested":      func(w io.Writer) { io.WriteString(w, `{"a":`); repeat(w, 30<<20, "[") },
	"json-nests": func(w io.Writer) {
		io.WriteString(w, `{"kind":"Pod","apiVersion":"v1","a":[`)
		repeat(w, 3000, strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+",")
		io.WriteString(w, "1]}")
	},
	"json-containers": func(w io.Writer) {
		io.WriteString(w, jobOf(1, "")+`{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"p"},"status":{"containerStatuses":[`)
		repeat(w, 1_000_000, "{},")
		io.WriteString(w, "{}]}}")
	},
	"json-templates": func(w io.Writer) {
		io.WriteString(w, `{"kind":"Job","apiVersion":"batch/v1","spec":{"template":{"spec":{"containers":[`)
		repeat(w, 1_000_000, "{},")
		io.WriteString(w, "{}]}}}}")
	},
	"small-pods": func(w io.Writer) {
		numbered(w, jobOf(1, ""), `{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"%d"}}`)
	},
	"small-own-pods": func(w io.Writer) {
		numbered(w, jobOf(1, ""), `{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"%d","ownerReferences":[{"uid":"u","controller":true}]},"status":{"phase":"Failed","conditions":[{"message":"%[1]d"},{}],"containerStatuses":[{},{"state":{"terminated":{"message":"%[1]d"}}}]}}`)
	},
	"small-pods-yaml": func(w io.Writer) {
		numbered(w, "", "---\n{kind: Pod, apiVersion: v1, metadata: {uid: u%d, labels: {a: b%[1]d}}}\n")
	},
	"small-labels": func(w io.Writer) {
		numbered(w, "", `{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"%d","labels":{"%[1]d":"","a":"b"}}}`)
	},
	"small-jobs": func(w io.Writer) { numbered(w, "", `{"kind":"Job","apiVersion":"batch/v1","metadata":{"uid":"%d"}}`) },
	"small-versions": func(w io.Writer) {
		numbered(w, "", `{"kind":"Job","apiVersion":"batch/v1","metadata":{"uid":"u","resourceVersion":"%d"}}`)
	},
	"small-events": func(w io.Writer) {
		numbered(w, "", `{"kind":"Event","apiVersion":"v1","metadata":{"uid":"%d"},"involvedObject":{"kind":"Job"}}`)
	},
	"small-namespaces": func(w io.Writer) { numbered(w, "", `{"kind":"Event","apiVersion":"v1","metadata":{"namespace":"%d"}}`) },
	"small-kinds":      func(w io.Writer) { numbered(w, "", `{"kind":"K%d","apiVersion":"v1"}`) },
	"small-fields":     func(w io.Writer) { io.WriteString(w, "{"); numbered(w, "", `"%d":1,`) },
	"small-gaps": func(w io.Writer) {
		numbered(w, "", `{"kind":"List","items":[],"metadata":{"annotations":{"indexjob.io/gaps":"%d"}}}`)
	},
	"endless-zeros":   func(w io.Writer) { repeat(w, endless, string(make([]byte, 4096))) },
	"endless-yes":     func(w io.Writer) { repeat(w, endless, "y\n") },
	"endless-lines":   func(w io.Writer) { repeat(w, endless, "\n") },
	"endless-objects": func(w io.Writer) { repeat(w, endless, "{}") },
	"endless-lists":   func(w io.Writer) { repeat(w, endless, "[]") },
	"endless-markers": func(w io.Writer) { repeat(w, endless, "---\n") },
	"endless-gzip":    func(w io.Writer) { z := gzip.NewWriter(w); repeat(z, endless, "[\n") },
	"runs":            func(w io.Writer) { io.WriteString(w, jobOf(1<<30, evenIndexes(10<<20))) },
	"inferred": func(w io.Writer) {
		io.WriteString(w, strings.Replace(jobOf(1<<20, ""), `"completions"`, `"backoffLimitPerIndex":2147483647,"completions"`, 1))
		for i := range 60_000 {
			fmt.Fprintf(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p%d","uid":"%[1]d","ownerReferences":[{"uid":"u","controller":true}],"annotations":{"batch.kubernetes.io/job-completion-index":"%[1]d","batch.kubernetes.io/job-index-failure-count":"2000000"}},"status":{"phase":"Failed"}}`, i)
		}
	},
	"full-own-pods": func(w io.Writer) {
		io.WriteString(w, strings.Replace(jobOf(1<<20, ""), `"completions"`, `"backoffLimitPerIndex":9,"completions"`, 1))
		for i := range 300_000 {
			fmt.Fprintf(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p%d","uid":"%[1]d","ownerReferences":[{"uid":"u","controller":true}],"annotations":{"batch.kubernetes.io/job-completion-index":"%[1]d","batch.kubernetes.io/job-index-failure-count":"2"}},"status":{"phase":"Failed","reason":"r%[1]d","message":"m%[1]d"}}`, i)
		}
	},
	"full-true-job": func(w io.Writer) { trueJob(w, 100_000, 3) },
	"full-messages": func(w io.Writer) {
		io.WriteString(w, jobOf(1<<20, ""))
		for i := range 130 {
			fmt.Fprintf(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p%d","uid":"%[1]d","ownerReferences":[{"uid":"u","controller":true}],"annotations":{"batch.kubernetes.io/job-completion-index":"%[1]d"}},"status":{"phase":"Failed","message":"%[1]d%s"}}`, i, strings.Repeat("word 12 ", 1<<18))
		}
	},
	"full-containers": func(w io.Writer) {
		io.WriteString(w, jobOf(1<<20, ""))
		for i := range 80 {
			fmt.Fprintf(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p%d","uid":"%[1]d","ownerReferences":[{"uid":"u","controller":true}],"annotations":{"batch.kubernetes.io/job-completion-index":"%[1]d"}},"status":{"phase":"Failed","containerStatuses":[`, i)
			repeat(w, 18_000, `{"name":"c","state":{"terminated":{"exitCode":3}}},`)
			io.WriteString(w, "{}]}}")
		}
	},
	"full-runs":      func(w io.Writer) { io.WriteString(w, jobOf(1<<30, evenIndexes(17<<20/10))) },
	"long-text-yaml": func(w io.Writer) { io.WriteString(w, "a: "); repeat(w, 15<<20, "x") },
	"long-text-json": func(w io.Writer) {
		io.WriteString(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"annotations":{"a":"`)
		repeat(w, 15<<20, "x")
		io.WriteString(w, `"}}}`)
	},
	"many-rules": func(w io.Writer) {
		io.WriteString(w, `{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","selector":{},"completions":1,"podFailurePolicy":{"rules":[`)
		repeat(w, 20_000, `{"action":"Count","onExitCodes":{"operator":"In","values":[1]}},`)
		io.WriteString(w, `{}]}}}{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","uid":"p","ownerReferences":[{"uid":"u","controller":true}],"annotations":{"batch.kubernetes.io/job-completion-index":"0"}},"status":{"phase":"Failed","containerStatuses":[`)
		repeat(w, 20_000, `{"name":"c","state":{"terminated":{"exitCode":3}}},`)
		io.WriteString(w, "{}]}}")
	},
	"rules": func(w io.Writer) {
		const n = 12_000
		io.WriteString(w, `{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","selector":{},"completions":1,"podFailurePolicy":{"rules":[{"action":"Ignore","onPodConditions":[{"type":"z","status":"True"}`)
		for i := range n {
			fmt.Fprintf(w, `,{"type":"t%d","status":"True"}`, i)
		}
		io.WriteString(w, `]}]}}}`+`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","uid":"p","ownerReferences":[{"uid":"u","controller":true}]},"status":{"phase":"Failed","conditions":[{"type":"y","status":"True"}`)
		for i := range n {
			fmt.Fprintf(w, `,{"type":"t%d","status":"False"}`, i)
		}
		io.WriteString(w, `]}}`)
	},
}

const endless = 1 << 62

func repeat(w io.Writer, n int, text string) {
	for range n {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
	}
}

// numbered writes 200 MB of objects that are all different.
func numbered(w io.Writer, first, format string) {
	io.WriteString(w, first)
	for i, n := 0, 0; n < 200<<20; i++ {
		written, err := fmt.Fprintf(w, format, i)
		if err != nil {
			return
		}
		n += written
	}
}

func trueJob(w io.Writer, indexes, attempts int32) {
	b := bufio.NewWriter(w)
	_ = jsonList(b, func(item func(any) error) error {
		if err := item(Job(indexes, attempts)); err != nil {
			return err
		}
		for pod := range Pods(indexes, attempts) {
			pod.ManagedFields = nil
			if err := item(pod); err != nil {
				return err
			}
		}
		return b.Flush()
	})
	b.Flush()
}

func laughs(w io.Writer) {
	for i := range 8 {
		fmt.Fprintf(w, "a%d: &a%[1]d [%s]\n", i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9))
	}
}

func jobOf(completions int, completed string) string {
	return fmt.Sprintf(`{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","selector":{},"completions":%d},"status":{"completedIndexes":%q}}`, completions, completed)
}

func evenIndexes(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i += 2 {
		fmt.Fprintf(&b, "%d,", i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func writeHostile() error {
	w := bufio.NewWriter(os.Stdout)
	hostileFiles[os.Args[1]](w)
	return w.Flush()
}
