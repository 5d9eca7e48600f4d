package view

import (
	"cmp"
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// mostIndexRows is how many rows of indexes stand on a page.
const mostIndexRows = 200

// htmlIndexes are the indexes that have something to tell, the worst first, those
// that are told alike in one row.
func (s sheet) htmlIndexes() htmlTable {
	t := htmlTable{Class: "stacked", Titles: []string{"Index", "Fate", "Attempts", "Why"}}
	var records []*v1alpha1.IndexFate
	for i := range s.Fates {
		if record := &s.Fates[i]; kinds[kindOf(record.Fate, record.Reason)].part != ordinary {
			records = append(records, record)
		}
	}
	rows := toldAlike(records)
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.badness(), b.badness()) })
	shown := min(mostIndexRows, len(rows))
	for _, r := range rows[:shown] {
		first, _ := r.of.First()
		t.Rows = append(t.Rows, htmlRow{ID: "index=" + decimal(first), Cells: []htmlCell{
			{Ranges: breakable(inShort(r.of.String(), markdownCell))},
			{Class: "short", Letter: letterPiece(r.kind()), Text: kinds[r.kind()].phrase},
			{Class: "short", Text: bare(attemptsInShort(r.record))},
			{Text: bare(r.record.Message)},
		}})
	}
	if more := len(rows) - shown; more > 0 {
		t.More = many(int64(more), "more row is", "more rows are") + " left out here."
	}
	return t
}
