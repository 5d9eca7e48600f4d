package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const (
	module       = "github.com/indexjob/kubectl-indexjob"
	contributing = "../../CONTRIBUTING.md"
)

// goPackage is what `go list -json` says of a package. Imports are the direct
// ones of files that are no tests.
type goPackage struct {
	ImportPath string
	Imports    []string
}

// TestArrows holds the direct imports of our packages against the drawing in
// CONTRIBUTING.md, so that the drawing cannot go stale.
func TestArrows(t *testing.T) {
	drawing := readDrawing(t)
	for _, pkg := range listPackages(t) {
		from := room(pkg.ImportPath)
		for _, imported := range pkg.Imports {
			to := room(imported)
			if to == "" || to == from || to == "indexes" {
				continue
			}
			if !slices.Contains(drawing[from], to) {
				t.Errorf("%s imports %s: %s has no arrow %s → %s", pkg.ImportPath, imported, path.Base(contributing), from, to)
			}
		}
	}
}

// TestReplayIsPure holds that the rules see no machine, no network and no
// client: they are functions of the evidence and the time that they are given.
func TestReplayIsPure(t *testing.T) {
	impure := []string{"os", "net", "syscall", "k8s.io/client-go", "k8s.io/cli-runtime"}
	for _, pkg := range listPackages(t) {
		if in := room(pkg.ImportPath); in != "replay" && in != "controller" {
			continue
		}
		for _, imported := range pkg.Imports {
			for _, root := range impure {
				if imported == root || strings.HasPrefix(imported, root+"/") {
					t.Errorf("%s imports %s", pkg.ImportPath, imported)
				}
			}
		}
	}
}

// TestOnlyClusterTalks holds that no package but cluster, whose transport only
// reads, can send anything, and that none runs another program. What a
// kubeconfig names to log in with is client-go's.
func TestOnlyClusterTalks(t *testing.T) {
	for _, pkg := range listPackages(t) {
		from := room(pkg.ImportPath)
		if strings.HasPrefix(from, "hack/") || strings.HasSuffix(pkg.ImportPath, "/clustertest") {
			continue
		}
		for _, imported := range pkg.Imports {
			if from != "cluster" && (imported == "net" || imported == "net/http") || imported == "os/exec" {
				t.Errorf("%s imports %s", pkg.ImportPath, imported)
			}
		}
	}
}

// room names the part of the house that a package belongs to, as the drawing
// does: main, the folder in pkg or hack, or "" for a package that is not ours.
func room(importPath string) string {
	inside, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return ""
	}
	if strings.HasPrefix(inside, "cmd/") {
		return "main"
	}
	folders := strings.Split(inside, "/")
	if folders[0] == "hack" {
		return "hack/" + folders[1]
	}
	return folders[1]
}

// readDrawing reads the lines "view → api, terminal".
func readDrawing(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(contributing)
	if err != nil {
		t.Fatal(err)
	}
	drawing := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		from, to, ok := strings.Cut(strings.TrimSpace(line), " → ")
		if ok && strings.HasPrefix(line, "    ") {
			drawing[strings.TrimSpace(from)] = strings.Split(to, ", ")
		}
	}
	if len(drawing) == 0 {
		t.Fatalf("%s draws no arrows", contributing)
	}
	return drawing
}

// listPackages lists the packages of this module once for each system that a
// file's name or tags may choose by.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	var packages []goPackage
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...")
		list.Env = append(os.Environ(), "GOOS="+system)
		list.Stderr = os.Stderr
		out, err := list.Output()
		if err != nil {
			t.Fatalf("listing the packages for %s: %v", system, err)
		}
		for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
			var pkg goPackage
			err := decoder.Decode(&pkg)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("reading what go list says for %s: %v", system, err)
			}
			packages = append(packages, pkg)
		}
	}
	return packages
}
