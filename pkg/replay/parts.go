package replay

import "sync"

// atOnce is in how many parts the pods of a Job are gone through at once. It is
// no number of this machine's, so that every machine tests the same; nothing
// that is told depends on it.
const atOnce = 4

// inParts goes through n things in parts at once, each from one place up to
// another.
func inParts(n int, do func(part, from, to int)) {
	var parts sync.WaitGroup
	for part := range atOnce {
		parts.Go(func() { do(part, part*n/atOnce, (part+1)*n/atOnce) })
	}
	parts.Wait()
}
