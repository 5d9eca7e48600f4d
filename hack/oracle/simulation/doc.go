// Package simulation runs the real Job controller, one sync at a time, against
// an API held in memory.
//
// The controller is k8s.io/kubernetes' own, with a clock that tests move. Its
// API is small but keeps the rules that matter: Jobs are defaulted and
// validated by the API server's own strategies, status updates as well; a
// deleted pod waits for its grace period, its kubelet and its finalizers. The
// test plays the user and the kubelets. Nothing happens between the calls of a
// test: a sync sees exactly what Observe has shown it.
package simulation
