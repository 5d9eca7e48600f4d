// Package soak makes random Jobs with random outcomes, from a seed, and runs
// many of them at once on one control plane. What is said of each at random
// moments and at its end is held against what happened by a function that the
// caller gives.
//
//	JOBS=500 K8S=1.33.13 SEED=7 go test ./hack/e2e -run TestSoak -timeout 2h
//
// Job number n of seed s is job 0 of seed s+n: SEED=s+n JOBS=1 runs it alone.
package soak
