// Package replay explains what became of every index of an Indexed Job, and why:
// evidence and the controller's rules go in, an Explanation comes out.
//
//	e := replay.Explain(seen, seen.ObservedAt)
//	for _, index := range e.Fates {
//		fmt.Println(index.Index, index.Fate, index.Reason)
//	}
//
// It is a line of stages, each a value that the next one reads and nobody
// changes: what the Job says (jobFacts), its pods (podTable), what the next sync
// makes of them (forecast), what is counted in all (totals). The fate of an index
// is a function of its own history and of totals (fate.go); what may have happened
// without a trace takes something away from it again (doubts.go). Then come the
// conclusion, the causes, the findings and the gaps.
//
// What is, is true of the instant of reading. What follows is a forecast, in
// fields of its own. Unknown is for what cannot be seen any more.
//
// It sees no client, no operating system and no clock: the time is a parameter.
// The rules are those of package controller; here are only history, accounts and
// words. Explain begins anew each time: nothing is kept from one look to the next.
package replay
