package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// pinned is an action by the full digest of a commit, its version beside it.
var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$`)

// TestWorkflows holds that what tests, builds and signs is pinned, and that no
// job may write what it does not name.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows (%v)", err)
	}
	for _, file := range files {
		text := readFile(t, file)
		for line := range strings.Lines(text) {
			_, action, ok := strings.Cut(strings.TrimSpace(line), "uses: ")
			if ok && !pinned.MatchString(action) {
				t.Errorf("%s: %s is not pinned by a commit", filepath.Base(file), action)
			}
		}
		var workflow struct{ Permissions map[string]string }
		if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
			t.Fatal(err)
		}
		if workflow.Permissions == nil {
			t.Errorf("%s: without permissions a job has all that the repository grants", filepath.Base(file))
		}
		for right, level := range workflow.Permissions {
			if level != "read" {
				t.Errorf("%s: every job may %s %s", filepath.Base(file), level, right)
			}
		}
	}
}
