package view

// htmlGround is what the answer rests on: sentences, and each difference between the
// replay and the status.
type htmlGround struct {
	Sentences   [][]piece
	Differences *htmlTable
	Facts       []htmlFact
}

// htmlFact is a name and what it is.
type htmlFact struct{ Name, Value string }

func (s sheet) htmlGround() htmlGround {
	g := htmlGround{Sentences: allPieces(s.grounds())}
	e := &s.Evidence
	g.Facts = []htmlFact{
		{"Observed", bare(s.ObservedAt.UTC().Format("2006-01-02 15:04:05Z"))},
		{"Pods", thousands(e.Pods) + ", " + coverageWords(string(e.Coverage.Pods))},
		{"Events", coverageWords(string(e.Coverage.Events))},
		{"Order of reading", bare(string(e.Order))},
	}
	if e.RulesOf != "" {
		g.Facts = append(g.Facts, htmlFact{"Rules of Kubernetes", bare(e.RulesOf)})
	}
	if uid := string(s.Metadata.UID); uid != "" {
		g.Facts = append(g.Facts, htmlFact{"UID", bare(uid)})
	}
	if differences := s.Agreement.Differences; len(differences) > 0 {
		t := &htmlTable{Titles: []string{"Index", "Field", "Recorded", "Replayed", "Because"}}
		for _, d := range differences[:min(len(differences), mostIndexRows)] {
			index := ""
			if d.Index != nil {
				index = decimal(*d.Index)
			}
			t.Rows = append(t.Rows, htmlRow{Cells: []htmlCell{{Text: index}, {Text: bare(d.Field)}, {Text: bare(d.Recorded)}, {Text: bare(d.Replayed)}, {Text: bare(d.Because)}}})
		}
		if more := len(differences) - mostIndexRows; more > 0 {
			t.More = many(int64(more), "more row is", "more rows are") + " left out here."
		}
		g.Differences = t
	}
	return g
}

func coverageWords(level string) string {
	return map[string]string{"Whole": "read whole", "Partial": "read in part", "None": "not read"}[level]
}
