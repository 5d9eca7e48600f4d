package krew

import (
	"slices"
	"strings"
	"testing"
)

// install is what the caveats and the README say.
const install = `f=$(dirname "$(command -v kubectl-indexjob)")/kubectl_complete-indexjob
kubectl indexjob completion kubectl > "$f" && chmod +x "$f"`

// tab prints what bash would offer for a line, by kubectl's own script. The
// line's words are the arguments, the last one as far as it is typed.
const tab = `source /usr/share/bash-completion/bash_completion
source <(kubectl completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=63
COMP_POINT=${#COMP_LINE}
__start_kubectl 2>/dev/null
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"`

// TestCompletion is the way of a new user to the first TAB: krew, the line that
// installs what kubectl asks, and a bash with kubectl's completion.
func TestCompletion(t *testing.T) {
	user := newUser(t)
	user.run(t, "kubectl", "krew", "install", "--manifest", writeManifest(t, "http://127.0.0.1"), "--archive", archive(t))
	user.run(t, "bash", "-c", install)
	example := absolute(t, examples, "a-two-indexes-fail.yaml")
	for _, test := range []struct{ line, want string }{
		{"kubectl indexjob expl", "explain"},
		{"kubectl indexjob explain --ind", "--index"},
		{"kubectl indexjob explain --color a", "always auto"},
		{"kubectl indexjob explain -f " + example + " --index ", "1 2"},
		{"kubectl indexjob explain -f " + example + " --cause ", "hbthwtsw"},
		{"kubectl indexjob explain -o jsonpath-f", "jsonpath-file="},
		{"kubectl indexjob explain two", ""}, // there is no server
	} {
		offered := user.run(t, "bash", append([]string{"-c", tab, "bash"}, strings.Split(test.line, " ")...)...)
		var got []string
		for line := range strings.Lines(offered) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			got = append(got, word)
		}
		slices.Sort(got)
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s<TAB> offers %q, want %q", test.line, got, test.want)
		}
	}
}
