//go:build linux

package node

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/process"
)

// Grace is how long the node lifecycle controller takes a silent node for ready,
// a fifth of the default.
const Grace = 10 * time.Second

// configureKubelet writes its configuration. It serves anybody, since there is
// nobody, and asks as an administrator: who may what is no concern of ours.
func (n *Node) configureKubelet() error {
	config, err := json.Marshal(map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
		"failCgroupV1": false, "cgroupDriver": "cgroupfs",
		"containerRuntimeEndpoint": "unix://" + runtimeSocket,
		"address":                  Address, "healthzPort": 0, "readOnlyPort": 0,
		"authentication": map[string]any{"anonymous": map[string]any{"enabled": true}, "webhook": map[string]any{"enabled": false}},
		"authorization":  map[string]any{"mode": "AlwaysAllow"},
		// There is no iptables, and what is missing in /proc/sys is no error then.
		"makeIPTablesUtilChains": false,
		"failSwapOn":             false,
		"protectKernelDefaults":  true, // it compares, see pretendSysctls, and does not write
		"resolvConf":             "",
		"clusterDNS":             []string{"10.0.0.10"}, // nobody is there; without, each pod has a warning
		"volumePluginDir":        filepath.Join(kubeletDir, "volume-plugins"),
		// Often enough for Grace, and for evictions to come in seconds.
		"nodeStatusUpdateFrequency": "2s", "nodeStatusReportFrequency": "2s", "nodeLeaseDurationSeconds": 4,
		"volumeStatsAggPeriod":             "2s",
		"evictionPressureTransitionPeriod": "3s",
		// The pods' disk fills; the machine's disk and memory are no concern of ours.
		"evictionHard": map[string]any{
			"nodefs.available": "20%", "nodefs.inodesFree": "1%", "imagefs.available": "1Mi", "memory.available": "50Mi",
		},
		"imageGCHighThresholdPercent": 100, // or it removes images when the machine's disk is full
	})
	if err != nil {
		return err
	}
	return os.WriteFile(n.file("kubelet.json"), config, 0o644)
}

// StartKubelet starts it, the first time or after KillKubelet, and waits until
// the node is ready.
func (n *Node) StartKubelet(ctx context.Context) (err error) {
	began := metav1.Now().Rfc3339Copy()
	n.kubelet, err = process.Start(n.logs(), filepath.Join(n.programs, "kubelet"),
		"--config="+n.file("kubelet.json"), "--kubeconfig="+n.plane.Kubeconfig,
		"--hostname-override="+Name, "--node-ip="+Address, "--v=2")
	if err != nil {
		return err
	}
	return n.wait(ctx, "the node is ready", n.kubelet, 200*time.Millisecond, func(ctx context.Context) error {
		node, err := n.client.CoreV1().Nodes().Get(ctx, Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, c := range node.Status.Conditions {
			if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue && !c.LastHeartbeatTime.Before(&began) {
				return nil
			}
		}
		return errors.New("the node is not ready")
	})
}

// KillKubelet ends the kubelet as a crash would; the pods go on.
func (n *Node) KillKubelet() { n.kubelet.Stop(syscall.SIGKILL) }
