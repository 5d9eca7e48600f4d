// Package view draws an Explanation: the screen with its grid, the trace of an
// index, one cause in full, the reports that CI systems read, and the pieces that the
// interactive screen is put together from. Every view is
// a pure function of the Explanation and the size of a screen; style.go is the
// only place with letters and colours.
package view
