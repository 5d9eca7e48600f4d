// Package controlplane builds and runs a real Kubernetes control plane on the
// loopback interface: etcd, kube-apiserver and kube-controller-manager with the
// controllers that touch Jobs. There is no scheduler and no kubelet; package
// nodes plays them, and package node has real ones.
//
// Everything is built from the Go modules go.etcd.io/etcd/server/v3 and
// k8s.io/kubernetes, so that nothing but a Go toolchain and a module proxy is
// needed. The binaries stay in ${INDEXJOB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/indexjob-e2e},
// a folder a version: ten minutes cold on two cores, nothing warm.
package controlplane
