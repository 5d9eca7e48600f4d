// Package bench makes large Jobs and measures what explaining them costs, end to
// end: the plugin as it is installed, as a process of its own, beside the least
// that a client could do, in the same run. What lies within one package has its
// benchmarks there, and takes its Jobs from here.
package bench
