// Package nodes plays the scheduler and the kubelets of a few nodes: it binds
// the pods of Jobs, writes their statuses as a kubelet would, obeys their
// deletion, and removes them. How each attempt of an index fares is a Script.
//
// What a kubelet writes is taken from pkg/kubelet (status_manager
// TerminatePod, kubelet_pods getPhase, eviction_manager) of Kubernetes 1.37.
package nodes
