// Package speed measures the plugin against a real API server, beside a client
// that reads the same pages and throws them away, and beside kubectl. No nodes
// play here: what they do would be measured too.
package speed
