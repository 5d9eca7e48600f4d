package e2e

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// blockOf is the indented text of the README that begins with a comment.
func blockOf(t *testing.T, comment string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const indent = "    "
	_, rest, found := strings.Cut(string(readme), "\n"+indent+comment+"\n")
	if !found {
		t.Fatalf("README.md has no %q", comment)
	}
	var block strings.Builder
	for line := range strings.Lines(rest) {
		text, indented := strings.CutPrefix(line, indent)
		if !indented || strings.HasPrefix(text, "# ") {
			break
		}
		block.WriteString(text)
	}
	return block.String()
}

// pipeline is an example of the README as its CI system would run it.
type pipeline struct {
	name  string
	shell []string // what runs the script
	env   []string
	// script, and the file that is collected as a JUnit report.
	script, junit string
	// page is the file that is collected as it is, empty for none.
	page string
	// applies: the script itself creates the Job from tests.yaml.
	applies bool
}

func pipelines(t *testing.T) []pipeline {
	t.Helper()
	var github []struct {
		Run, Uses, If string
		With          struct {
			Path    string
			Archive bool
		}
	}
	if err := yaml.UnmarshalStrict([]byte(blockOf(t, "# GitHub Actions")), &github); err != nil || len(github) != 2 || github[1].If != "always()" {
		t.Fatalf("%d steps of GitHub Actions: %v", len(github), err)
	}
	var gitlab struct {
		Tests struct {
			Script    []string
			Artifacts struct {
				When    string
				Paths   []string
				Reports struct{ JUnit string }
			}
		}
	}
	if err := yaml.UnmarshalStrict([]byte(blockOf(t, "# GitLab CI")), &gitlab); err != nil || gitlab.Tests.Artifacts.When != "always" || len(gitlab.Tests.Artifacts.Paths) != 1 {
		t.Fatalf("GitLab CI collects the report %q and %q: %v", gitlab.Tests.Artifacts.When, gitlab.Tests.Artifacts.Paths, err)
	}
	return []pipeline{
		// As the runner starts a step that names no shell.
		{name: "github", shell: []string{"bash", "-e"}, env: []string{"GITHUB_ACTIONS=true"}, script: github[0].Run, junit: "tests.xml", page: github[1].With.Path, applies: true},
		{name: "gitlab", shell: []string{"bash", "-eo", "pipefail"}, env: []string{"GITLAB_CI=true"}, script: strings.Join(gitlab.Tests.Script, "\n"), junit: gitlab.Tests.Artifacts.Reports.JUnit, page: gitlab.Tests.Artifacts.Paths[0], applies: true},
		{name: "shell", shell: []string{"sh", "-e"}, script: blockOf(t, "# A shell with set -e"), junit: "tests.xml"},
	}
}

// TestReadmePipelines runs the README's examples as they stand there.
func TestReadmePipelines(t *testing.T) {
	for _, p := range pipelines(t) {
		for _, end := range []struct {
			name     string
			status   int
			failures bool
			plan     nodes.Plan
			told     string
		}{
			{name: "complete", told: "COMPLETE"},
			{name: "failed", status: 2, failures: true, plan: nodes.Plan{1: {nodes.ExitCode(7)}}, told: "FAILED (FailedIndexes)"},
		} {
			t.Run(p.name+" "+end.name, func(t *testing.T) {
				t.Parallel()
				w := newWorkplace(t, "readme-"+p.name+"-"+end.name, p.env...)
				w.env = append(w.env, "GITHUB_STEP_SUMMARY="+filepath.Join(w.dir, "summary.md"))
				job := awaited("tests", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(0)) })
				job.Namespace, job.TypeMeta = w.namespace, metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}
				if p.applies {
					manifest, err := yaml.Marshal(job)
					if err != nil {
						t.Fatal(err)
					}
					w.write(t, "tests.yaml", manifest)
					stage.Nodes.Play(w.namespace, job.Name, end.plan.Script)
				} else {
					begin(t, stage, job, end.plan)
				}
				w.write(t, "script", []byte(p.script))
				got := w.run(t, p.shell[0], append(p.shell[1:], "script")...)
				if got.status != end.status || !strings.Contains(got.stdout, end.told) {
					t.Fatalf("status %d, want %d\n%s%s", got.status, end.status, got.stdout, got.stderr)
				}
				if failures := holdReport(t, w.file(t, p.junit), 4); (failures > 0) != end.failures {
					t.Errorf("the report has %d failures", failures)
				}
				if lines := "main exits 7"; end.failures && !strings.Contains(got.stdout, lines) {
					t.Errorf("the log does not say %q:\n%s", lines, got.stdout)
				}
				if p.name == "github" {
					if summary := w.file(t, "summary.md"); !strings.Contains(summary, "<code>"+w.namespace+"/tests</code>") {
						t.Errorf("the summary is\n%s", summary)
					}
				}
				if p.page != "" {
					if page := w.file(t, p.page); !strings.Contains(page, "Content-Security-Policy") || !strings.Contains(page, w.namespace) {
						t.Errorf("the page is\n%s", page)
					}
				}
				t.Logf("$ %s\n%s%s", p.script, got.stderr, got.stdout)
			})
		}
	}
}

