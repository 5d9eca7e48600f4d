package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// mostPatience is how long somebody who typed TAB waits at most.
const mostPatience = 2 * time.Second

// candidate is a word that is offered, and what is said about it.
type candidate struct{ word, about string }

// finder looks for what can follow the arguments that were typed.
type finder func(ctx context.Context, args []string, typed string) ([]candidate, error)

// offer makes a completion of a finder: in time, in silence, and read-only as
// all else. What goes wrong, or takes long, offers nothing.
func offer(find finder) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), mostPatience)
		defer cancel()
		found := make(chan []candidate, 1)
		// A credential plugin may not come back, whatever becomes of ctx.
		go func() {
			candidates, _ := find(ctx, args, typed)
			found <- candidates
		}()
		select {
		case candidates := <-found:
			return begun(candidates, typed)
		case <-ctx.Done():
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
}

// begun keeps the candidates that what is typed begins, so far as a shell can
// take them as they stand. One that ends in = is to be gone on with.
func begun(candidates []candidate, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var completions []cobra.Completion
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, c := range candidates {
		if !strings.HasPrefix(c.word, typed) || terminal.Quote(c.word) != c.word || strings.HasPrefix(c.word, "-") {
			continue
		}
		if strings.HasSuffix(c.word, "=") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		completions = append(completions, cobra.CompletionWithDesc(c.word, terminal.Sanitize(c.about)))
	}
	return completions, directive
}

// words offers words that are always the same.
func words(of ...string) cobra.CompletionFunc {
	return offer(func(context.Context, []string, string) ([]candidate, error) {
		return candidatesOf(of), nil
	})
}

func candidatesOf(words []string) []candidate {
	var candidates []candidate
	for _, word := range words {
		candidates = append(candidates, candidate{word: word})
	}
	return candidates
}

// complete says what each flag's value is completed by; a value of which nothing
// is said is completed by nothing.
func complete(cmd *cobra.Command, flags map[string]cobra.CompletionFunc) {
	for name, completion := range flags {
		if err := cmd.RegisterFlagCompletionFunc(name, completion); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// files leaves it to the shell, which knows files best.
func files(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}
