package corner

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/simulation"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Every case has its test.
func TestAllCasesAreThere(t *testing.T) {
	var source strings.Builder
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	for number := 1; number <= 56; number++ {
		if n := strings.Count(source.String(), fmt.Sprintf("\nfunc TestCorner%02d", number)); n != 1 {
			t.Errorf("case %d has %d tests", number, n)
		}
	}
}

// begin creates an Indexed Job of that spec, one container named main that
// never restarts unless the spec says else, and lets the controller create its
// first pods.
func begin(t *testing.T, spec string) *simulation.Simulation {
	t.Helper()
	s := simulation.New(t, manifest(t, spec))
	s.Settle()
	return s
}

// manifest is a Job named job: the spec, over what every case has in common.
func manifest(t *testing.T, spec string) string {
	t.Helper()
	job := map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": "job"},
	}
	common := `{completionMode: Indexed, template: {spec: {restartPolicy: Never, containers: [{name: main, image: main}]}}}`
	merged := map[string]any{}
	for _, text := range []string{common, spec} {
		fields := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for key, value := range fields {
			merged[key] = value
		}
	}
	job["spec"] = merged
	data, err := yaml.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Pod templates that differ from the common one.
const (
	withSidecar      = `template: {spec: {restartPolicy: Never, containers: [{name: main, image: main}], initContainers: [{name: proxy, image: proxy, restartPolicy: Always}]}}`
	withTwo          = `template: {spec: {restartPolicy: Never, containers: [{name: main, image: main}, {name: second, image: second}]}}`
	restartOnFailure = `template: {spec: {restartPolicy: OnFailure, containers: [{name: main, image: main}], initContainers: [{name: proxy, image: proxy, restartPolicy: Always}]}}`
	withFinalizer    = `template: {metadata: {finalizers: [example.com/keep]}, spec: {restartPolicy: Never, containers: [{name: main, image: main}]}}`
)

// decides holds the status that the controller has written.
func decides(t *testing.T, s *simulation.Simulation, want string) {
	t.Helper()
	if got := s.Summary(); got != want {
		t.Errorf("the controller:\n  got  %s\n  want %s", got, want)
	}
}

// explains holds what the plugin says: the state, its reason and what is
// foreseen in the first line, then a line for each fate with its failures,
// counted and ignored. The replay must agree with the status, unless a line
// says else.
func explains(t *testing.T, s *simulation.Simulation, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	got := inLines(s.Explain())
	diff := cmp.Diff(lines, got)
	switch {
	case diff == "":
	case *update:
		rewriteLater(want, got)
	default:
		t.Errorf("the plugin (-want +got):\n%s", diff)
	}
}

func inLines(e *v1alpha1.Explanation) []string {
	head := string(e.Conclusion.State)
	if e.Conclusion.Reason != "" {
		head += " " + e.Conclusion.Reason
	}
	if p := e.Conclusion.Predicted; p != nil {
		head += ", next " + strings.Join(append([]string{p.Reason}, p.AlsoMet...), " and ")
	}
	if e.Conclusion.CanOnlyEnd != "" {
		head += ", can only end " + string(e.Conclusion.CanOnlyEnd)
	}
	lines := []string{head}
	for _, fate := range e.Fates {
		index := fmt.Sprint(fate.Index)
		if fate.Last() != fate.Index {
			index += fmt.Sprint("-", fate.Last())
		}
		line := strings.TrimSpace(fmt.Sprintf("%s %s %s", index, fate.Fate, fate.Reason))
		line += fmt.Sprintf(" %d+%d", fate.Failures.Counted, fate.Failures.Ignored)
		if !fate.Failures.Exact {
			line += " at least"
		}
		if fate.RetryTime != nil {
			line += " retry " + fate.RetryTime.UTC().Format(time.TimeOnly)
		}
		lines = append(lines, line)
	}
	if e.Agreement.Result != v1alpha1.Agrees {
		lines = append(lines, string(e.Agreement.Result))
	}
	for _, d := range e.Agreement.Differences {
		if e.Agreement.Result == v1alpha1.Disagrees {
			lines = append(lines, fmt.Sprintf("%s is %s, replayed %s", d.Field, d.Recorded, d.Replayed))
		}
	}
	return lines
}

// bornWith holds the count annotations of an index's newest pod.
func bornWith(t *testing.T, s *simulation.Simulation, index int, counted, ignored string) {
	t.Helper()
	pod := s.Pod(index)
	got := [2]string{pod.Annotations[batchv1.JobIndexFailureCountAnnotation], pod.Annotations[batchv1.JobIndexIgnoredFailureCountAnnotation]}
	if want := [2]string{counted, ignored}; got != want {
		t.Errorf("pod %s was born with counted and ignored failures %q, want %q", pod.Name, got, want)
	}
}

func isActive(t *testing.T, s *simulation.Simulation, want ...int) {
	t.Helper()
	if want == nil {
		want = []int{}
	}
	if got := s.Active(); !cmp.Equal(got, want) {
		t.Errorf("active indexes %v, want %v", got, want)
	}
}

func hasFinalizer(pod *corev1.Pod) bool {
	for _, finalizer := range pod.Finalizers {
		if finalizer == batchv1.JobTrackingFinalizer {
			return true
		}
	}
	return false
}

// wait lets time pass and the controller act on it.
func wait(s *simulation.Simulation, d time.Duration) {
	s.Advance(d)
	s.Settle()
}
