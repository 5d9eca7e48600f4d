package view

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	goldmarktext "github.com/yuin/goldmark/text"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view/viewtest"
)

// To a CommonMark parser the tables are tables whose rows have as many cells as
// there are titles, and no word from a cluster is a link, an image, emphasis or
// HTML of its own.
func TestMarkdownHoldsNothingButItsOwn(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		logs := randomLogs(random, e)
		source := []byte(Markdown(e, logs, MarkdownLimit))
		tables, fences := 0, 0
		err := ast.Walk(parsed(source), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch n := n.(type) {
			case *extast.Table:
				tables++
				titles := n.FirstChild().ChildCount()
				for row := n.FirstChild(); row != nil; row = row.NextSibling() {
					if row.ChildCount() != titles || titles < 3 {
						t.Errorf("a row of %d cells, with %d titles", row.ChildCount(), titles)
					}
				}
			case *ast.FencedCodeBlock:
				fences++
			case *ast.RawHTML:
				if tag := string(n.Segments.Value(source)); tag != "<code>" && tag != "</code>" && tag != "<!-- -->" {
					t.Errorf("it has the tag %q", tag)
				}
			case *ast.HTMLBlock:
				if block := string(n.Lines().Value(source)); !strings.HasPrefix(block, "<details><summary><code>") && block != "</details>\n" || strings.Count(strings.ReplaceAll(block, "<!-- -->", ""), "<") > 6 {
					t.Errorf("it has HTML %q", block)
				}
			case *ast.Link, *ast.AutoLink, *ast.Image, *ast.Emphasis, *ast.CodeSpan, *extast.Strikethrough, *ast.List, *ast.Blockquote, *ast.CodeBlock, *ast.ThematicBreak:
				t.Errorf("it has a %s", n.Kind())
			}
			return ast.WalkContinue, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want, most := 1+len(logs), min(1, len(e.Signatures))+1
		if e.Timeline != nil {
			want++
		}
		if e.Usage != nil {
			most++
		}
		if e.Durations != nil {
			most += 2
		}
		if fences != want {
			t.Errorf("%d fences, want the screen, the timeline and %d logs", fences, len(logs))
		}
		if tables > most {
			t.Errorf("%d tables of %d", tables, most)
		}
	})
}

func parsed(source []byte) ast.Node {
	return goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(goldmarktext.NewReader(source))
}

// TestMarkdownMailsNobody: GitHub makes a link of a mail address in any run of text
// outside of a fence, references read.
func TestMarkdownMailsNobody(t *testing.T) {
	address := regexp.MustCompile(`[\w.+-]@[\w-]`)
	between := regexp.MustCompile("(?s)<[^>]*>|\n`{3,}text\n.*?\n`{3,}\n")
	for _, attack := range viewtest.Attacks {
		e := viewtest.Explanation(attack)
		for _, run := range between.Split(Markdown(e, logsLike(e), MarkdownLimit), -1) {
			if found := address.FindString(html.UnescapeString(run)); found != "" {
				t.Errorf("%q is a link in %q", found, run)
			}
		}
	}
}

// What does not fit is counted, and the rest is still whole.
func TestMarkdownIsCutWithACount(t *testing.T) {
	n := int32(3_000)
	e := &v1alpha1.Explanation{Metadata: v1alpha1.Metadata{Name: "many"}, Spec: v1alpha1.Spec{Completions: &n}}
	for i := range n {
		e.Fates = append(e.Fates, v1alpha1.IndexFate{Index: i, Fate: v1alpha1.Failed, Message: strings.Repeat("|", 300)})
	}
	for range 150 {
		e.Signatures = append(e.Signatures, v1alpha1.Signature{Text: "a cause", Attempts: 1})
	}
	logs := []Log{{Cause: 1, Lines: []string{strings.Repeat("x", MarkdownLimit)}}, {Cause: 2, Lines: []string{"short"}}}
	for _, limit := range []int{0, 600, 5000, 100_000, MarkdownLimit} {
		got := Markdown(e, logs, limit)
		if len(got) > limit {
			t.Errorf("%d bytes of %d", len(got), limit)
		}
		if limit < markdownNotes {
			continue
		}
		rows := bytes.Count([]byte(got), []byte("limit exceeded")) + bytes.Count([]byte(got), []byte(" failed |"))
		if want := fmt.Sprintf("\n%s more rows of indexes are left out here.\n", thousands(int64(n)-int64(rows))); !strings.Contains(got, want) {
			t.Errorf("within %d bytes: it does not say %q", limit, want)
		}
	}
	whole := Markdown(e, logs, MarkdownLimit)
	for _, want := range []string{"\n50 more causes are left out here.\n", "\n1 more logs are left out here.\n", "short\n```\n"} {
		if !strings.Contains(whole, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}
