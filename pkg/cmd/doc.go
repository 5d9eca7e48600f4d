// Package cmd is the command line, one file a verb. Each verb goes the same
// way: Flags hold what was typed, Options what is needed to run, Validate finds
// what does not fit together, Run does it.
package cmd
