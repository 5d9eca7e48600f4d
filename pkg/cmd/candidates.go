package cmd

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// mostIndexes is how many indexes are offered: nobody reads more.
const mostIndexes = 100

// silent is a terminal on which nothing is told.
func silent(t terminal.Terminal) terminal.Terminal {
	t.Err, t.ErrIsTTY = io.Discard, false
	return t
}

// completeConnection completes the flags that every command has.
func completeConnection(root *cobra.Command, config *connectionFlags, t terminal.Terminal) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	complete(root, map[string]cobra.CompletionFunc{
		"namespace":  namespaces(config, t),
		"context":    ofKubeconfig(config, func(c clientcmdapi.Config) map[string]*clientcmdapi.Context { return c.Contexts }),
		"cluster":    ofKubeconfig(config, func(c clientcmdapi.Config) map[string]*clientcmdapi.Cluster { return c.Clusters }),
		"user":       ofKubeconfig(config, func(c clientcmdapi.Config) map[string]*clientcmdapi.AuthInfo { return c.AuthInfos }),
		"kubeconfig": files, "certificate-authority": files, "client-certificate": files, "client-key": files, "cache-dir": files,
	})
}

// jobNames offers the Jobs of the namespace, and the CronJobs that made some.
func jobNames(config *connectionFlags, t terminal.Terminal) cobra.CompletionFunc {
	return offer(func(ctx context.Context, args []string, typed string) ([]candidate, error) {
		if len(args) > 0 {
			return nil, nil
		}
		client, namespace, err := connect(config, silent(t), cluster.DefaultChunkSize)
		if err != nil {
			return nil, err
		}
		listing, err := client.List(ctx, namespace, "")
		if err != nil {
			return nil, err
		}
		return namesOf(replay.Summarize(listing.Indexed, listing.ObservedAt).Items, typed), nil
	})
}

// jobs are none where files are named: those are not looked into.
func (f *evidenceFlags) jobs(t terminal.Terminal) cobra.CompletionFunc {
	names := jobNames(f.Config, t)
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(f.Filenames) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(cmd, args, typed)
	}
}

// namesOf are written as what is typed begins: job/NAME, cronjob/NAME or NAME.
func namesOf(jobs []v1alpha1.JobSummary, typed string) []candidate {
	resource, _, qualified := strings.Cut(typed, "/")
	prefix := ""
	if qualified {
		prefix = resource + "/"
	}
	reference, err := cluster.ParseReference(prefix + "name")
	if err != nil {
		return nil
	}
	abouts := map[string]string{}
	for i := range jobs {
		job := &jobs[i]
		name, about := job.Metadata.Name, stateInShort(job)
		if reference.CronJob {
			if job.Owner == nil || job.Owner.Kind != "CronJob" {
				continue
			}
			name, about = job.Owner.Name, ""
		}
		if len(validation.IsDNS1123Subdomain(name)) == 0 {
			abouts[prefix+name] = about
		}
	}
	var candidates []candidate
	for _, word := range slices.Sorted(maps.Keys(abouts)) {
		candidates = append(candidates, candidate{word, abouts[word]})
	}
	return candidates
}

func stateInShort(job *v1alpha1.JobSummary) string {
	words := string(job.Conclusion.State)
	if failed := job.Counts[v1alpha1.Failed]; failed > 0 {
		words += fmt.Sprintf(", failed indexes: %d", failed)
	}
	return words
}

// namespaces offers those of the cluster, if they may be listed.
func namespaces(config *connectionFlags, t terminal.Terminal) cobra.CompletionFunc {
	return offer(func(ctx context.Context, _ []string, _ string) ([]candidate, error) {
		client, _, err := connect(config, silent(t), cluster.DefaultChunkSize)
		if err != nil {
			return nil, err
		}
		names, err := client.Namespaces(ctx)
		return candidatesOf(names), err
	})
}

// ofKubeconfig offers names that the kubeconfig has.
func ofKubeconfig[T any](config *connectionFlags, choose func(clientcmdapi.Config) map[string]T) cobra.CompletionFunc {
	return offer(func(context.Context, []string, string) ([]candidate, error) {
		kubeconfig, err := config.clientConfig().RawConfig()
		return candidatesOf(slices.Sorted(maps.Keys(choose(kubeconfig)))), err
	})
}

