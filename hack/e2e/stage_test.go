package e2e

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"k8s.io/client-go/kubernetes"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/recorder"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

// defaultVersion is the one that the whole corpus is recorded on.
const defaultVersion = "1.37.2"

var (
	k8s    = flag.String("k8s", cmp.Or(os.Getenv("K8S"), defaultVersion), "the Kubernetes version to run")
	record = flag.Bool("record", false, "write the recordings into ../recording/testdata")
)

// One control plane serves all tests of this package.
var (
	plane *controlplane.ControlPlane
	stage scenarios.Stage
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Jobs mostly wait: what the processors can bear is no limit here.
	_ = flag.Set("test.parallel", "100")
	log.SetFlags(log.Ltime)
	// An interrupted test ends its control plane, and then itself.
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, m)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(ctx context.Context, m *testing.M) (code int, err error) {
	if plane, err = controlplane.Start(ctx, *k8s); err != nil {
		return 1, err
	}
	stop := context.AfterFunc(ctx, func() {
		_ = plane.Stop(false)
		os.Exit(130) // tests would only fail, one after another, without a control plane
	})
	defer stop()
	defer func() {
		if code != 0 || err != nil {
			fmt.Fprintln(os.Stderr, "e2e: the control plane's logs are in", plane.Logs())
		}
		_ = plane.Stop(code != 0 || err != nil)
	}()
	// Watches end before what they watch.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if stage, err = stageOn(ctx, plane); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// stageOn plays the nodes of a control plane and records its Jobs until ctx ends.
func stageOn(ctx context.Context, cp *controlplane.ControlPlane) (on scenarios.Stage, err error) {
	config, err := cp.Config()
	if err != nil {
		return on, err
	}
	if on.Client, err = kubernetes.NewForConfig(config); err != nil {
		return on, err
	}
	if on.Nodes, err = nodes.Start(ctx, on.Client); err != nil {
		return on, fmt.Errorf("play the nodes: %w", err)
	}
	if on.Recorder, err = recorder.Start(ctx, on.Client, on.Nodes.DeletedBy); err != nil {
		return on, fmt.Errorf("start the recorder: %w", err)
	}
	return on, nil
}

// ownPlane is a control plane for one test, which may do to it what it likes.
func ownPlane(t *testing.T) (*controlplane.ControlPlane, scenarios.Stage) {
	t.Helper()
	own, err := controlplane.Start(t.Context(), *k8s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop(t.Failed()) })
	playing, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	on, err := stageOn(playing, own)
	if err != nil {
		t.Fatal(err)
	}
	return own, on
}