// The shell's example passes on that nothing was decided.
func TestReadmeShellOnADeletedJob(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "readme-deleted")
	job := awaited("tests", nil)
	job.Namespace = w.namespace
	begin(t, stage, job, nodes.Plan{0: {hang}})
	time.AfterFunc(4*time.Second, func() {
		_ = stage.Client.BatchV1().Jobs(job.Namespace).Delete(t.Context(), job.Name, metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)})
	})
	w.write(t, "script", []byte(blockOf(t, "# A shell with set -e")))
	if got := w.run(t, "sh", "-e", "script"); got.status != 3 || !strings.Contains(got.stderr, "the Job was deleted") {
		t.Errorf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
}

var assignment = regexp.MustCompile(`^    [a-z]+=`)

// runElsewhere are the commands that hack/krew runs, for what is not released yet, and
// TestListWatch and TestBrowse, for what goes on until somebody ends it.
var runElsewhere = []string{" tests", "krew ", "indexjob list --watch", "indexjob browse "}

// TestReadmeCommands runs every other command of the README that begins with
// kubectl, on a Job nightly that a CronJob owns and of which an index is retried.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "readme-commands")
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	job := awaited("nightly", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(1)) })
	job.Namespace = w.namespace
	cronJob, err := stage.Client.BatchV1().CronJobs(w.namespace).Create(t.Context(), &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Name: job.Name},
		Spec:       batchv1.CronJobSpec{Schedule: "0 3 * * *", Suspend: new(true), JobTemplate: batchv1.JobTemplateSpec{Spec: job.Spec}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	job.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(cronJob, batchv1.SchemeGroupVersion.WithKind("CronJob"))}
	begin(t, stage, job, nodes.Plan{2: {nodes.ExitCode(1), {}}})
	if got := w.run(t, "kubectl", "indexjob", "wait", "nightly", "--for", "finished"); got.status != 0 {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	ran, before := 0, ""
	for line := range strings.Lines(string(readme)) {
		if assignment.MatchString(line) {
			before = line // what the command below it needs
		}
		command, indented := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    kubectl ")
		if !indented || slices.ContainsFunc(runElsewhere, func(other string) bool { return strings.Contains(command+" ", other) }) {
			continue
		}
		ran++
		got := w.run(t, "sh", "-ec", before+"kubectl "+command)
		before = ""
		if got.status != 0 || strings.Contains(got.stderr, "error") || strings.Contains(got.stdout, "DISAGREES") {
			t.Errorf("kubectl %s: status %d\n%s%s", command, got.status, got.stdout, got.stderr)
		}
	}
	if ran < 10 {
		t.Errorf("%d commands were found in the README", ran)
	}
}

// holdReport reads a JUnit report of so many testcases and counts its failures.
func holdReport(t *testing.T, report string, testcases int) (failures int) {
	t.Helper()
	var read struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   struct {
			Failures int `xml:"failures,attr"`
			Cases    []struct {
				Failure *string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(report), &read); err != nil {
		t.Fatalf("%v\n%s", err, report)
	}
	for _, c := range read.Suite.Cases {
		if c.Failure != nil {
			failures++
		}
	}
	if len(read.Suite.Cases) != testcases || failures != read.Suite.Failures {
		t.Errorf("%d testcases, want %d; %d failures, said to be %d", len(read.Suite.Cases), testcases, failures, read.Suite.Failures)
	}
	return failures
}
