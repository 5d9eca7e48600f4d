// Package v1alpha1 is the Explanation: what became of every index of one
// Indexed Job, and why, as a document that other programs may rely on.
//
// A field is absent only where its value is unknown or does not apply; 0 and
// false are written. Lists that are always there are written as [] when empty.
// Rules count from 0, as the Job controller's messages do; attempts from 1.
// Times are RFC 3339 in UTC, to the second. Fields may be added, never renamed
// or given another meaning.
//
// The package holds types only. It is the right-hand waist of the program:
// package replay fills it, the views and kubectl's printers format it.
package v1alpha1
