// Package corner runs the real Job controller through the corner cases of its
// semantics, and holds two things in each: what the controller does, and what
// the plugin says of it from all that a client can read.
//
// The cases are numbered as docs/job-semantics.md, section 13, numbers them, and
// the name of each test is the case in a sentence. Where a case hangs on a
// kubelet, a scheduler or the pod garbage collector, the test writes what they
// would have written, and its comment says so.
//
// Where the plugin has learned to say more, or less, -update rewrites what it
// says in the tests, for a reviewer to read.
package corner
