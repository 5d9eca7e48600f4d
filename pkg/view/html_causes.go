package view

import (
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// htmlCauses are the causes, those that did most harm first.
type htmlCauses struct {
	All  []htmlCause
	More string
}

// htmlCause is one of them: what it did, what became of its indexes, when, where, and
// an attempt to look at.
type htmlCause struct {
	Number                int
	ID, Text, Message     string
	IsFatal               bool
	Decision              piece
	Harm, When            string
	Lists                 []htmlList
	Nodes                 []string
	Example, ExampleIndex string
	Logs                  []htmlLog
}

// htmlLog is the end of what an attempt wrote, and how the script finds it.
type htmlLog struct {
	ID, Title, Text string
}

// How long the lists of all causes are together, in characters, and how long each one
// may be when that is used up.
const roomOfCauses, leastListed = 128 << 10, 200

// mostNodes is how many nodes of a cause are named.
const mostNodes = 12

func (s sheet) htmlCauses(logs []Log) htmlCauses {
	var c htmlCauses
	shown, room := min(markdownCauses, len(s.Signatures)), roomOfCauses
	for n := range shown {
		c.All = append(c.All, s.htmlCause(n, logs, &room))
	}
	if more := len(s.Signatures) - shown; more > 0 {
		c.More = many(int64(more), "more cause is", "more causes are") + " left out here."
	}
	return c
}

// htmlCause takes the room for its lists from what is left of it.
func (s sheet) htmlCause(n int, logs []Log, room *int) htmlCause {
	cause := &s.Signatures[n]
	c := htmlCause{
		Number: n + 1, ID: bare(s.shortID(n)), Text: bare(cause.Text), IsFatal: s.IsFatal(cause),
		Decision: piece{paints[decisionInk(cause.Decision)].name, bare(decisionWords(cause.Decision, cause.Rule))},
		Harm:     bare(s.attemptsOfCause(cause)),
		Logs:     htmlLogs(s.Explanation, logs, n+1),
	}
	c.When = bare(stopless(s.causeTimes(cause)))
	if cause.Message != "" && cause.Message != cause.Text {
		c.Message = bare(cause.Message)
	}
	if example := cause.Example; example != nil {
		c.ExampleIndex = decimal(example.Index)
		for _, name := range []string{attemptName(example.Attempt), example.Pod, example.Node} {
			if name != "" {
				c.Example += ", " + bare(name)
			}
		}
	}
	for _, node := range cause.Nodes[:min(mostNodes, len(cause.Nodes))] {
		c.Nodes = append(c.Nodes, bare(thousands(node.Attempts)+" on "+node.Name))
	}
	if more := len(cause.Nodes) - mostNodes; more > 0 {
		c.Nodes = append(c.Nodes, many(int64(more), "more node", "more nodes"))
	}
	sets := s.byKind(s.indexesOf(cause))
	for _, k := range kindsWorstFirst {
		if !sets[k].Empty() {
			l := newHTMLList(kinds[k].phrase, sets[k], max(leastListed, min(mostListed, *room)))
			*room -= l.length()
			l.Letter = letterPiece(k)
			c.Lists = append(c.Lists, l)
		}
	}
	return c
}

func attemptName(attempt int32) string {
	if attempt < 1 {
		return ""
	}
	return "attempt " + decimal(attempt)
}

// decisionInk tells what ends an index or the Job from what only counts.
func decisionInk(d v1alpha1.Decision) ink {
	switch d {
	case v1alpha1.DecisionFailIndex:
		return given
	case v1alpha1.DecisionFailJob:
		return bad
	case v1alpha1.DecisionCount:
		return held
	}
	return plain
}

func letterPiece(k uint8) *piece {
	return &piece{paints[kinds[k].ink].name, string(kinds[k].letter)}
}

// htmlLogs are those of a cause or, of none, those of chosen indexes.
func htmlLogs(e *v1alpha1.Explanation, logs []Log, cause int) []htmlLog {
	var all []htmlLog
	for n := range logs {
		if l := &logs[n]; l.Cause == cause || cause == 0 && l.Cause > len(e.Signatures) {
			all = append(all, htmlLog{logID(n), l.title(e), l.text()})
		}
	}
	return all
}

// logID is what the log of this place is called on the page.
func logID(n int) string { return "log-" + decimal(n) }

// logOf is the ID of the log of an attempt, empty where it was not read.
func logOf(logs []Log, index int32, a *v1alpha1.Attempt) string {
	n := slices.IndexFunc(logs, func(l Log) bool { return l.Index == index && l.Pod == a.Pod && a.Pod != "" })
	if n < 0 {
		return ""
	}
	return logID(n)
}
