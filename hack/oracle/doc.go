// Package oracle holds the rules of pkg/replay and pkg/indexes against the Job
// controller's own functions: the same generated policies, pods, Jobs and index
// lists go through both, and any difference fails.
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
// simulation runs the whole controller in memory, package corner takes it
// through the corner cases, and package walk through random Jobs.
package oracle
