package view

import (
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// About tells in one line what became of the indexes from first to last: of one its
// fate, its attempts and why, of several how many there are of each fate.
func About(e *v1alpha1.Explanation, first, last int32, screen Screen) string {
	s := newSheet(e, screen)
	if first != last {
		of := indexes.Range(first, last)
		l := line{inked("indexes "+of.String(), bold), text("  ")}
		return drawn([]line{append(l, s.fatesOf(of)...)}, s.screen)[0]
	}
	return s.aboutOne(line{inked("index "+decimal(first), bold)}, first)
}

// AboutIn is About one index of a cell that stands for those from first to last.
func AboutIn(e *v1alpha1.Explanation, index, first, last int32, screen Screen) string {
	s := newSheet(e, screen)
	return s.aboutOne(line{inked("index "+decimal(index), bold), text(", in " + indexes.Range(first, last).String())}, index)
}

func (s sheet) aboutOne(l line, index int32) string {
	l = append(l, text("  "))
	record := s.RecordOf(index)
	if record == nil {
		return drawn([]line{append(l, text("nothing is known of it"))}, s.screen)[0]
	}
	k := kindOf(record.Fate, record.Reason)
	l = append(l, letterOf(k), text(" "+kinds[k].phrase))
	if attempts := attemptsInShort(record); attempts != "" {
		l = append(l, text("  attempts "+attempts))
	}
	if record.Message != "" {
		l = append(l, text("  "+record.Message))
	}
	return drawn([]line{l}, s.screen)[0]
}

// Several tells which of the indexes from first to last came to which end, the worst
// first, in as many lines as the screen has.
func Several(e *v1alpha1.Explanation, first, last int32, screen Screen) []string {
	s := newSheet(e, screen)
	var lines []line
	sets := s.byKind(indexes.Range(first, last))
	for _, k := range kindsWorstFirst {
		if set := sets[k]; !set.Empty() {
			lead := line{letterOf(k), text(" " + thousands(set.Len()) + " " + kinds[k].phrase + ": ")}
			lines = append(lines, append(lead, text(inRoom(set, s.screen.Width-lead.width(), ""))))
		}
	}
	return drawn(brokenOff(lines, s.screen.Height, s.screen.Width), s.screen)
}

// TraceLines is Trace of one index, line by line.
func TraceLines(e *v1alpha1.Explanation, index int32, screen Screen) []string {
	return linesOf(Trace(e, indexes.Of(index), screen))
}
