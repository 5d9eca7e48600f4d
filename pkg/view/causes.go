package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// causesTable has a row per cause.
func (s sheet) causesTable(causes []int) table {
	t := table{columns: []column{
		{right: true},
		{},
		{title: "CAUSE", least: 18},
		{title: "DECISION", spare: 2},
		{title: "ATTEMPTS", right: true, spare: 3},
		{title: "INDEXES", right: true},
		{title: "FATES", spare: 1},
		{title: "NODES", spare: 4},
		{title: "WHICH", spare: 5},
	}}
	for _, n := range causes {
		cause := &s.Signatures[n]
		of := s.indexesOf(cause)
		t.rows = append(t.rows, []line{
			{text(decimal(n + 1))},
			{text(s.shortID(n))},
			{text(cause.Text)},
			{text(decisionWords(cause.Decision, cause.Rule))},
			{text(thousands(cause.Attempts))},
			{text(thousands(of.Len()))},
			s.fatesOf(of),
			{text(nodesInShort(cause))},
			{text(inShort(cause.Indexes, 60))},
		})
	}
	return t
}

// causesInLog has a sentence per cause, which nothing has to be left out of.
func (s sheet) causesInLog(causes []int, hidden int) []line {
	var lines []line
	for _, n := range causes {
		cause := &s.Signatures[n]
		of := s.indexesOf(cause)
		words := line{inked(cause.Text, bold), text(": " + decisionWords(cause.Decision, cause.Rule) + ", " + many(cause.Attempts, "attempt", "attempts") + " of " + many(of.Len(), "index", "indexes"))}
		if nodes := nodesInShort(cause); nodes != "" {
			words = append(words, text(", "+nodes))
		}
		words = append(append(words, text(" (")), s.fatesOf(of)...)
		words = append(words, text("): "), span{inRoom(of, mostRanges, ""), plain})
		lines = append(lines, s.told(s.lead(n), words)...)
	}
	return append(lines, s.moreCauses(hidden)...)
}

func (s sheet) indexesOf(cause *v1alpha1.Signature) indexes.Set {
	set, _ := indexes.ParseStatus(cause.Indexes, s.Completions())
	return set
}

// inShort cuts a list of indexes between two of them.
func inShort(list string, most int) string {
	if len(list) <= most {
		return list
	}
	return list[:strings.LastIndexByte(list[:most-len(ellipsis)], ',')+1] + ellipsis
}

// byKind splits a set of indexes by what became of them.
func (s sheet) byKind(of indexes.Set) []indexes.Set {
	intervals := make([][]indexes.Interval, len(kinds))
	rest := of.Intervals()
	first, _ := of.First()
	for i := s.RecordFrom(first); i < len(s.Fates) && len(rest) > 0; i++ {
		record := &s.Fates[i]
		for len(rest) > 0 && rest[0].Last < record.Index {
			rest = rest[1:]
		}
		k := kindOf(record.Fate, record.Reason)
		for _, one := range rest {
			if one.First > record.Last() {
				break
			}
			intervals[k] = append(intervals[k], indexes.Interval{First: max(one.First, record.Index), Last: min(one.Last, record.Last())})
		}
	}
	sets := make([]indexes.Set, len(kinds))
	for k := range sets {
		sets[k] = indexes.FromIntervals(intervals[k])
	}
	return sets
}

// fatesOf counts what became of a set of indexes: "9X 12r 2b".
func (s sheet) fatesOf(of indexes.Set) line {
	sets := s.byKind(of)
	var l line
	for _, k := range kindsWorstFirst {
		if sets[k].Empty() {
			continue
		}
		if len(l) > 0 {
			l = append(l, text(" "))
		}
		l = append(l, text(thousands(sets[k].Len())), letterOf(k))
	}
	return l
}

// decisionWords are what the policy made of an attempt, and by which rule.
func decisionWords(d v1alpha1.Decision, rule *int32) string {
	words := string(d)
	switch d {
	case v1alpha1.DecisionCount:
		words = "counted"
	case v1alpha1.DecisionIgnore:
		words = "ignored"
	case v1alpha1.DecisionRemoved:
		words = "removed"
	case "":
		words = "not counted"
	}
	if rule != nil {
		words += " " + ruleName(*rule)
	}
	return words
}

// ruleName names an entry of podFailurePolicy.rules, which have no names.
func ruleName(rule int32) string { return "rules[" + decimal(rule) + "]" }

// nodesInShort names the node where most attempts ended, else counts nodes.
func nodesInShort(cause *v1alpha1.Signature) string {
	top, named := topNode(cause)
	switch {
	case len(cause.Nodes) == 0:
		return ""
	case len(cause.Nodes) == 1:
		return top.Name
	case named:
		return thousands(top.Attempts) + " on " + top.Name
	}
	return thousands(int64(len(cause.Nodes))) + " nodes"
}

// topNode is the node with most attempts of a cause; outstanding says that it
// has three in four of them.
func topNode(cause *v1alpha1.Signature) (top v1alpha1.NodeCount, outstanding bool) {
	for _, node := range cause.Nodes {
		if node.Attempts > top.Attempts {
			top = node
		}
	}
	return top, top.Attempts > 2 && top.Attempts*4 >= cause.Attempts*3
}
