//go:build linux

package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/process"
)

// containerdConfig is for containerd 1.6, Debian 12's. What it holds against the
// usual: oom_score_adj cannot be lowered where CAP_SYS_RESOURCE is missing, and
// without a word about it no sandbox starts ("can't get final child's PID").
const containerdConfig = `version = 2
root = %q
state = "/run/containerd"
[grpc]
  address = %q
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %q
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = %q
    conf_dir = %q
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = %q
        SystemdCgroup = false
`

// networkConfig is a bridge for the pods, without a way out.
const networkConfig = `{"cniVersion": "1.0.0", "name": "e2e", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.99.1.0/24"}]], "dataDir": "/run/cni"}}
]}
`

// networkDir is where containerd looks for the pods' network.
func (n *Node) networkDir() string { return filepath.Join(n.dir, "cni") }

func (n *Node) configureContainerd() error {
	config := fmt.Sprintf(containerdConfig, containerdDir, runtimeSocket, pauseImage,
		filepath.Join(n.packages, "usr", "lib", "cni"), n.networkDir(), filepath.Join(n.packages, "usr", "sbin", "runc"))
	if err := os.WriteFile(n.file("containerd.toml"), []byte(config), 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll(n.networkDir(), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(n.networkDir(), "10-bridge.conflist"), []byte(networkConfig), 0o644)
}

// startContainerd starts it and waits until it answers.
func (n *Node) startContainerd(ctx context.Context) (err error) {
	n.containerd, err = process.Start(n.logs(), filepath.Join(n.packages, "usr", "bin", "containerd"), "--config", n.file("containerd.toml"))
	if err != nil {
		return err
	}
	return n.wait(ctx, "containerd answers", n.containerd, 100*time.Millisecond, func(ctx context.Context) error {
		return n.ctr(ctx, "version")
	})
}

func (n *Node) importImages(ctx context.Context) error {
	archive := n.file("images.tar")
	if err := writeImages(archive, filepath.Join(n.packages, "bin", "busybox")); err != nil {
		return err
	}
	return n.ctr(ctx, "--namespace=k8s.io", "images", "import", archive)
}

// ctr runs containerd's own client.
func (n *Node) ctr(ctx context.Context, args ...string) error {
	return command(ctx, n.dir, filepath.Join(n.packages, "usr", "bin", "ctr"), append([]string{"--address=" + runtimeSocket}, args...)...)
}
