// Package browse is the interactive screen: a Job, or the table of Jobs, in which a
// person can move about. A Model takes messages, news among them as well as keys, and
// draws pages; it reads nothing, writes nothing, and has no clock but the time that
// its messages tell. Whoever runs it, as a bubbletea program, sends
//
//	Look, Jobs, Log   what is new of the Job that is open, of the table, of a log
//	Tick              the time, about once a second
//
// and takes from what its commands return
//
//	OpenJob, CloseJob, FollowLog, CloseLog   what to send news of
//
// so that every key is tested as a frame follows from it. What is drawn comes from
// package view, which alone knows letters and colours, and through which all text of
// the cluster goes.
//
// Each page is a file: jobs, grid, trace, log, causes, help.
package browse
