package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// widestFlag is how wide the column of flags may become; one that is wider
// pushes its own line alone.
const widestFlag = 30

// helpOf is the help of a command: what it does in a paragraph, examples, the rest of
// it, flags, usage. A test holds it to 80 columns and each flag to a line. The flags
// of every command stand in the help of the whole alone.
func helpOf(cmd *cobra.Command) string {
	var b strings.Builder
	description := cmd.Long
	if description == "" {
		description = cmd.Short + "."
	}
	first, rest, _ := strings.Cut(description, "\n\n")
	fmt.Fprintln(&b, first)
	section := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n%s:\n%s\n", title, strings.TrimRight(text, "\n"))
		}
	}
	section("Examples", cmd.Example)
	if rest != "" {
		fmt.Fprintln(&b, "\n"+rest)
	}
	section("Commands", commandsOf(cmd))
	if cmd.HasParent() {
		section("Flags", flagLines(cmd.LocalFlags()))
		if cmd.Flags().Lookup("template") != nil {
			section("Formats", formatsHelp)
		}
		section("Usage", "  "+cmd.UseLine())
		fmt.Fprintln(&b, "\nFlags of every command, such as -n and --context: kubectl indexjob --help")
		return b.String()
	}
	section("Flags of every command", flagLines(cmd.LocalFlags()))
	section("Usage", "  "+cmd.CommandPath()+" COMMAND [flags]")
	return b.String()
}

func commandsOf(cmd *cobra.Command) string {
	var b strings.Builder
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(&b, "  %-*s  %s\n", sub.NamePadding(), sub.Name(), sub.Short)
		}
	}
	return b.String()
}

func flagLines(flags *pflag.FlagSet) string {
	column := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if n := len(flagWords(f)); !f.Hidden && n <= widestFlag {
			column = max(column, n)
		}
	})
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			fmt.Fprintf(&b, "  %-*s  %s\n", column, flagWords(f), flagMeaning(f))
		}
	})
	return b.String()
}

// flagWords is how a flag is typed.
func flagWords(f *pflag.Flag) string {
	words := "    --" + f.Name
	if f.Shorthand != "" && f.Shorthand != f.Name {
		words = "-" + f.Shorthand + ", --" + f.Name
	}
	if f.Name == f.Shorthand {
		words = "-" + f.Name
	}
	switch value := f.Annotations[valueName][0]; {
	case value == "":
		return words
	case f.NoOptDefVal != "":
		return words + "[=" + value + "]"
	default:
		return words + " " + value
	}
}

// flagMeaning is what a flag does, with its default unless that is nothing or
// named already.
func flagMeaning(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "0", "0s", "[]", "false":
		return f.Usage
	}
	if strings.Contains(f.Usage, f.DefValue) {
		return f.Usage
	}
	return f.Usage + " (default " + f.DefValue + ")"
}

// valueName is the annotation that says what a flag's value is called.
const valueName = "indexjob_value"

// nameValues takes the `name` of its value out of what is said of each flag, for
// a shell would show the quotes on TAB.
func nameValues(cmd *cobra.Command) {
	name := func(f *pflag.Flag) {
		if f.Annotations[valueName] == nil {
			value, usage := pflag.UnquoteUsage(f)
			f.Usage = usage
			f.Annotations = map[string][]string{valueName: {value}}
		}
	}
	cmd.PersistentFlags().VisitAll(name)
	cmd.Flags().VisitAll(name)
	for _, sub := range cmd.Commands() {
		nameValues(sub)
	}
}
