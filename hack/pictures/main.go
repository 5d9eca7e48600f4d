package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"
	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/browse"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

func main() {
	pictures, err := draw(".")
	if err == nil {
		err = write(filepath.Join("docs", "pictures"), pictures)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error: "+err.Error())
		os.Exit(1)
	}
}

func write(folder string, pictures map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("writing the pictures: %w", err)
	}
	for name, picture := range pictures {
		if err := os.WriteFile(filepath.Join(folder, name), picture, 0o644); err != nil {
			return fmt.Errorf("writing the pictures: %w", err)
		}
	}
	return nil
}

// screen is the terminal of every picture.
var screen = view.Screen{Width: 80, Height: 32, Color: true}

// draw makes every picture, by the name of its file, from the repository at root.
func draw(root string) (map[string][]byte, error) {
	jobs := map[string]*evidence.Job{}
	for _, example := range []string{"a-two-indexes-fail.yaml", "c-preempted-failed-retried.yaml", "d-fail-job-rule.yaml", "embed.json.gz", "f-max-failed-indexes-exceeded.yaml"} {
		seen, err := read(filepath.Join(root, "hack", "examples", example))
		if err != nil {
			return nil, err
		}
		jobs[example[:1]] = seen
	}
	explain := func(job string) *v1alpha1.Explanation { return replay.Explain(jobs[job], jobs[job].ObservedAt) }
	small, large, failJob := explain("c"), explain("e"), explain("d")
	cause := view.Cause(large, 3, screen)
	drained, err := recorded(root, "node-drained_1.37.txtar")
	if err != nil {
		return nil, err
	}
	var all []batchv1.Job
	for _, job := range []string{"a", "c", "d", "f", "e"} {
		all = append(all, *jobs[job].Job)
	}
	list := view.List(replay.Summarize(all, jobs["e"].ObservedAt), view.Columns{Namespace: true}, view.Screen{Color: true})
	return map[string][]byte{
		"explain.svg":  picture("kubectl indexjob explain preempted-failed-retried", view.Text(small, nil, screen)),
		"fail-job.svg": picture("kubectl indexjob explain fail-job-rule", view.Text(failJob, nil, screen)),
		"large.svg":    picture("kubectl indexjob explain embed -n ml", view.Text(large, nil, screen)),
		"index.svg":    picture("kubectl indexjob explain preempted-failed-retried --index 1", view.Trace(small, indexes.Of(1), screen)),
		"cause.svg":    picture("kubectl indexjob explain embed -n ml --cause 3", cause),
		"timeline.svg": picture("kubectl indexjob explain embed -n ml --timeline", view.Timeline(timed(large), nil, screen)),
		"drained.svg":  picture("kubectl indexjob explain drained --timeline", view.Timeline(timed(drained), nil, screen)),
		"list.svg":     picture("kubectl indexjob list -A", list),
		"browse.svg":   picture("kubectl indexjob browse embed -n ml", browsed(large)),
	}, nil
}

// timed is the explanation with its timeline.
func timed(e *v1alpha1.Explanation) *v1alpha1.Explanation {
	timed := *e
	timed.Timeline = replay.TimelineOf(e)
	return &timed
}

// recorded explains a recording at its last moment.
func recorded(root, name string) (*v1alpha1.Explanation, error) {
	r, err := recording.ReadFile(filepath.Join(root, "hack", "recording", "testdata", name))
	if err != nil {
		return nil, err
	}
	seen, err := claims.Read(r, r.Moments[len(r.Moments)-1])
	if err != nil {
		return nil, err
	}
	return replay.Explain(seen, seen.ObservedAt), nil
}

// browsed is the interactive screen, its cursor on the first failure.
func browsed(e *v1alpha1.Explanation) string {
	of := browse.JobKey{Namespace: e.Metadata.Namespace, Name: e.Metadata.Name}
	m := browse.New(browse.Options{Job: of, Color: true})
	m.Update(tea.WindowSizeMsg{Width: screen.Width, Height: 24})
	m.Update(browse.Look{Of: of, At: e.ObservedAt.Time, Explanation: e})
	m.Update(tea.KeyPressMsg{Code: 'n', Text: "n"})
	return m.View().Content
}

// read takes an example as a client of its server saw it: what kubectl printed
// does not tell the version, the clock and the order of reading.
func read(file string) (*evidence.Job, error) {
	seen, err := cluster.ReadFiles(context.Background(), []string{file}, nil, "", cluster.Reference{})
	if err != nil {
		return nil, err
	}
	seen.ServerVersion, seen.Gaps = "v1.37.2", nil
	seen.Coverage, seen.Order = evidence.Coverage{Pods: evidence.Whole, Events: evidence.Whole}, evidence.Bracketed
	return seen, nil
}
