package cmd

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// reportFlags ask for what goes elsewhere than to the screen, or around it.
type reportFlags struct {
	Reports []string
	Suite   string
	CI      ci
	Logs    int
	// Tails: the last lines that fatal causes wrote are shown, unless they are not
	// wanted.
	Tails bool
}

// defaultLines is how many last lines of a log are shown.
const defaultLines = 20

// autoLogs shows logs in reports, in CI and where tails are wanted, but else not to a
// person, who has the command logs for them.
const autoLogs = -1

// reports is what was asked for.
type reports struct {
	files   []reportFile
	suite   string
	ci      ci
	summary string // the file of the step's summary, if there is one
	tails   tails
	// shown: the logs go to the screen too.
	shown bool
	err   io.Writer
}

// reportFile is one --report FORMAT=FILE.
type reportFile struct{ format, name string }

func (f reportFile) mode() os.FileMode {
	if f.format == "snapshot" {
		return evidenceMode
	}
	return reportMode
}

// reported is what reports are made of.
type reported struct {
	seen        *evidence.Job
	explanation *v1alpha1.Explanation
	logs        []view.Log
	suite       string // of JUnit
}

// timed is the explanation with the Job over time, which other reports have only
// where it was asked for.
func (r *reported) timed() *v1alpha1.Explanation {
	if r.explanation.Timeline != nil {
		return r.explanation
	}
	timed := *r.explanation
	timed.Timeline = replay.TimelineOf(r.explanation)
	return &timed
}

// reportFormats write a report.
var reportFormats = map[string]func(*reported, io.Writer) error{
	"junit": func(r *reported, w io.Writer) error {
		_, err := io.WriteString(w, view.JUnit(r.explanation, r.logs, r.suite))
		return err
	},
	"markdown": func(r *reported, w io.Writer) error {
		_, err := io.WriteString(w, view.Markdown(r.explanation, r.logs, view.MarkdownLimit))
		return err
	},
	"html": func(r *reported, w io.Writer) error {
		return view.HTML(w, r.timed(), r.logs)
	},
	"json": func(r *reported, w io.Writer) error {
		return (&printers.JSONPrinter{}).PrintObj(r.explanation, w)
	},
	"snapshot": func(r *reported, w io.Writer) error {
		return cluster.WriteSnapshot(w, r.seen, false)
	},
}

func newReportFlags() reportFlags { return reportFlags{CI: ciAuto, Logs: autoLogs} }

func (f *reportFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.Reports, "report", nil, "Write html, junit, markdown, json or snapshot=`file`")
	cmd.Flags().StringVar(&f.Suite, "suite", "", "Another `name` for the suite of JUnit")
	cmd.Flags().Var(&f.CI, "ci", "Format the log for this CI `system`")
	cmd.Flags().IntVar(&f.Logs, "logs", f.Logs, fmt.Sprintf("Show the last `lines` (%d) of a log of each cause", defaultLines))
	cmd.Flags().Lookup("logs").NoOptDefVal = fmt.Sprint(defaultLines)
	cmd.Flags().Lookup("logs").DefValue = "0"
	complete(cmd, map[string]cobra.CompletionFunc{
		"report": reportFiles,
		"ci":     words(ciWords()...),
	})
}

// reportFiles offers the formats, and files after that.
func reportFiles(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.Contains(typed, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var formats []candidate
	for _, format := range slices.Sorted(maps.Keys(reportFormats)) {
		formats = append(formats, candidate{word: format + "="})
	}
	return begun(formats, typed)
}

// toReports finds out now what would be a pity after an hour of waiting.
// Without a cluster (live is false) there are no logs.
func (f *reportFlags) toReports(t terminal.Terminal, live bool) (*reports, error) {
	r := &reports{suite: f.Suite, ci: f.CI.resolved(t), shown: f.Logs > 0, tails: tails{lines: max(0, f.Logs)}, err: t.Err}
	if r.ci == ciGitHub {
		r.summary, _ = t.LookupEnv("GITHUB_STEP_SUMMARY")
	}
	for _, text := range f.Reports {
		file, err := parseReport(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(r.files, func(other reportFile) bool { return filepath.Clean(other.name) == filepath.Clean(file.name) }) {
			return nil, fmt.Errorf("--report %s: there is another report for that file\nhint: give each a file of its own", text)
		}
		r.files = append(r.files, file)
	}
	switch {
	case f.Logs < autoLogs:
		return nil, fmt.Errorf("--logs=%d is negative\nhint: --logs=%d shows so many lines, --logs=0 none", f.Logs, defaultLines)
	case f.Logs > 0 && !live:
		return nil, fmt.Errorf("--logs needs a cluster, and -f reads files\nhint: leave out one of the two")
	case f.Logs == autoLogs && live && (len(r.files) > 0 || r.ci != ciNone || f.Tails):
		r.tails, r.shown = tails{lines: defaultLines, brief: true}, r.ci != ciNone || f.Tails
	}
	return r, nil
}

func parseReport(text string) (reportFile, error) {
	format, name, _ := strings.Cut(text, "=")
	if reportFormats[format] == nil || name == "" || isStdout(name) {
		return reportFile{}, fmt.Errorf("--report %s: it is FORMAT=FILE, and the formats are html, junit, markdown, json and snapshot\nhint: --report html=report.html; -o json writes to standard output", text)
	}
	if err := checkFile(name, true); err != nil {
		return reportFile{}, fmt.Errorf("--report %s: %w", text, err)
	}
	return reportFile{format, name}, nil
}

// logs are those of one attempt of each cause, or of the last attempt of each index
// that was chosen, if they are wanted.
func (r *reports) logs(ctx context.Context, client func() (*cluster.Client, error), e *v1alpha1.Explanation, of choice) ([]view.Log, error) {
	wanted := r.tails.of(e, of)
	if len(wanted) == 0 {
		return nil, nil
	}
	reader, err := client()
	if err != nil {
		return nil, err
	}
	return lastLines(ctx, reader, e, wanted)
}

// write writes all files, and gives the names of the pages among them. That the
// summary of a step cannot be written is told, but fails nothing: the answer is on the
// screen.
func (r *reports) write(of *reported) (pages []string, unwritten error) {
	for _, file := range r.files {
		err := writeFile(file.name, file.mode(), true, func(w io.Writer) error { return reportFormats[file.format](of, w) })
		switch {
		case err != nil && unwritten == nil:
			unwritten = fmt.Errorf("writing the %s report %s: %w", file.format, file.name, err)
		case err == nil && file.format == "html":
			pages = append(pages, file.name)
		}
	}
	if r.summary != "" {
		if err := appendSummary(r.summary, of.explanation, of.logs, pages); err != nil {
			why, _, _ := strings.Cut(err.Error(), "\n")
			fmt.Fprintln(r.err, terminal.SanitizeLine("warning: writing the step's summary "+r.summary+": "+why))
		}
	}
	return pages, unwritten
}

// placed parts the logs that stand on the screen, beside their causes, from those
// that stand below it: all of them where the CI system folds them, or where the
// screen tells no causes.
func (r *reports) placed(logs []view.Log, screenHasCauses bool) (beside, below []view.Log) {
	switch {
	case !r.shown:
		return nil, nil
	case screenHasCauses && !r.ci.folds():
		return logs, nil
	}
	return nil, logs
}
