package view

import (
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// plainName is what the API server accepts: of any other name in a file there is
// nothing to describe in a cluster.
var plainName = regexp.MustCompile(`^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$`)

// explainCommand begins every command of ours, logsCommand that for logs.
var (
	explainCommand = []string{"kubectl", "indexjob", "explain"}
	logsCommand    = []string{"kubectl", "indexjob", "logs"}
)

// command is how this Job is explained, word by word, and more.
func (s sheet) command(more ...string) []string {
	if len(s.screen.Command) > 0 {
		return slices.Concat(s.screen.Command, more)
	}
	if !plainName.MatchString(s.Metadata.Name) {
		return nil
	}
	command := append(slices.Clone(explainCommand), s.Metadata.Name)
	if s.Metadata.Namespace != "default" && plainName.MatchString(s.Metadata.Namespace) {
		command = append(command, "-n", s.Metadata.Namespace)
	}
	return append(command, more...)
}

// ofIndex chooses an index.
func ofIndex(index int32) []string { return []string{"--index", decimal(index)} }

// logsOfIndex is how the logs of an index of this Job are read, empty where it
// comes from a file.
func (s sheet) logsOfIndex(index int32) []string {
	command := s.command(ofIndex(index)...)
	if n := len(explainCommand); len(command) > n && slices.Equal(command[:n], explainCommand) && !slices.Contains(command, "-f") {
		return slices.Concat(logsCommand, command[n:])
	}
	return nil
}

// hasLog: a container of the index has run in a pod that is still there. One
// whose exit code the kubelet set may never have run.
func hasLog(record *v1alpha1.IndexFate) bool {
	return slices.ContainsFunc(record.Attempts, func(a v1alpha1.Attempt) bool {
		exited := a.Failure != nil && a.Failure.ExitCode != nil && !a.Failure.Synthesized
		return a.Source == v1alpha1.SourcePod && (a.Phase == corev1.PodRunning || exited)
	})
}

// logsOf is how to read what the index wrote, empty where nothing is left of it.
func (s sheet) logsOf(index int32) []string {
	if i := s.RecordFrom(index); i < len(s.Fates) && s.Fates[i].Index == index && hasLog(&s.Fates[i]) {
		return s.logsOfIndex(index)
	}
	return nil
}

// lookAt is how to read what an index wrote or, where nothing is left of it, how its
// attempts went.
func (s sheet) lookAt(index int32) []string {
	if logs := s.logsOf(index); logs != nil {
		return logs
	}
	return s.command(ofIndex(index)...)
}

// next is what to type next: what the example of the first cause wrote, or how it
// went, then a look at what kubectl describes better, or at all that it did.
func (s sheet) next(rows []row, fatal, others []int) section {
	drawn := s.toType(s.nextCommands(rows, fatal, others)...)
	if len(drawn) == 0 {
		return section{}
	}
	// Half of a command is another command.
	return section{lines: slices.Concat(drawn...), gives: 6, least: len(drawn[0]), cut: func(most int) (whole []line) {
		for _, command := range drawn {
			if len(whole)+len(command) > most {
				break
			}
			whole = append(whole, command...)
		}
		return whole
	}}
}

// nextCommands are those commands, word by word.
func (s sheet) nextCommands(rows []row, fatal, others []int) [][]string {
	var commands [][]string
	first := slices.Concat(fatal, others)
	switch index, found := s.firstFound(); {
	case len(fatal) > 0 && s.Signatures[fatal[0]].Example != nil:
		commands = append(commands, s.lookAt(s.Signatures[fatal[0]].Example.Index))
	case len(rows) > 0:
		commands = append(commands, s.lookAt(rows[0].record.Index))
	case len(first) > 0 && s.Signatures[first[0]].Example != nil:
		commands = append(commands, s.lookAt(s.Signatures[first[0]].Example.Index))
	case found:
		commands = append(commands, s.command(ofIndex(index)...))
	}
	if more := s.describe(len(first) > 0); more != nil {
		commands = append(commands, more)
	} else if len(first) > 0 && s.indexesOf(&s.Signatures[first[0]]).Len() > 1 {
		commands = append(commands, s.command("--cause", s.shortID(first[0])))
	}
	return slices.DeleteFunc(commands, func(command []string) bool { return len(command) == 0 })
}

// toType is commands as a shell reads them: side by side where they fit, else
// each in lines of its own, of which all but the last end in a backslash.
func (s sheet) toType(commands ...[]string) [][]line {
	const lead, gap = "Next: ", "    "
	commands = slices.DeleteFunc(commands, func(command []string) bool { return len(command) == 0 })
	if len(commands) == 0 {
		return nil
	}
	all := make([]string, len(commands))
	for i, command := range commands {
		all[i] = shellLine(command)
	}
	if beside := lead + strings.Join(all, gap); textWidth(beside) <= s.screen.Width && !s.isLog() {
		return [][]line{{shellText(beside)}}
	}
	drawn := make([][]line, len(commands))
	if s.isLog() {
		for i := range all {
			drawn[i] = []line{shellText(strings.Repeat(" ", len(lead)) + all[i])}
		}
		drawn[0] = []line{shellText(lead + all[0])}
		return drawn
	}
	for i, command := range commands {
		drawn[i] = continued(command, len(lead), s.screen.Width)
	}
	drawn[0][0][0] = text(lead)
	return drawn
}

// shellText is text that terminal.Quote wrote and that stays as it is: the
// sanitiser's limit of a text would make another command of it.
func shellText(s string) line { return line{{s, plain}} }

func shellLine(command []string) string {
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = terminal.Quote(word)
	}
	return strings.Join(words, " ")
}

