package view

import (
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/view/viewtest"
)

// everyView is what is drawn of the text of a cluster, by the name of its
// function. TestEveryViewIsAttacked wants each one here.
func everyView(e *v1alpha1.Explanation, jobs *v1alpha1.JobSummaryList, screen Screen) map[string]string {
	drawn := map[string]string{
		"Text":        Text(e, nil, screen),
		"Trace":       Trace(e, indexes.Range(0, 63), screen),
		"Timeline":    Timeline(e, nil, screen) + Timeline(e, new(indexes.Range(0, 63)), screen),
		"NewProgress": strings.Join(NewProgress(screen).Lines(e), "\n") + "\n",
		"List":        List(jobs, Columns{Namespace: true, Wide: true}, screen) + List(jobs, Columns{}, screen),
	}
	rows := NewJobRows(Columns{Namespace: true, Wide: true}, false, screen)
	drawn["NewJobRows"] = rows.Lines(jobs) + rows.Lines(&v1alpha1.JobSummaryList{})
	for name, lines := range everyPiece(e, jobs, screen) {
		drawn[name] = strings.Join(lines, "\n") + "\n"
	}
	for n := range e.Signatures {
		drawn["Cause"] += Cause(e, n+1, screen)
	}
	drawn["Causes"] = Causes(e, screen)
	logs := logsLike(e)
	drawn["Logs"] = untabbed(Logs(e, logs))
	drawn["Buildkite"] = untabbed(ourHeadings.ReplaceAllString(Buildkite(e, drawn["Text"], logs), "> "))
	drawn["JUnit"] = untabbed(JUnit(summed(e), logs, ""))
	var page strings.Builder
	_ = HTML(&page, e, logs)                                                                            // a builder takes everything
	drawn["HTML"] = untabbed(strings.NewReplacer(htmlStyle, "", htmlScript, "").Replace(page.String())) // those are ours
	drawn["MarkdownPage"] = MarkdownPage(e.Metadata.Name)
	drawn["Markdown"] = untabbed(Markdown(e, logs, MarkdownLimit))
	drawn["GitHub"] = untabbed(ourCommands.ReplaceAllString(GitHub(e, drawn["Text"], logs, stopToken), "> "))
	drawn["GitLab"] = untabbed(ourSections.ReplaceAllString(GitLab(e, drawn["Text"], logs), "> "))
	return drawn
}

// everyPiece is what the interactive screen is put together from.
func everyPiece(e *v1alpha1.Explanation, jobs *v1alpha1.JobSummaryList, screen Screen) map[string][]string {
	var banner Banner
	banner.See(e)
	outlook, _ := Outlook(e, screen)
	shown := indexes.Range(0, 2)
	drawn := map[string][]string{
		"Banner":         banner.Lines(e, screen),
		"Outlook":        {bare(outlook)},
		"Trouble":        {Trouble(e.Metadata.Name, false, 0), Trouble(e.Metadata.Name, true, 0)},
		"Note":           {Note(e.Metadata.Name, false, screen), Note(e.Metadata.Name, true, screen)},
		"NoteRows":       append(NoteRows(e.Metadata.Name, false, screen), NoteRows(e.Metadata.Name, true, screen)...),
		"About":          {About(e, 0, 0, screen), About(e, 0, 63, screen)},
		"AboutIn":        {AboutIn(e, 0, 0, 63, screen)},
		"Several":        Several(e, 0, 63, screen),
		"TraceLines":     TraceLines(e, 0, screen),
		"TimelineLines":  TimelineLines(e, nil, screen),
		"NewGrid":        append(NewGrid(e, 0, int32(len(e.Fates)), nil, screen).Lines(3), NewGrid(e, 1, 3, &shown, screen).Lines(1)...),
		"CauseRows":      CauseRows(e, screen),
		"ListRows":       ListRows(jobs, Columns{Namespace: true}, screen),
		"LogRows":        LogRows(e.Metadata.Name, screen.Width),
		"KeyRows":        KeyRows([][2]string{{e.Metadata.Name, e.Metadata.Name}}, screen),
		"ExplainCommand": {bare(ExplainCommand(e, screen, "--cause", "1"))},
		"LogCommand":     {bare(LogCommand(e, screen, 0, 1))},
	}
	for n := range e.Signatures {
		drawn["CauseID"] = append(drawn["CauseID"], CauseID(e, n+1))
		drawn["CauseLines"] = append(drawn["CauseLines"], CauseLines(e, n+1, screen)...)
	}
	for _, row := range drawn["ListRows"] {
		drawn["Chosen"] = append(drawn["Chosen"], Chosen(row, screen))
		drawn["NotChosen"] = append(drawn["NotChosen"], NotChosen(row))
	}
	return drawn
}

// What we have the runners obey ourselves, which runner_test.go counts.
var (
	ourCommands = regexp.MustCompile(`(?m)^::(stop-commands::` + stopToken + `|` + stopToken + `::|group::|endgroup::|error title=)`)
	ourHeadings = regexp.MustCompile(`(?m)^(\+\+\+ kubectl indexjob$|(\+\+\+|---) Log of index )`)
	ourSections = regexp.MustCompile(`\x1b\[0Ksection_(start|end):\d+:indexjob_log_\d+(\[collapsed=true\])?\r\x1b\[0K`)
)

// logsLike are logs in which every string is one of the Explanation's.
func logsLike(e *v1alpha1.Explanation) []Log {
	text := e.Metadata.Name
	return []Log{{Cause: 1, Pod: text, Container: text, Lines: []string{text, "\t" + text}}, {Cause: 2, Pod: text, Gone: text}}
}

