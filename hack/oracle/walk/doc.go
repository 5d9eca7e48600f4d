// Package walk runs random Jobs on the real Job controller, in memory and by a
// clock that it moves, and holds whatever the plugin says on the way.
//
// A walk is a Job and a list of actions, drawn from a seed: pods run, exit,
// are deleted or disrupted; the Job is suspended, resumed, scaled and given
// other limits. Before every sync the plugin explains what a client can read,
// and then the controller does what it does: what was foreseen must come. When
// the walk is over its ledger is known, and every explanation on the way is
// held against it, with all the evidence and with much of it lost.
//
// A walk that finds something wrong is made as short as it stays wrong, and
// printed with its seed.
package walk
