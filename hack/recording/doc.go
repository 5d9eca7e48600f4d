// Package recording holds what was recorded of a real Job on a real control
// plane: the evidence as a client could read it at some moments, and beside it
// the Ledger of what in truth happened. The recordings in testdata are the
// corpus that unit tests replay; hack/e2e writes them.
//
// A Recording is one txtar archive, so that a reviewer sees a Job whole in one
// file:
//
//	moments.json     name and instant of every moment, in order of time
//	<moment>.yaml    what `kubectl get job,pods,events -o yaml` prints for the Job at that moment
//	ledger.json      every pod that ever lived, every change of the Job, every action of a user
package recording
