package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

var signals = map[int32]string{
	1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
	9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
	24: "SIGXCPU", 25: "SIGXFSZ",
}

// exitWords says what an exit code stands for by convention, if anything.
func exitWords(code int32) string {
	switch code {
	case 126:
		return "not executable"
	case 127:
		return "command not found"
	}
	return signals[code-128]
}

// ended says shortly how an attempt ended: "main exited 137 OOMKilled".
func ended(f *v1alpha1.Failure) string {
	note := ""
	if hasOwnReason(f) && exited(f) && !f.FromPod {
		note = " " + f.Reason
	}
	return endedWith(f, note)
}

// endedAtLength says what an exit code stands for too. That of SIGKILL alone
// does not tell whether memory ran out.
func endedAtLength(f *v1alpha1.Failure) string {
	var notes []string
	if exited(f) {
		if meaning := exitWords(*f.ExitCode); meaning != "" {
			notes = append(notes, meaning)
		}
		switch {
		case f.Reason == "OOMKilled":
			notes = append(notes, "OOMKilled reported")
		case f.FromPod:
		case hasOwnReason(f):
			notes = append(notes, f.Reason)
		case *f.ExitCode == 137:
			notes = append(notes, "OOMKilled not reported")
		}
	}
	note := ""
	if len(notes) > 0 {
		note = " (" + strings.Join(notes, ", ") + ")"
	}
	words := endedWith(f, note)
	if set := setByKubelet(f); set != "" && words != set {
		words += "; " + set
	}
	if f.Message != "" {
		words += ": " + f.Message
	}
	return words
}

func endedWith(f *v1alpha1.Failure, note string) string {
	var told []string
	if f.FromPod {
		told = append(told, f.Reason)
	}
	switch {
	case exited(f):
		told = append(told, strings.TrimSpace(containerWords(f)+" exited "+decimal(*f.ExitCode))+note)
	case hasOwnReason(f) && !f.FromPod:
		told = append(told, f.Reason)
	}
	if f.Condition != "" {
		told = append(told, f.Condition)
	}
	if len(told) > 0 {
		return strings.Join(told, ", ")
	}
	if set := setByKubelet(f); set != "" {
		return set
	}
	if f.Reason != "" {
		return f.Reason
	}
	return "failed, no cause recorded"
}

// exited: a container ended with an exit code of its own.
func exited(f *v1alpha1.Failure) bool { return f.ExitCode != nil && !f.Synthesized }

// hasOwnReason: the reason says more than that the exit code was not 0.
func hasOwnReason(f *v1alpha1.Failure) bool { return f.Reason != "" && f.Reason != "Error" }

// setByKubelet tells of an exit code that no program returned.
func setByKubelet(f *v1alpha1.Failure) string {
	if f.ExitCode == nil || !f.Synthesized {
		return ""
	}
	return "exit code " + decimal(*f.ExitCode) + " was set by the kubelet"
}

func containerWords(f *v1alpha1.Failure) string {
	switch f.ContainerType {
	case v1alpha1.ContainerInit:
		return "init container " + f.Container
	case v1alpha1.ContainerSidecar:
		return "sidecar " + f.Container
	}
	return f.Container
}
