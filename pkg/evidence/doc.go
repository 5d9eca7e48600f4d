// Package evidence is what was seen of one Indexed Job, and what could not be:
// the Job, its pods reduced to the facts that the controller's rules read, the
// events, and the gaps.
//
// It is the left-hand waist of the program, plain data: package cluster fills
// it from an API server or from files, package replay reads it. Both ways in
// give the same evidence for the same objects.
package evidence
