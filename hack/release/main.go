// Command release writes the krew manifest of the archives in a folder, and
// fails where a binary has become too large:
//
//	go run ./hack/release dist    writes dist/indexjob.yaml
//
// Its template is .krew.yaml, which krew-release-bot fills for krew-index once
// a release is published.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const templateFile = ".krew.yaml"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./hack/release FOLDER")
		os.Exit(1)
	}
	if err := errors.Join(checkSizes(os.Args[1]), writeManifest(os.Args[1])); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// writeManifest reads what goreleaser left in the folder: metadata.json and
// checksums.txt.
func writeManifest(folder string) error {
	text, err := os.ReadFile(templateFile)
	if err != nil {
		return err
	}
	metadata, err := os.ReadFile(filepath.Join(folder, "metadata.json"))
	if err != nil {
		return fmt.Errorf("%w\nhint: make dist", err)
	}
	var release struct{ Version string }
	if err := json.Unmarshal(metadata, &release); err != nil {
		return fmt.Errorf("reading metadata.json: %w", err)
	}
	checksums, err := os.ReadFile(filepath.Join(folder, "checksums.txt"))
	if err != nil {
		return err
	}
	manifest, err := render(string(text), "v"+release.Version, parseChecksums(string(checksums)))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "indexjob.yaml"), []byte(manifest), 0o644)
}
