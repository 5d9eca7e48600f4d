// Package bigjob makes the evidence of a Job that is too large to be recorded:
// 2,000 indexes, 200 at once, read in the middle of its run, as the Job
// controller would have left it. Its pods fail by a script that chance writes,
// from a seed, so that the same Job comes out every time.
package bigjob
