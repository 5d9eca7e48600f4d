// Package terminal is what the program knows of the surroundings that it runs
// in: streams, size, whether colour is wanted, the clock. All of it is injected;
// FromOS is the only function that asks the operating system.
//
// It also holds Sanitize, the one place where text from a cluster is made safe
// to show.
package terminal
