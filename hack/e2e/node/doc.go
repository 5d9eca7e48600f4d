// Package node is a real node on a machine that has none: kubelet and
// kube-scheduler, built as the other components are, over Debian's containerd,
// runc and CNI plugins, which are unpacked and not installed.
//
// Run starts the program that calls it once more in namespaces of its own:
// processes, mounts, network, host name, System V IPC and cgroups. There it is
// root over a machine whose loopback interface is all that it can reach. What
// control plane, node and pods do there stays there; the outer half only waits.
//
//	the caller ── a keeper ── PID 1 of the namespaces ── the caller once more, who runs the body
//	                                                     ├─ etcd, kube-apiserver, ...
//	                                                     └─ containerd, kubelet, pods
//
// One folder below ${TMPDIR:-/tmp} and one cgroup in each hierarchy hold all
// that this leaves outside. The keeper removes them when the body has ended, and
// when the caller has, however that was; the caller removes them when the keeper
// was killed; and when both were, the next caller does.
//
// It needs root, cgroup v1, and on the first run Debian's packages: see Fit.
package node
