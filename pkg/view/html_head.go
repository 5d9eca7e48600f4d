package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// mostListed is how long a list of indexes gets on a page, in characters.
const mostListed = 16 << 10

// htmlHead is what happened.
type htmlHead struct {
	State, Job, Size, Story, Spent []piece
	Lists                          []htmlList
	Stuck, Notes                   [][]piece
}

// htmlList is a set of indexes as ranges, to be copied.
type htmlList struct {
	Word, Count string
	Ranges      []string
	Letter      *piece
}

func (s sheet) htmlHead(fatal []int) htmlHead {
	h := htmlHead{State: pieces(s.stateWords()), Job: pieces(s.jobWords()), Size: pieces(s.sizeWords()), Story: pieces(joined(s.story(fatal))), Spent: pieces(joined(s.spent()))}
	for _, of := range s.unsuccessful() {
		h.Lists = append(h.Lists, newHTMLList(of.word, of.set, mostListed))
	}
	for _, f := range s.tellingFirst() {
		if f.Kind.Stuck() {
			h.Stuck = append(h.Stuck, pieces(joined(s.finding(f, inked("STUCK", held), "", Unbounded))))
		} else {
			h.Notes = append(h.Notes, pieces(joined(s.finding(f, inked("Note", bold), ":", Unbounded))))
		}
	}
	return h
}

func newHTMLList(word string, set indexes.Set, room int) htmlList {
	return htmlList{Word: word, Count: thousands(set.Len()), Ranges: breakable(inRoom(set, room, ""))}
}

func (l htmlList) length() int {
	n := 0
	for _, part := range l.Ranges {
		n += len(part)
	}
	return n
}

// mostBreakable is how long a list is of which each number stays whole, for an element
// stands at each place where it may break.
const mostBreakable = 2000

// breakable is a list of indexes in parts between which a browser may break it.
func breakable(list string) []string {
	if len(list) > mostBreakable {
		return []string{list}
	}
	return strings.SplitAfter(list, ",")
}

// joined is a text that was broken into lines in one line again.
func joined(lines []line) line {
	var whole line
	for n, l := range lines {
		if n > 0 {
			whole = append(whole, text(" "))
		}
		whole = append(whole, l...)
	}
	return whole
}
