package view

import (
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// findings are told in so many lines each: those of what is stuck, and the others.
func (s sheet) findings(perFinding int) (stuck, notes []line) {
	for _, f := range s.tellingFirst() {
		if f.Kind.Stuck() {
			stuck = append(stuck, s.finding(f, inked("STUCK", held), "", perFinding)...)
		} else {
			notes = append(notes, s.finding(f, inked("Note", bold), ":", perFinding)...)
		}
	}
	return stuck, notes
}

// tellingFirst are the findings, those first that say where or why attempts failed.
func (s sheet) tellingFirst() []*v1alpha1.Finding {
	telling := map[v1alpha1.FindingKind]int{v1alpha1.GatheredOnNode: -3, v1alpha1.OOMKilled: -2, v1alpha1.GatheredInTime: -1}
	var findings []*v1alpha1.Finding
	for i := range s.Findings {
		findings = append(findings, &s.Findings[i])
	}
	slices.SortStableFunc(findings, func(a, b *v1alpha1.Finding) int { return telling[a.Kind] - telling[b.Kind] })
	return findings
}

// finding leads with its indexes where they are few, since a line may be cut.
func (s sheet) finding(f *v1alpha1.Finding, lead span, colon string, most int) []line {
	const few = 20
	words := line{lead}
	switch {
	case f.Indexes == "" || names(f.Message, f.Indexes):
		words = append(words, text(colon+" "+f.Message))
	case len(f.Indexes) <= few:
		words = append(words, text(" ("+f.Indexes+")"+colon+" "+f.Message))
	default:
		words = append(words, text(colon+" "+stopless(f.Message)+" ("), span{s.manyIndexes(f.Indexes, 30), plain}, text(")"))
	}
	if most == 1 {
		return []line{s.fit(words, s.screen.Width)}
	}
	return brokenOff(s.wrap(words, s.screen.Width, 2), most, s.screen.Width)
}

// names reports whether a message names a list of indexes itself. One index
// alone may stand there as another number.
func names(message, list string) bool {
	return strings.ContainsAny(list, ",-") && strings.Contains(message, list)
}

// manyIndexes is a list of indexes in so many characters or, in a log, in as many as
// lists have there.
func (s sheet) manyIndexes(list string, most int) string {
	if !s.isLog() {
		return oneLine(inShort(list, most))
	}
	set, ok := indexes.ParseStatus(list, s.Completions())
	if !ok {
		return oneLine(list)
	}
	return inRoom(set, mostRanges, "")
}
