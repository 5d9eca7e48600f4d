// Package recorder watches Jobs, their pods and the nodes that play them from
// before a Job is created, and yields what it saw as recordings: moments, read
// as a client reads, beside the ledger of what in truth happened.
package recorder
