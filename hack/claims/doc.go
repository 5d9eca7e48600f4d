// Package claims holds what an Explanation claims against what in truth
// happened: over a recording whole, and with its evidence lost in many ways.
// The unit tests do so over the corpus, the soak of hack/e2e over random Jobs.
package claims
