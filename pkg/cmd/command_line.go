package cmd

import "strings"

// command is how the same Job is explained again, for what the screen proposes
// to type next: with the files or the cluster that were named, and no more.
func (f *evidenceFlags) command(job string, named bool) []string {
	words := []string{"kubectl", "indexjob", "explain"}
	if named || len(f.Filenames) == 0 {
		if strings.HasPrefix(job, "-") { // in a file a name can hold anything
			job = "job/" + job
		}
		words = append(words, job)
	}
	for _, name := range f.Filenames {
		words = append(words, "-f", name)
	}
	if f.Recursive {
		words = append(words, "-R")
	}
	if f.Partial {
		words = append(words, "--partial")
	}
	return append(words, f.connectionWords()...)
}

// connectionWords are the flags that say which cluster is meant.
func (f *evidenceFlags) connectionWords() []string {
	var words []string
	for _, flag := range []struct {
		name  string
		value string
	}{
		{"-n", f.Config.Overrides.Context.Namespace},
		{"--context", f.Config.Overrides.CurrentContext},
		{"--kubeconfig", f.Config.Kubeconfig},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	return words
}
