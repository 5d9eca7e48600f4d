// Package replay holds the Job controller's rules as pure functions over the
// evidence, and explains with them what became of every index.
//
// It sees no client, no operating system and no clock: the time is a
// parameter. One file holds one concern and is named as upstream names it;
// comments say which function of k8s.io/kubernetes v1.37.2 decides the same.
// The functions are ours, and hack/oracle holds them against upstream's own.
//
// Explain begins anew each time: nothing is kept from one look to the next, also
// on a live screen. docs/performance.md says what that costs.
package replay
