package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// MarkdownPage names a page that was written beside the document.
func MarkdownPage(name string) string { return "Page: " + code(name) + "\n\n" }

// time is where the time went: how long attempts took, what the pods reserved and,
// where it was asked for, the Job over time.
func (p *page) time(s sheet) {
	hasUsage := s.Usage != nil && s.Usage.PodSeconds.Total > 0
	hasDurations := s.Durations != nil && s.Durations.Run.Count > 0
	if !hasUsage && !hasDurations && s.Timeline == nil {
		return
	}
	p.add("#### Time\n\n")
	if s.Timeline != nil {
		p.add(fenced(Timeline(withoutUsage(s.Explanation), nil, Screen{Width: s.screen.Width, Height: Unbounded})))
	}
	if hasDurations {
		titles, rows := durationsTable(s.Durations)
		p.table(spoken(titles), rows, "rows", 0)
		p.slowest(s)
	}
	if hasUsage {
		titles, rows := usageTable(s.Usage)
		for _, row := range rows {
			row[0] = code(row[0])
			for n := range row[1:] {
				row[1+n] = escapeMarkdown(row[1+n])
			}
		}
		p.table(spoken(titles), rows, "rows", 0)
		if n := s.Usage.NotCounted; len(n) > 0 {
			p.add("Not counted: " + code(strings.Join(n, ", ")) + "\n\n")
		}
	}
}

// withoutUsage is the Explanation without what is told in tables.
func withoutUsage(e *v1alpha1.Explanation) *v1alpha1.Explanation {
	without := *e
	without.Usage, without.Durations = nil, nil
	return &without
}

// spoken are titles as a document has them, not in capitals.
func spoken(titles []string) []string {
	var all []string
	for _, title := range titles {
		all = append(all, title[:1]+strings.ToLower(title[1:]))
	}
	return all
}

// slowest are the longest runs, and where they were.
func (p *page) slowest(s sheet) {
	var rows [][]string
	for _, slow := range s.Durations.Slowest {
		rows = append(rows, []string{decimal(slow.Index), inSeconds(slow.Seconds), code(slow.Node)})
	}
	p.table([]string{"Slowest index", "Ran", "Node"}, rows, "rows", 0)
}
