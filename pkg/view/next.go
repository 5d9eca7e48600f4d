package view

import (
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// plainName is what may stand in a command to be typed: a name in a file can
// hold anything.
var plainName = regexp.MustCompile(`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`)

// explainCommand begins every command of ours.
const explainCommand = "kubectl indexjob explain"

// command is how this Job is explained.
func (s sheet) command() string {
	if s.screen.Command != "" {
		return s.screen.Command
	}
	if !plainName.MatchString(s.Metadata.Name) {
		return ""
	}
	command := explainCommand + " " + s.Metadata.Name
	if s.Metadata.Namespace != "default" && plainName.MatchString(s.Metadata.Namespace) {
		command += " -n " + s.Metadata.Namespace
	}
	return command
}

// logsCommand is how the logs of an index of this Job are read, empty where it
// comes from a file.
func (s sheet) logsCommand(index int32) string {
	command, isExplain := strings.CutPrefix(s.command(), explainCommand)
	if !isExplain || strings.Contains(command, " -f ") {
		return ""
	}
	return "kubectl indexjob logs" + command + " --index " + decimal(index)
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
func (s sheet) logsOf(index int32) string {
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Index == index && hasLog(record) {
			return s.logsCommand(index)
		}
	}
	return ""
}

// next is what to type next: the trace or the cause that tells most, what the
// attempt wrote, and a look at what kubectl describes better.
func (s sheet) next(rows []row, causes bool) []line {
	var commands []string
	if command := s.command(); command != "" {
		switch {
		case len(rows) > 0:
			commands = append(commands, command+" --index "+decimal(rows[0].record.Index))
		case causes:
			commands = append(commands, command+" --cause 1")
		default:
			if index, ok := s.firstFound(); ok {
				commands = append(commands, command+" --index "+decimal(index))
			}
		}
	}
	if more := s.describe(causes); more != "" {
		commands = append(commands, more)
	} else if len(rows) > 0 {
		commands = append(commands, s.logsOf(rows[0].record.Index))
	} else if causes && s.Signatures[0].Example != nil {
		commands = append(commands, s.logsOf(s.Signatures[0].Example.Index))
	}
	return s.toType(commands)
}

// toType is commands side by side where they fit, else below one another. One
// that is longer than a line goes on as a shell reads it.
func (s sheet) toType(commands []string) []line {
	const lead, gap = "Next: ", "    "
	commands = slices.DeleteFunc(commands, func(command string) bool { return command == "" })
	if len(commands) == 0 {
		return nil
	}
	if all := lead + strings.Join(commands, gap); len(all) <= s.screen.Width {
		return []line{sentence(all)}
	}
	var lines []line
	for _, command := range commands {
		parts := wrap(sentence(command), s.screen.Width-len(lead)-len(` \`), 0)
		for i := range parts[:len(parts)-1] {
			parts[i] = append(parts[i], text(` \`))
		}
		lines = append(lines, shift(parts, len(lead))...)
	}
	lines[0][0] = text(lead)
	return lines
}

// describe is the kubectl command that shows most of what is outside of us: the
// node where a cause gathers, else the first pod that is stuck or, where it may be
// lost, its node, else the Job.
func (s sheet) describe(causes bool) string {
	for i := range s.Findings {
		if f := &s.Findings[i]; causes && f.Kind == v1alpha1.GatheredOnNode && plainName.MatchString(f.Node) {
			return "kubectl describe node " + f.Node
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
		case f.Kind == v1alpha1.StuckTerminating && plainName.MatchString(f.Node):
			return "kubectl describe node " + f.Node
		case isStuckPod(f) && ok && plainName.MatchString(pod):
			return "kubectl describe pod " + pod + " -n " + s.Metadata.Namespace
		case !isStuckPod(f):
			return "kubectl describe job " + s.Metadata.Name + " -n " + s.Metadata.Namespace
		}
	}
	return ""
}

// isStuckPod tells a pod that is stuck from a Job that is.
func isStuckPod(f *v1alpha1.Finding) bool {
	return f.Kind == v1alpha1.StuckPending || f.Kind == v1alpha1.StuckTerminating
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
	set, _ := indexes.ParseStatus(f.Indexes, int32(s.completions()))
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
