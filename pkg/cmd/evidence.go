package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// evidenceFlags say which Job is meant and where the evidence of it is.
type evidenceFlags struct {
	Config    *connectionFlags
	Filenames []string
	Recursive bool
	Partial   bool
	ChunkSize int64
}

func newEvidenceFlags(config *connectionFlags) evidenceFlags {
	return evidenceFlags{Config: config, ChunkSize: cluster.DefaultChunkSize}
}

func (f *evidenceFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.Filenames, "filename", "f", nil, "Read this `file` or folder, - for stdin; repeatable")
	cmd.Flags().BoolVarP(&f.Recursive, "recursive", "R", false, "Read the directories below those of -f, too")
	cmd.Flags().BoolVar(&f.Partial, "partial", false, "The files may lack pods and events that existed")
	addChunkSize(cmd, &f.ChunkSize)
	complete(cmd, map[string]cobra.CompletionFunc{"filename": files})
}

// toReference is the Job that is meant, empty for "the one that is there".
func (f *evidenceFlags) toReference(args []string) (cluster.Reference, error) {
	if n := slices.IndexFunc(args, isFile); n >= 0 && len(f.Filenames) > 0 {
		return cluster.Reference{}, fmt.Errorf("%s is a file, and stands where the name of a Job belongs\nhint: a shell that expands a pattern gives -f the first file alone; name the directory, or give each with a -f of its own", args[n])
	}
	if len(args) > 1 {
		return cluster.Reference{}, fmt.Errorf("%d names were given, but one Job is explained at a time\nhint: kubectl indexjob explain NAME", len(args))
	}
	if err := checkChunkSize(f.ChunkSize); err != nil || len(args) == 0 {
		return cluster.Reference{}, err
	}
	return cluster.ParseReference(args[0])
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// toObserve is the way to the evidence: files, or else a cluster. Files need no
// kubeconfig, and a broken one must not be in their way.
func (f *evidenceFlags) toObserve(reference cluster.Reference, t terminal.Terminal) (func(context.Context) (*evidence.Job, error), error) {
	if len(f.Filenames) > 0 {
		var options []cluster.FileOption
		if f.Partial {
			options = append(options, cluster.Partial())
		}
		if f.Recursive {
			options = append(options, cluster.Recursive())
		}
		return func(ctx context.Context) (*evidence.Job, error) {
			return cluster.ReadFiles(ctx, f.Filenames, t.In, f.Config.Overrides.Context.Namespace, reference, options...)
		}, nil
	}
	if f.Partial {
		return nil, errors.New("--partial is for -f, and no file was named\nhint: leave out --partial; a cluster says itself what may not be read")
	}
	client, namespace, err := connect(f.Config, t, f.ChunkSize)
	if err != nil {
		return nil, err
	}
	client.Progress = newProgress(t)
	return func(ctx context.Context) (*evidence.Job, error) {
		name, err := client.Find(ctx, namespace, reference)
		if err != nil {
			return nil, err
		}
		return client.Observe(ctx, namespace, name)
	}, nil
}
