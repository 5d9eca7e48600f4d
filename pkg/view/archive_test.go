package view

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

var update = flag.Bool("update", false, "rewrite the drawings in testdata")

// Each archive is an explanation and every drawing of it. The name of a drawing
// says how it is made: text-80, text-color, "trace 1,5-9", "cause 1", junit.
func TestArchives(t *testing.T) {
	for name, archive := range archives(t) {
		t.Run(name, func(t *testing.T) {
			e, logs := explanationOf(t, archive), logsOf(t, archive)
			hold(t, filepath.Join("testdata", name+".txtar"), archive, func(drawing string) string { return draw(t, e, logs, drawing) })
		})
	}
}

// hold compares the drawings of an archive, or rewrites them. Files of other
// kinds are what is drawn.
func hold(t *testing.T, path string, archive *txtar.Archive, draw func(drawing string) string) {
	t.Helper()
	for i := range archive.Files {
		file := &archive.Files[i]
		if strings.HasSuffix(file.Name, ".yaml") {
			continue
		}
		got := draw(file.Name)
		if *update {
			file.Data = []byte(got)
		} else if diff := cmp.Diff(string(file.Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file.Name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const explanationFile = "explanation.yaml"

func archives(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	return archivesOf(t, "testdata")
}

func archivesOf(t testing.TB, folder string) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives in %s: %v", folder, err)
	}
	found := map[string]*txtar.Archive{}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[strings.TrimSuffix(filepath.Base(path), ".txtar")] = archive
	}
	return found
}

func explanationOf(t testing.TB, archive *txtar.Archive) *v1alpha1.Explanation {
	t.Helper()
	for _, file := range archive.Files {
		if file.Name == explanationFile {
			e := &v1alpha1.Explanation{}
			if err := yaml.UnmarshalStrict(file.Data, e); err != nil {
				t.Fatal(err)
			}
			return e
		}
	}
	t.Fatal("the archive has no " + explanationFile)
	return nil
}

// logsOf are those of logs.yaml, if an archive has it.
func logsOf(t testing.TB, archive *txtar.Archive) []Log {
	t.Helper()
	var logs []Log
	for _, file := range archive.Files {
		if file.Name == "logs.yaml" {
			if err := yaml.UnmarshalStrict(file.Data, &logs); err != nil {
				t.Fatal(err)
			}
		}
	}
	return logs
}

func draw(t *testing.T, e *v1alpha1.Explanation, logs []Log, name string) string {
	t.Helper()
	what, of, _ := strings.Cut(strings.ReplaceAll(name, "-color", "-80"), " ")
	screen := Screen{Color: strings.Contains(name, "-color")}
	if _, width, sized := strings.Cut(what, "-"); sized {
		screen.Width, _ = strconv.Atoi(width)
		if screen.Width > 100 {
			screen.Height = 50
		}
	}
	switch {
	case what == "junit":
		return JUnit(e, logs, "")
	case what == "markdown":
		return Markdown(e, logs, MarkdownLimit)
	case what == "github":
		return visible(GitHub(e, Text(e, nil, screen), logs, "TOKEN"))
	case what == "gitlab":
		return visible(GitLab(e, Text(e, nil, screen), logs))
	case what == "buildkite":
		return visible(Buildkite(e, Text(e, nil, screen), logs))
	case what == "logs":
		return visible(Logs(e, logs))
	case what == "log":
		return visible(Text(e, logs, Screen{Width: 100, Height: Unbounded}))
	case strings.HasPrefix(what, "text"):
		return visible(Text(e, nil, screen))
	case strings.HasPrefix(what, "trace"):
		chosen, err := indexes.Parse(of, *e.Spec.Completions)
		if err != nil {
			t.Fatal(err)
		}
		return visible(Trace(e, chosen, screen))
	case what == "timeline-log":
		return visible(Timeline(e, nil, Screen{Width: 100, Height: Unbounded}))
	case strings.HasPrefix(what, "timeline"):
		var chosen *indexes.Set
		if of != "" {
			set, err := indexes.Parse(of, *e.Spec.Completions)
			if err != nil {
				t.Fatal(err)
			}
			chosen = &set
		}
		return visible(Timeline(e, chosen, screen))
	case strings.HasPrefix(what, "cause"):
		n, _ := strconv.Atoi(of)
		return visible(Cause(e, n, screen))
	}
	t.Fatalf("nobody draws %q", name)
	return ""
}

// visible writes the escape character as ESC, for archives are read by people.
func visible(s string) string { return strings.NewReplacer("\x1b", "ESC", "\r", "CR").Replace(s) }
