// Package indexes is arithmetic on sets of completion indexes, held as
// intervals and written in the Job controller's own syntax: "0,3-7".
//
// Cost follows the number of intervals, never the number of indexes: a Job may
// have two thousand million of them.
package indexes
