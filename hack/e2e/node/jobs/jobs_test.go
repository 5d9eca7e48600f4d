//go:build linux

package jobs_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/node/jobs"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// version of the node and its control plane: kubelets differ, and cgroup v1 asks
// for one that still knows it.
const version = "1.37.2"

const (
	// atOnce is how many Jobs run side by side: more, and what a pod does in a
	// second takes it ten.
	atOnce = "10"
	// upWithin is what starting all of it may take.
	upWithin = 30 * time.Second
	// largest is the size that a recording may have, so that it can be read.
	largest = 60 << 10
)

var record = flag.Bool("record", false, "write the recordings into hack/recording/testdata")

var (
	plane *controlplane.ControlPlane
	stage *jobs.Stage
)

func TestMain(m *testing.M) {
	os.Exit(node.Run(prepare, func() int {
		flag.Parse()
		_ = flag.Set("test.parallel", atOnce)
		status, err := run(m)
		if err != nil {
			fmt.Fprintln(os.Stderr, "jobs:", err)
			return 1
		}
		return status
	}))
}

// prepare builds what cannot be built where there is no network.
func prepare(ctx context.Context, dir string) error {
	if err := node.Prepare(ctx, version); err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, "kubectl-indexjob"), "./cmd/kubectl-indexjob")
	build.Dir = filepath.Join("..", "..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the plugin: %w\n%s", err, out)
	}
	return nil
}

func run(m *testing.M) (int, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	began := time.Now()
	cp, n, err := node.Start(ctx, version)
	if err != nil {
		return 1, err
	}
	fmt.Printf("up after %.1f s\n", time.Since(began).Seconds())
	if up := time.Since(began); up > upWithin {
		return 1, fmt.Errorf("the node was up after %s, later than %s", up, upWithin)
	}
	plane = cp
	config, err := cp.Config()
	if err != nil {
		return 1, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return 1, err
	}
	if stage, err = jobs.NewStage(ctx, client, n); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// The first of these ends before the second begins: what that does to the node
// would hit its pods.

func TestTogether(t *testing.T) {
	for _, scenario := range jobs.Together() {
		t.Run(scenario.Name, func(t *testing.T) {
			t.Parallel()
			play(t, scenario)
		})
	}
}

func TestOneByOne(t *testing.T) {
	for _, scenario := range jobs.OneByOne() {
		t.Run(scenario.Name, func(t *testing.T) { play(t, scenario) })
	}
}

// play runs the scenario, holds it against what it has to be and what the plugin
// has to say, and writes its recording where that is asked for.
func play(t *testing.T, scenario jobs.Scenario) {
	r, err := stage.Play(t.Context(), scenario)
	if err != nil {
		t.Error(err)
		if r == nil {
			return
		}
	}
	for _, difference := range scenario.Want.Differences(r) {
		t.Error(difference)
	}
	if scenario.Pods != nil {
		if err := scenario.Pods(r); err != nil {
			t.Error(err)
		}
	}
	for _, wrong := range scenario.Wrong(explain(t, &scenario.Scenario)) {
		t.Error(wrong)
	}
	data, err := r.Format()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > largest {
		t.Errorf("its recording has %d bytes, more than %d", len(data), largest)
	}
	if *record && !t.Failed() {
		write(t, r)
	}
	if err := stage.Clear(t.Context(), scenario); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, r *recording.Recording) {
	if err := r.WriteFile(filepath.Join("..", "..", "..", "recording", "testdata")); err != nil {
		t.Error(err)
	}
}

// explain asks the plugin about the Job.
func explain(t *testing.T, scenario *scenarios.Scenario) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(node.Dir(), "kubectl-indexjob"),
		"explain", scenario.Job.Name, "--namespace="+scenario.Job.Namespace, "--kubeconfig="+plane.Kubeconfig, "-o", "json")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("kubectl indexjob explain %s: %v\n%s", scenario.Job.Name, err, errs.String())
	}
	return out.Bytes()
}
