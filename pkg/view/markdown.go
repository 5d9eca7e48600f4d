package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// MarkdownLimit is what a summary has to stay below: GitHub drops the whole of
// one above 1024k.
const MarkdownLimit = 1<<20 - 1

const (
	// markdownNotes is kept for saying what is left out.
	markdownNotes = 512
	// markdownCell is the widest that a cell of a table gets.
	markdownCell = 300
	// markdownCauses is how many causes get a row; the indexes are worth more.
	markdownCauses = 100
)

// Markdown is the screen as a document of at most so many bytes: what happened
// and the grid, the causes, the logs, and every unusual index, the worst first.
// What does not fit is counted. Text from a cluster stands in fences or in
// <code>, where nothing of it is a link, a mention or an image.
func Markdown(e *v1alpha1.Explanation, logs []Log, most int) string {
	if most < markdownNotes {
		return ""
	}
	s := newSheet(e, Screen{Width: 100})
	p := &page{left: most - markdownNotes}
	p.add("### " + strings.ToUpper(escapeMarkdown(oneLine(string(e.Conclusion.State)))) + ": job " + code(s.jobName()) + "\n\n")
	fatal, _ := s.fatalCauses()
	stuck, notes := s.findings(3)
	lines := slices.Concat(s.headline(), s.lists(), s.story(fatal), []line{nil}, newGrid(s).lines(s.screen.Width), []line{nil}, stuck, notes)
	p.add(fenced(render(append(lines, s.evidence()...), false)))
	p.table([]string{"Cause", "What", "Decision", "Attempts", "Indexes", "Fates", "Nodes", "Which"}, s.causesMarkdown(), "causes", len(e.Signatures))
	p.logs(e, logs)
	p.time(s)
	p.table([]string{"Index", "Fate", "Attempts", "Why"}, s.indexesMarkdown(), "rows of indexes", 0)
	return p.String()
}

func (s sheet) causesMarkdown() [][]string {
	var rows [][]string
	for n := range s.Signatures[:min(markdownCauses, len(s.Signatures))] {
		cause := &s.Signatures[n]
		of := s.indexesOf(cause)
		rows = append(rows, []string{
			decimal(n + 1), code(cause.Text), code(decisionWords(cause.Decision, cause.Rule)), thousands(cause.Attempts),
			thousands(of.Len()), code(render([]line{s.fatesOf(of)}, false)), code(nodesInShort(cause)), code(inShort(cause.Indexes, markdownCell)),
		})
	}
	return rows
}

// indexesMarkdown has a row per index that explains the Job, and one for all
// those that follow from it alike.
func (s sheet) indexesMarkdown() [][]string {
	var unusual []row
	var others []*v1alpha1.IndexFate
	for i := range s.Fates {
		record := &s.Fates[i]
		switch kinds[kindOf(record.Fate, record.Reason)].part {
		case explains:
			unusual = append(unusual, row{indexes.Range(record.Index, record.Last()), record})
		case follows:
			others = append(others, record)
		}
	}
	unusual = append(unusual, toldAlike(others)...)
	slices.SortStableFunc(unusual, func(a, b row) int { return cmp.Compare(a.badness(), b.badness()) })
	rows := make([][]string, 0, len(unusual))
	for _, r := range unusual {
		k := kinds[r.kind()]
		rows = append(rows, []string{
			inShort(r.of.String(), markdownCell), code(string(k.letter)) + " " + k.phrase, code(attemptsInShort(r.record)), code(r.record.Message),
		})
	}
	return rows
}

// page is a document that keeps to a size.
type page struct {
	strings.Builder
	left int
}

// add writes a block if there is room for it.
func (p *page) add(block string) bool {
	if len(block) > p.left {
		return false
	}
	p.left -= len(block)
	p.WriteString(block)
	return true
}

// table writes as many rows as there is room for and counts the others, out of
// the rows or, where there are more than those, out of all.
func (p *page) table(titles []string, rows [][]string, what string, all int) {
	written := 0
	if len(rows) > 0 && p.add("| "+strings.Join(titles, " | ")+" |\n|"+strings.Repeat(" --- |", len(titles))+"\n") {
		for written < len(rows) && p.add("| "+strings.Join(rows[written], " | ")+" |\n") {
			written++
		}
	}
	p.leftOut(max(all, len(rows))-written, what)
	if len(rows) > 0 {
		p.add("\n")
	}
}

func (p *page) logs(e *v1alpha1.Explanation, logs []Log) {
	left := 0
	for i := range logs {
		l := &logs[i]
		if !p.add("<details><summary>" + code(l.title(e)) + "</summary>\n\n" + fenced(l.text()) + "</details>\n\n") {
			left++
		}
	}
	p.leftOut(left, "logs")
}

// leftOut goes to the room that is kept for it.
func (p *page) leftOut(n int, what string) {
	if n > 0 {
		fmt.Fprintf(&p.Builder, "\n%s more %s are left out here.\n\n", thousands(int64(n)), what)
	}
}

// code is text from a cluster within a line or a cell.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + escapeMarkdown(strings.TrimSpace(render([]line{sentence(s).fit(markdownCell)}, false))) + "</code>"
}

// fenced is text in a block of its own, which no line of it can end.
func fenced(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "text\n" + strings.TrimRight(s, "\n") + "\n" + fence + "\n\n"
}

// escapeMarkdown writes what could mean something to Markdown or HTML as a
// reference, which never does, not even in a table, where a | in backticks would.
// So are the dot of www. and the colon of a URL, which become links anywhere.
// GitHub looks for mail addresses once references are read, but in one run of
// text: a comment ends it.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r == '@' {
			b.WriteString("<!-- -->")
		}
		url := r == ':' && strings.HasPrefix(s[i:], "://") || r == '.' && i > 0 && (s[i-1] == 'w' || s[i-1] == 'W')
		if url || strings.ContainsRune("\\`*_{}[]<>#+!|~@&$^", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
