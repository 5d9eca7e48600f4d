// Package cluster is the only one that talks to an API server or reads
// evidence files. Both ways in fill the same evidence.Job: Client.Observe from
// a cluster, ReadFiles from what kubectl printed.
//
// A Follower goes on from there: it watches one Job, keeps what it has seen of
// pods that are gone, and overcomes what a server does to watches.
//
// Nothing is ever sent but GET. A list that came in part is an error and never
// evidence; what may be missing without making the rest worthless (events, the
// server's version, pods where the right to list them is missing) becomes a
// gap.
package cluster