// failedIndexes offers the indexes of the Job that failed, after those that are
// typed already: 1,5,
func (f *evidenceFlags) failedIndexes(t terminal.Terminal) cobra.CompletionFunc {
	return offer(func(ctx context.Context, args []string, typed string) ([]candidate, error) {
		prefix := typed[:strings.LastIndexByte(typed, ',')+1]
		if failed := f.failedOfStatus(ctx, args, t); !failed.Empty() {
			return each(failed, prefix, "failed"), nil
		}
		explanation, err := f.explained(ctx, args, t)
		if err != nil {
			return nil, err
		}
		return each(troubled(explanation), prefix, "an attempt failed"), nil
	})
}

// each offers the first indexes of a set. kubectl's script for bash finds no word
// with a comma again if something is said about it.
func each(set indexes.Set, prefix, about string) []candidate {
	if prefix != "" {
		about = ""
	}
	var candidates []candidate
	for _, run := range set.Intervals() {
		for index := int64(run.First); index <= int64(run.Last); index++ {
			if len(candidates) == mostIndexes {
				return candidates
			}
			candidates = append(candidates, candidate{prefix + strconv.FormatInt(index, 10), about})
		}
	}
	return candidates
}

// failedOfStatus asks the Job alone, which is quick however many pods it has.
// Only one with backoffLimitPerIndex tells.
func (f *evidenceFlags) failedOfStatus(ctx context.Context, args []string, t terminal.Terminal) indexes.Set {
	reference, err := f.toReference(args)
	if err != nil || len(f.Filenames) > 0 {
		return indexes.Set{}
	}
	client, namespace, err := connect(f.Config, silent(t), f.ChunkSize)
	if err != nil {
		return indexes.Set{}
	}
	name, err := client.Find(ctx, namespace, reference)
	if err != nil {
		return indexes.Set{}
	}
	job, err := client.Job(ctx, namespace, name)
	if err != nil || job.Status.FailedIndexes == nil {
		return indexes.Set{}
	}
	failed, _ := indexes.ParseStatus(*job.Status.FailedIndexes, *job.Spec.Completions)
	return failed
}

// troubled are the indexes of which an attempt failed.
func troubled(e *v1alpha1.Explanation) indexes.Set {
	var intervals []indexes.Interval
	for i := range e.Fates {
		fate := &e.Fates[i]
		if fate.Fate == v1alpha1.Failed || slices.ContainsFunc(fate.Attempts, hasFailed) {
			intervals = append(intervals, indexes.Interval{First: fate.Index, Last: fate.Last()})
		}
	}
	return indexes.FromIntervals(intervals)
}

// hasFailed leaves out what the controller deleted itself, for a suspension or as
// surplus: however its containers ended, no rule of the Job took it for a failure.
func hasFailed(a v1alpha1.Attempt) bool {
	return a.Failure != nil && a.Decision != v1alpha1.DecisionRemoved
}

// causes offers the IDs of what made attempts fail.
func (f *evidenceFlags) causes(t terminal.Terminal) cobra.CompletionFunc {
	return offer(func(ctx context.Context, args []string, _ string) ([]candidate, error) {
		explanation, err := f.explained(ctx, args, t)
		if err != nil {
			return nil, err
		}
		var candidates []candidate
		for n := range explanation.Signatures {
			candidates = append(candidates, candidate{explanation.Signatures[n].ID, explanation.Signatures[n].Text})
		}
		return candidates, nil
	})
}

// explained is the Job that was named, as explain would explain it.
func (f *evidenceFlags) explained(ctx context.Context, args []string, t terminal.Terminal) (*v1alpha1.Explanation, error) {
	if slices.Contains(f.Filenames, "-") {
		return nil, fmt.Errorf("standard input is the shell's")
	}
	reference, err := f.toReference(args)
	if err != nil {
		return nil, err
	}
	observe, err := f.toObserve(reference, silent(t))
	if err != nil {
		return nil, err
	}
	seen, err := observe(ctx)
	if err != nil {
		return nil, err
	}
	return replay.Explain(seen, seen.ObservedAt), nil
}
