package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesAreHeld: what README.md and docs/security.md say of security names
// the tests that hold it, and each of them is there.
func TestPromisesAreHeld(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Security\n")
	section, _, _ = strings.Cut(section, "\n## ")
	details, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	for _, promise := range strings.Split(section, "\n- ")[1:] {
		if !named.MatchString(promise) {
			t.Errorf("no test is named that holds this:\n%s", promise)
		}
	}
	tests := declaredTests(t)
	for _, name := range named.FindAllStringSubmatch(section+string(details), -1) {
		if !bytes.Contains(tests, []byte("\nfunc "+name[1]+"(")) {
			t.Errorf("there is no %s", name[1])
		}
	}
}

// declaredTests is the text of all tests.
func declaredTests(t *testing.T) []byte {
	t.Helper()
	var all []byte
	for _, root := range []string{".", "../../pkg", "../../hack"} {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			all = append(append(all, '\n'), text...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
