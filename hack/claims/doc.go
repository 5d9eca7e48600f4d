// Package claims holds what an Explanation claims against what in truth
// happened: over a recording whole, and with its evidence lost in many ways.
// The unit tests do so over the corpus, the soak of hack/e2e over random Jobs.
//
// testdata/costs.golden has how much is claimed of the corpus, by kind of claim and
// of loss: what a new doubt costs, or a new recording adds, shows there, and
// go test ./hack/claims -run Cost -update writes it.
package claims
