//go:build linux

package node

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/process"
)

const (
	// Name is the node's.
	Name = "node-1"
	// Address is on the loopback interface of the node's own network: a kubelet
	// refuses 127.0.0.1 as its node's.
	Address = "10.99.0.1"
)

// Node is a running one.
type Node struct {
	dir, packages, programs string
	plane                   *controlplane.ControlPlane
	client                  kubernetes.Interface

	containerd, kubelet, scheduler *process.Process
}

// options are what a control plane needs for a real node: those who tell that it
// is lost, and what becomes of its pods.
var options = controlplane.Options{
	Controllers:  []string{"node-lifecycle-controller", "taint-eviction-controller"},
	ManagerFlags: []string{"--node-monitor-period=1s", "--node-monitor-grace-period=" + Grace.String()},
}

// Start starts a control plane and, beside it, the node, and keeps its neighbour
// well until ctx ends. It is to be called within Run.
func Start(ctx context.Context, version string) (*controlplane.ControlPlane, *Node, error) {
	n := &Node{dir: Dir()}
	up := make(chan error, 1)
	go func() { up <- n.boot(ctx) }()
	plane, err := controlplane.StartWith(ctx, version, options)
	if err := errors.Join(err, <-up); err != nil {
		return plane, n, fmt.Errorf("start the node: %w", err)
	}
	if err := n.join(ctx, plane); err != nil {
		return plane, n, fmt.Errorf("start the node: %w", err)
	}
	return plane, n, nil
}

// boot starts what needs no control plane.
func (n *Node) boot(ctx context.Context) (err error) {
	if n.packages, err = unpacked(); err != nil {
		return err
	}
	if err := errors.Join(n.configureContainerd(), n.configureKubelet()); err != nil {
		return err
	}
	if err := n.startContainerd(ctx); err != nil {
		return err
	}
	return n.importImages(ctx)
}

// join makes it a node of the control plane.
func (n *Node) join(ctx context.Context, plane *controlplane.ControlPlane) (err error) {
	n.plane = plane
	if n.programs, err = programs(ctx, plane.Version); err != nil {
		return err
	}
	config, err := plane.Config()
	if err != nil {
		return err
	}
	if n.client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	if err := playNeighbour(ctx, n.client); err != nil {
		return err
	}
	n.scheduler, err = process.Start(n.logs(), filepath.Join(n.programs, "kube-scheduler"),
		"--kubeconfig="+plane.Kubeconfig, "--leader-elect=false", "--secure-port=0")
	if err != nil {
		return err
	}
	return n.StartKubelet(ctx)
}

// wait tries until it works, or the process ends that it depends on.
func (n *Node) wait(ctx context.Context, what string, on *process.Process, every time.Duration, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if on.Ended() {
			return fmt.Errorf("wait until %s: %s ended early", what, on.Name())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, errors.Join(ctx.Err(), err))
		case <-time.After(every):
		}
	}
}

// Stop ends the node's own programs. The pods end with the namespaces.
func (n *Node) Stop() {
	for _, p := range []*process.Process{n.kubelet, n.scheduler, n.containerd} {
		p.Stop(syscall.SIGKILL)
	}
}

func (n *Node) logs() string { return n.file("logs") }

func (n *Node) file(name string) string { return filepath.Join(n.dir, name) }
