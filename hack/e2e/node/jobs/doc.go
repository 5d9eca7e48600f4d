// Package jobs has the Jobs that run on a real node, as Go values: each a Job,
// what a user does to it and to the node on the way, when to read evidence, and
// how it has to end. What one plays becomes a recording, as on played nodes.
//
// A real node does not do the same twice where two of its parts race. What then
// may differ is allowed for by a scenario's Want and Pods; all else is held.
package jobs
