package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maxBinary is how large a binary may become: everybody who installs it loads
// and starts it (docs/decisions/7-a-small-binary.md).
const maxBinary = 32 << 20

// checkSizes holds the binaries that goreleaser left in the folder against it.
func checkSizes(folder string) error {
	binaries, err := filepath.Glob(filepath.Join(folder, "*", "kubectl-indexjob*"))
	if err != nil {
		return err
	}
	if len(binaries) == 0 {
		return fmt.Errorf("there is no binary in %s\nhint: make dist", folder)
	}
	var tooLarge []error
	for _, binary := range binaries {
		info, err := os.Stat(binary)
		if err != nil {
			return err
		}
		if info.Size() > maxBinary {
			tooLarge = append(tooLarge, fmt.Errorf("%s has %.1f MiB, and %d are allowed\nhint: git bisect finds the import, go tool nm -size -sort size what it brings", binary, float64(info.Size())/(1<<20), maxBinary>>20))
		}
	}
	return errors.Join(tooLarge...)
}
