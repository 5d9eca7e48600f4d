// Package onesync runs one sync of the real Job controller over any snapshot: a
// Job and pods as its cache has them, and what it has in memory. It records all
// that the sync asks of the API, and when it wants to look again.
//
// Writes to the status go through the API server's own validation. Everything
// else succeeds.
package onesync
