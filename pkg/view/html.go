package view

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// The page is written by hand, in the order in which a browser reads it: there is
// nothing to build (docs/decisions/13-the-page.md).
//
//go:embed html
var htmlFiles embed.FS

var (
	htmlTemplate = template.Must(template.ParseFS(htmlFiles, "html/*.html"))
	htmlStyle    = inkStyle() + htmlFile("page.css")
	htmlScript   = htmlFile("data.js") + htmlFile("index.js") + htmlFile("filter.js") + htmlFile("page.js")
	// htmlPolicy lets nothing in but our own style and script: no text of a cluster
	// can become either, and nothing is ever fetched.
	htmlPolicy = "default-src 'none'; style-src '" + hashOf(htmlStyle) + "'; script-src '" + hashOf(htmlScript) + "'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)

// htmlFile is a file of the page; those that it is made of are always there.
func htmlFile(name string) string {
	data, err := htmlFiles.ReadFile("html/" + name)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// hashOf is how a Content-Security-Policy names a text.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// inkStyle names the colours of style.go for the rest of the style.
func inkStyle() string {
	var light, dark, rules strings.Builder
	for _, p := range paper {
		light.WriteString("--" + p.name + ":" + p.light + ";")
		dark.WriteString("--" + p.name + ":" + p.dark + ";")
	}
	for _, p := range paints {
		for n, what := range []string{"", "-letter"} {
			if p.light[n] != "" {
				light.WriteString("--" + p.name + what + ":" + p.light[n] + ";")
				dark.WriteString("--" + p.name + what + ":" + p.dark[n] + ";")
			}
		}
		if p.light[0] == "" {
			continue
		}
		rules.WriteString(".f-" + p.name + "{fill:var(--" + p.name + ")}.l-" + p.name + "{fill:var(--" + p.name + "-letter)}" +
			".i-" + p.name + "{background:var(--" + p.name + ");color:var(--" + p.name + "-letter)}\n")
	}
	for _, with := range slices.Sorted(maps.Keys(strokeLooks)) {
		look := strokeLooks[with]
		light.WriteString("--" + look.name + ":" + look.light + ";")
		dark.WriteString("--" + look.name + ":" + look.dark + ";")
		rules.WriteString(".f-" + look.name + "{fill:var(--" + look.name + ")}.l-" + look.name + "{fill:var(--plain-letter)}\n")
	}
	return ":root{color-scheme:light dark;" + light.String() + "}\n" +
		"@media screen and (prefers-color-scheme:dark){:root{" + dark.String() + "}}\n" + rules.String()
}

// htmlPage is everything on the page, in words.
type htmlPage struct {
	Title, Policy string
	Style         template.CSS
	Script        template.JS
	Head          htmlHead
	Causes        htmlCauses
	Grid          htmlGrid
	Indexes       htmlTable
	Time          htmlTime
	Limits        htmlTable
	Ground        htmlGround
	Logs          []htmlLog
	Next          []string
	Data          htmlData
}

// HTML is the page: what the screen has, with more room, in one file that needs no
// network, no script and no style to be read. The timeline is that of the
// Explanation, if it has one.
func HTML(w io.Writer, e *v1alpha1.Explanation, logs []Log) error {
	s := newSheet(e, Screen{Width: Unbounded, Height: Unbounded})
	fatal, others := s.fatalCauses()
	p := htmlPage{
		Title:  bareLine(append(s.stateWords(), text(": job "+s.jobName()))),
		Policy: htmlPolicy, Style: template.CSS(htmlStyle), Script: template.JS(htmlScript),
		Head:    s.htmlHead(fatal),
		Causes:  s.htmlCauses(logs),
		Grid:    s.htmlGrid(),
		Indexes: s.htmlIndexes(),
		Time:    s.htmlTime(),
		Limits:  s.htmlLimits(),
		Ground:  s.htmlGround(),
		Logs:    htmlLogs(e, logs, 0),
		Data:    s.htmlData(logs),
	}
	for _, command := range s.nextCommands(s.unusual(), fatal, others) {
		p.Next = append(p.Next, bare(shellLine(command)))
	}
	return htmlTemplate.ExecuteTemplate(w, "page.html", &p)
}

// piece is a span of a line as a template writes it: with the name of its ink.
type piece struct{ Ink, Text string }

// pieces are a line for a template. What a CI system would obey is broken here, too:
// a page may be printed.
func pieces(l line) []piece {
	var all []piece
	for _, s := range disarm(l) {
		name := ""
		if s.ink != plain {
			name = paints[s.ink].name
		}
		all = append(all, piece{name, s.text})
	}
	return all
}

func allPieces(lines []line) [][]piece {
	var all [][]piece
	for _, l := range lines {
		all = append(all, pieces(l))
	}
	return all
}

// htmlTable is a table of text: its caption, its titles and, where rows had to be
// left out, how many.
type htmlTable struct {
	Class  string
	Titles []string
	Rows   []htmlRow
	More   string
}

// htmlRow has the name by which a link finds it.
type htmlRow struct {
	ID    string
	Cells []htmlCell
}

// htmlCell is text or a list of indexes and, before it, the letter of a kind.
type htmlCell struct {
	Class  string
	Letter *piece
	Text   string
	Ranges []string
}
