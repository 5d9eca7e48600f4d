package krew

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
)

const (
	root     = "../.."
	tools    = root + "/bin/tools"
	dist     = root + "/dist"
	examples = root + "/hack/examples"
)

// TestInstall has krew's validator install every archive of dist from a server
// on loopback, as krew-index would, and then krew install this platform's from
// the file and kubectl call it.
func TestInstall(t *testing.T) {
	server := httptest.NewServer(http.FileServer(http.Dir(dist)))
	defer server.Close()
	manifest := writeManifest(t, server.URL)
	user := newUser(t)

	t.Log(user.run(t, absolute(t, tools, "validate-krew-manifest"), "-manifest", manifest))

	t.Log(user.run(t, "kubectl", "krew", "install", "--manifest", manifest, "--archive", archive(t)))
	if plugins := user.run(t, "kubectl", "plugin", "list"); !strings.Contains(plugins, "kubectl-indexjob") || strings.Contains(plugins, "warning") {
		t.Errorf("kubectl plugin list says:\n%s", plugins)
	}

	version := user.run(t, "kubectl", "indexjob", "version")
	if want := spec(t, manifest)["version"].(string); !strings.Contains(version, want) {
		t.Errorf("version: got %q, which does not name %s", version, want)
	}
	recorded, err := filepath.Glob(absolute(t, examples, "*.yaml"))
	if err != nil || len(recorded) == 0 {
		t.Fatalf("%s holds no examples (%v)", examples, err)
	}
	answer := user.run(t, "kubectl", "indexjob", "explain", "-f", recorded[0])
	if !strings.Contains(answer, "Matches the controller") {
		t.Errorf("explain -f %s says:\n%s", recorded[0], answer)
	}
}

// user is somebody with a home, kubectl and krew, and nothing else of ours.
type user struct{ env []string }

func newUser(t *testing.T) user {
	t.Helper()
	built, err := controlplane.Build(t.Context(), cmp.Or(os.Getenv("K8S"), "1.37.2"))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"kubectl":      built.Kubectl,
		"kubectl-krew": absolute(t, tools, "krew"),
	} {
		if err := os.Symlink(target, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	krewRoot := filepath.Join(home, ".krew")
	search := strings.Join([]string{bin, filepath.Join(krewRoot, "bin"), "/usr/bin", "/bin"}, string(os.PathListSeparator))
	// The plugin, krew and kubectl are looked up by their names.
	t.Setenv("PATH", search)
	return user{env: []string{"HOME=" + home, "KREW_ROOT=" + krewRoot, "PATH=" + search}}
}

func (u user) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = u.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// writeManifest writes dist/indexjob.yaml anew for the archives that are
// there, to be fetched from the server.
func writeManifest(t *testing.T, server string) string {
	t.Helper()
	manifest := readManifest(t, filepath.Join(dist, "indexjob.yaml"))
	spec := manifest["spec"].(map[string]any)
	var platforms []any
	for _, platform := range spec["platforms"].([]any) {
		platform := platform.(map[string]any)
		name := path.Base(platform["uri"].(string))
		if _, err := os.Stat(filepath.Join(dist, name)); err == nil {
			platform["uri"] = server + "/" + name
			platforms = append(platforms, platform)
		}
	}
	spec["platforms"] = platforms
	text, err := yaml.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	// The validator takes the plugin's name from the file's.
	file := filepath.Join(t.TempDir(), "indexjob.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func spec(t *testing.T, file string) map[string]any {
	t.Helper()
	return readManifest(t, file)["spec"].(map[string]any)
}

func readManifest(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\nhint: make krew", err)
	}
	var manifest map[string]any
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest
}

// archive is the one of this platform.
func archive(t *testing.T) string {
	t.Helper()
	extension := ".tar.gz"
	if runtime.GOOS == "windows" {
		extension = ".zip"
	}
	return absolute(t, dist, "kubectl-indexjob_"+runtime.GOOS+"_"+runtime.GOARCH+extension)
}

func absolute(t *testing.T, elements ...string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return file
}
