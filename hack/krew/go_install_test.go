package krew

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// TestGoInstall has Go install the plugin from a module proxy, which serves
// the commit at hand as a release: `go install ...@latest` works and the plugin
// knows its version. A replace in go.mod, or a file that no module may hold,
// would fail here.
func TestGoInstall(t *testing.T) {
	release := module.Version{Path: "github.com/indexjob/kubectl-indexjob", Version: "v1.2.3"}
	proxy, bin := serveModule(t, release), t.TempDir()
	cache := strings.TrimSpace(run(t, nil, "go", "env", "GOMODCACHE"))
	run(t, []string{
		// What else it needs was downloaded to build it here.
		"GOPROXY=file://" + filepath.ToSlash(proxy) + ",file://" + filepath.ToSlash(cache) + "/cache/download",
		"GOSUMDB=off",
		"GONOPROXY=none", "GOPRIVATE=",
		"GOMODCACHE=" + filepath.Join(t.TempDir(), "mod"), "GOBIN=" + bin,
		// As the archive was built: what was compiled for it serves.
		"CGO_ENABLED=0", "GOFLAGS=-trimpath -modcacherw",
	}, "go", "install", release.Path+"/cmd/kubectl-indexjob@latest")

	version := run(t, nil, filepath.Join(bin, "kubectl-indexjob"), "version")
	if version != release.Version+"\n" {
		t.Errorf("version of what go install built: got %q, want %s", version, release.Version)
	}
}

// serveModule lays out a module proxy of one version, as
// https://go.dev/ref/mod#goproxy-protocol has it, from the commit at hand.
func serveModule(t *testing.T, release module.Version) string {
	t.Helper()
	clone, proxy := filepath.Join(t.TempDir(), "clone"), t.TempDir()
	run(t, nil, "git", "clone", "--quiet", absolute(t, root), clone)
	var archive bytes.Buffer
	if err := modzip.CreateFromDir(&archive, release, clone); err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile(filepath.Join(clone, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	versions := filepath.Join(proxy, filepath.FromSlash(release.Path), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"list":                    []byte(release.Version + "\n"),
		release.Version + ".info": []byte(`{"Version": "` + release.Version + `"}`),
		release.Version + ".mod":  gomod,
		release.Version + ".zip":  archive.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(versions, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return proxy
}

// run adds to this process's environment, or changes it.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
