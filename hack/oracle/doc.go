// Package oracle holds the rules of pkg/controller and pkg/indexes against the
// Job controller itself: the same snapshots go through one Sync of ours and one
// syncJob of the real one, and the same policies, pods, Jobs and index lists
// through the functions of both. Any difference fails.
//
// Of a sync all that it does is compared: both writes to the status with their
// conditions, what the API server's own validation refuses of them, the pods
// created with their annotations, deleted, adopted and released, the finalizers
// taken, when the controller looks again, and the backoff record that it keeps.
// Its memory is seeded: the record, unobserved pods, finalizers on their way.
// What it leaves to chance has to be one of our choices. TestSync draws
// snapshots, TestSyncAtTheCaps crowds, TestSyncOfTheCorpus takes every moment of
// hack/recording, TestSyncOfTheControllersOwnCases what its unit tables try.
// TestSnapshots compares function by function, and with it all criteria that
// hold, of which a sync shows but the first.
//
// Left out: API errors and conflicts other than such a refusal, Workloads and
// PodGroups (the gate WorkloadWithJob), metrics and events, gates that are not at
// their default, older versions (hack/e2e has those), Jobs that are not Indexed,
// index lists that overlap, over which the controller's metrics panic, pods with
// an owner that does not control them, and of messages all but the pod and the
// rule that they name.
//
// A case is drawn from a seed and its number alone, so that the seed printed
// with a failure brings it back:
//
//	go test -seed 7
//
// or ORACLE_SEED=7 make oracle. A case that differs is made as small as the
// difference allows and printed as YAML. A table beside each comparison says
// how often every interesting branch must have been reached: the test cannot
// pass by missing them.
//
// Beside it, package upstream reaches the controller's functions, package
// onesync runs one sync of the real one over any snapshot, package
// simulation runs the whole controller in memory, package corner takes it
// through the corner cases, and package walk through random Jobs.
package oracle
