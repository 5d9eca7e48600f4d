// Package process runs the programs of a control plane and of a node beside a
// test, and sees to it that none outlives the test.
package process
