package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// workplace is where somebody, or a CI system, types commands: a folder, with
// kubectl and the plugin in the path and a namespace chosen.
type workplace struct {
	dir, namespace string
	env            []string
}

func newWorkplace(t *testing.T, namespace string, env ...string) *workplace {
	t.Helper()
	plugin, err := buildPlugin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Client.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(plane.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts[config.CurrentContext].Namespace = namespace
	w := &workplace{dir: t.TempDir(), namespace: namespace}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, kubeconfig); err != nil {
		t.Fatal(err)
	}
	path := filepath.Dir(plane.Kubectl) + string(os.PathListSeparator) + plugin + string(os.PathListSeparator) + os.Getenv("PATH")
	// What this test itself may run in is not what the commands run in.
	w.env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+path, "GITHUB_ACTIONS=", "GITLAB_CI=")
	w.env = append(w.env, env...)
	return w
}

// result is how a command ended, and what it said.
type result struct {
	stdout, stderr string
	status         int
}

// run runs a program to its end.
func (w *workplace) run(t *testing.T, program string, args ...string) result {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir, command.Env = w.dir, w.env
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	if command.ProcessState == nil || !command.ProcessState.Exited() {
		t.Fatalf("%s %q: %v\n%s%s", program, args, err, out.String(), errs.String())
	}
	return result{out.String(), errs.String(), command.ProcessState.ExitCode()}
}

// file reads a file of the folder.
func (w *workplace) file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (w *workplace) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
