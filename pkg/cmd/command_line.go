package cmd

import (
	"regexp"
	"strings"
)

// command is how the same Job is explained again, for what the screen proposes
// to type next: with the files or the cluster that were named, and no more.
func (f *evidenceFlags) command(job string, named bool) string {
	words := []string{"kubectl indexjob explain"}
	if named || len(f.Filenames) == 0 {
		words = append(words, quoted(job)) // in a file a name can hold anything
	}
	for _, name := range f.Filenames {
		words = append(words, "-f", quoted(name))
	}
	if f.Partial {
		words = append(words, "--partial")
	}
	for _, flag := range []struct {
		name  string
		value string
	}{
		{"-n", f.Config.Overrides.Context.Namespace},
		{"--context", f.Config.Overrides.CurrentContext},
		{"--kubeconfig", f.Config.Kubeconfig},
	} {
		if flag.value != "" {
			words = append(words, flag.name, quoted(flag.value))
		}
	}
	return strings.Join(words, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// quoted is a word as a POSIX shell reads it back.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
