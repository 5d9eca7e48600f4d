package cmd

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/indexjob/kubectl-indexjob/pkg/browse"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

var update = flag.Bool("update", false, "rewrite the tables of the README")

// TestHelp: each line fits into 80 columns, each flag has one, and each command
// begins with examples of it.
func TestHelp(t *testing.T) {
	for _, cmd := range commands() {
		help := helpOf(cmd)
		for line := range strings.Lines(help) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.Contains(f.Usage, "`") {
				t.Errorf("%s --%s is described as %q", cmd.CommandPath(), f.Name, f.Usage)
			}
			if got := strings.Count(help, flagWords(f)+" "); !f.Hidden && got == 0 {
				t.Errorf("%s: the help does not have %s", cmd.CommandPath(), flagWords(f))
			}
		})
		if cmd.Name() != "version" && !strings.Contains(cmd.Example, "  kubectl indexjob "+strings.TrimPrefix(cmd.Name(), "kubectl-indexjob")) {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
	}
}

// commands are the whole and each command.
func commands() []*cobra.Command {
	root := newRoot(terminal.Terminal{})
	return append([]*cobra.Command{root}, root.Commands()...)
}

const readme = "../../README.md"

// TestFlagsInReadme holds the README's table of flags against the commands.
func TestFlagsInReadme(t *testing.T) {
	holdTable(t, "flags", "TestFlagsInReadme", tableOfFlags(commands()[1:]))
}

// TestKeysInReadme holds the README's table of keys against the screen's own help.
func TestKeysInReadme(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Key | What it does |\n| --- | --- |\n")
	for _, k := range browse.Keys() {
		fmt.Fprintf(&b, "| %s | %s |\n", k.Key, k.Does)
	}
	holdTable(t, "keys", "TestKeysInReadme", b.String())
}

// holdTable compares a table of the README, or rewrites it.
func holdTable(t *testing.T, name, test, want string) {
	t.Helper()
	begin := "<!-- " + name + ": go test ./pkg/cmd -run " + test + " -update -->\n"
	end := "\n<!-- end of " + name + " -->\n"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), begin)
	table, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		t.Fatalf("%s lacks a line %s or %s", readme, begin, end)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("the README's %s are stale (-want +got); -update rewrites them:\n%s", name, diff)
	}
}

// tableOfFlags has a row for each flag of the commands' own, and for each thing
// that it means to them.
func tableOfFlags(commands []*cobra.Command) string {
	type row struct{ name, words, meaning string }
	of := map[row][]string{}
	for _, cmd := range commands {
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				r := row{f.Name, strings.TrimSpace(flagWords(f)), flagMeaning(f)}
				of[r] = append(of[r], cmd.Name())
			}
		})
	}
	rows := slices.SortedFunc(maps.Keys(of), func(a, b row) int { return strings.Compare(a.name+of[a][0], b.name+of[b][0]) })
	var b strings.Builder
	b.WriteString("| Flag | Meaning | Of |\n| --- | --- | --- |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.words, strings.ReplaceAll(r.meaning, "|", `\|`), strings.Join(of[r], ", "))
	}
	return b.String()
}