// untabbed: lines of logs, alone, keep their tabs.
func untabbed(drawn string) string { return strings.ReplaceAll(drawn, "\t", " ") }

func TestEveryViewIsAttacked(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	attacked := everyView(viewtest.Explanation(viewtest.Attacks[0]), viewtest.List(viewtest.Attacks[0]), Screen{})
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			writesNoText := ok && slices.Contains([]string{"LogPrefix", "KeyStyle"}, function.Name.Name)
			if ok && function.Recv == nil && function.Name.IsExported() && attacked[function.Name.Name] == "" && !writesNoText {
				t.Errorf("no attack goes through %s: add it to everyView", function.Name.Name)
			}
		}
	}
}

// spoil puts text over every string that is there, except where a closed list
// of words, or a set of indexes, decides what is drawn.
func spoil(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != "" && !isOurs(v.String()) {
			v.SetString(text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				spoil(v.Field(i), text)
			}
		}
	}
}

// isOurs: a word that we choose, so that other text takes another path.
func isOurs(text string) bool {
	return listOfIndexes.MatchString(text) || slices.ContainsFunc(kinds, func(k kind) bool { return slices.Contains(k.reasons, text) })
}

// ours are the escape sequences that we draw with, in colour or without.
func ours(color bool) map[string]bool {
	all := map[string]bool{}
	for i := range styles {
		for _, i := range []ink{i, i | chosenInk} {
			for _, sequence := range escapeSequence.FindAllString(render([]line{{span{"x", i}}}, color), -1) {
				all[sequence] = true
			}
		}
	}
	return all
}

var oursInColor, oursWithout = ours(true), ours(false)

// harmless holds a drawing: no control but a line's end and our own colours,
// nothing that reorders or hides, no byte that is no UTF-8.
func harmless(t *testing.T, name, drawn string, screen Screen) {
	t.Helper()
	ours := oursWithout
	if screen.Color {
		ours = oursInColor
	}
	bare := escapeSequence.ReplaceAllStringFunc(drawn, func(sequence string) string {
		if ours[sequence] {
			return ""
		}
		return sequence
	})
	if !utf8.ValidString(bare) {
		t.Fatalf("%s: no UTF-8: %q", name, bare)
	}
	marks := 0
	for _, r := range bare {
		if r >= ' ' && r <= '~' || r == '\n' {
			marks = 0
			continue
		}
		if !unicode.IsGraphic(r) || unicode.In(r, unicode.Zs, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || strings.ContainsRune("\u2800\ufffc\U000133fc", r) {
			t.Fatalf("%s at width %d lets %U through: %q", name, screen.Width, r, bare)
		}
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		} else if marks++; marks > 3 {
			t.Fatalf("%s: marks upon marks: %+q", name, bare)
		}
	}
	for _, l := range strings.Split(bare, "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), "::") || strings.Contains(l, "##vso[") || buildkite.MatchString(l) {
			t.Fatalf("%s: a CI system would obey %q", name, l)
		}
	}
	if len(drawn) > 1<<20 && !strings.HasSuffix(name, "JUnit") { // which has all of every index
		t.Fatalf("%s: %d bytes", name, len(drawn))
	}
}

// buildkite is what its agent takes for the head of a group.
var buildkite = regexp.MustCompile(`^(---|\+\+\+|~~~|\^\^\^ \+\+\+)(\s|$)`)

var screens = []Screen{
	{}, {Width: 24}, {Width: 40, Color: true}, {Width: 80, Color: true}, {Width: 200, Height: 60}, {Width: 1000, Height: 1000, Color: true},
}

// TestAttacks puts every attack into every string, and looks at every view.
func TestAttacks(t *testing.T) {
	for _, attack := range viewtest.Attacks {
		for _, screen := range screens {
			for name, drawn := range everyView(viewtest.Explanation(attack), viewtest.List(attack), screen) {
				harmless(t, name, drawn, screen)
			}
		}
	}
}

// TestAttacksOnArchives: Explanations that make sense lead further.
func TestAttacksOnArchives(t *testing.T) {
	n := 0
	for name, archive := range archives(t) {
		for _, attack := range viewtest.Attacks {
			e := explanationOf(t, archive)
			spoil(reflect.ValueOf(e), attack)
			screen := screens[n%len(screens)]
			for view, drawn := range everyView(e, viewtest.List(attack), screen) {
				harmless(t, name+": "+view, drawn, screen)
			}
			n++
		}
	}
}

// TestTheAttackIsShown: what is not obeyed is not hidden either.
func TestTheAttackIsShown(t *testing.T) {
	e := viewtest.Explanation("\x1b[31m")
	e.Fates[0].Attempts[0].Phase = corev1.PodFailed
	wordless := []string{"CauseID", "NewGrid", "Several", "ExplainCommand", "LogCommand"} // but for names that the API server accepts
	for name, drawn := range everyView(e, viewtest.List("\x1b[31m"), Screen{Width: 200, Height: 60}) {
		drawn = html.UnescapeString(drawn)
		if !slices.Contains(wordless, name) && !strings.Contains(drawn, `\x1b[31m`) {
			t.Errorf("%s does not show it:\n%s", name, drawn)
		}
	}
}

func FuzzViews(f *testing.F) {
	for n, attack := range viewtest.Attacks {
		f.Add(attack, 24+40*n, 10*n, n%2 == 0)
	}
	f.Fuzz(func(t *testing.T, attack string, width, height int, color bool) {
		screen := Screen{Width: width % 1000, Height: height % 1000, Color: color}
		for name, drawn := range everyView(viewtest.Explanation(attack), viewtest.List(attack), screen) {
			harmless(t, name, drawn, screen)
		}
	})
}