// continued breaks a command between words and, where one is wider than a line,
// within it: then the next line begins at the edge, as the shell takes blanks for
// an end of the word.
func continued(command []string, indent, width int) []line {
	const more = `\`
	margin := span{strings.Repeat(" ", indent), plain}
	lines, used := []line{{margin}}, indent
	add := func(s string) {
		last := len(lines) - 1
		lines[last], used = append(lines[last], span{s, plain}), used+textWidth(s)
	}
	// A line's end takes a blank and a backslash. No cell shows more bytes than these.
	fits := func(word string) bool {
		return len(word) <= 32*width && used+textWidth(terminal.Quote(word))+len(" "+more) <= width
	}
	for i, word := range command {
		if i > 0 {
			add(" ")
			if !fits(word) {
				add(more)
				lines, used = append(lines, line{margin}), indent
			}
		}
		for !fits(word) && len(word) > 1 {
			n := min(len(word)-1, width)
			for n > 1 && !fits(word[:n]) {
				n--
			}
			add(terminal.Quote(word[:n]) + more)
			lines, used = append(lines, nil), 0
			word = word[n:]
		}
		add(terminal.Quote(word))
	}
	return lines
}

// describe is the kubectl command that shows most of what is outside of us: the
// node where a cause gathers, else the first pod that is stuck or, where it may be
// lost, its node, else the Job.
func (s sheet) describe(causes bool) []string {
	for i := range s.Findings {
		if f := &s.Findings[i]; causes && f.Kind == v1alpha1.GatheredOnNode && plainName.MatchString(f.Node) {
			return []string{"kubectl", "describe", "node", f.Node}
		}
	}
	for i := range s.Findings {
		f := &s.Findings[i]
		if !f.Kind.Stuck() {
			continue
		}
		first, ok := s.firstOf(f)
		pod := s.lastPod(first)
		switch {
		case !plainName.MatchString(s.Metadata.Namespace) || !plainName.MatchString(s.Metadata.Name):
		case (f.Kind == v1alpha1.StuckTerminating || f.Kind == v1alpha1.StuckNode) && plainName.MatchString(f.Node):
			return []string{"kubectl", "describe", "node", f.Node}
		case isStuckPod(f) && ok && plainName.MatchString(pod):
			return []string{"kubectl", "describe", "pod", pod, "-n", s.Metadata.Namespace}
		case !isStuckPod(f):
			return []string{"kubectl", "describe", "job", s.Metadata.Name, "-n", s.Metadata.Namespace}
		}
	}
	return nil
}

// isStuckPod tells a pod that is stuck from a Job that is.
func isStuckPod(f *v1alpha1.Finding) bool {
	switch f.Kind {
	case v1alpha1.StuckPending, v1alpha1.StuckTerminating, v1alpha1.StuckRestarting, v1alpha1.StuckSidecar, v1alpha1.StuckFinalizer:
		return true
	}
	return false
}

// firstFound is the lowest index that the first finding about any is about.
func (s sheet) firstFound() (int32, bool) {
	for i := range s.Findings {
		if index, ok := s.firstOf(&s.Findings[i]); ok && !s.Findings[i].Kind.Stuck() {
			return index, true
		}
	}
	return 0, false
}

func (s sheet) firstOf(f *v1alpha1.Finding) (int32, bool) {
	set, _ := indexes.ParseStatus(f.Indexes, s.Completions())
	return set.First()
}

// lastPod is the newest pod of an index that is still there.
func (s sheet) lastPod(index int32) string {
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Index == index {
			for n := len(record.Attempts) - 1; n >= 0; n-- {
				if record.Attempts[n].Source == v1alpha1.SourcePod {
					return record.Attempts[n].Pod
				}
			}
		}
	}
	return ""
}
