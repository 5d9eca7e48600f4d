//go:build linux

package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
)

// packages are Debian's: the runtime, and a program for the pods to run.
var packages = []string{"containerd", "runc", "containernetworking-plugins", "busybox-static"}

// unpack fetches the packages and unpacks them into the cache. Nothing is
// installed, and apt's own lists stay as they are.
func unpack(ctx context.Context) (string, error) {
	return controlplane.BuildOnce("node-packages", func(dir string) error {
		fetch, err := os.MkdirTemp("", "indexjob-apt-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(fetch)
		if err := os.MkdirAll(filepath.Join(fetch, "lists", "partial"), 0o755); err != nil {
			return err
		}
		apt := []string{"-q", "-o", "Dir::State::lists=" + filepath.Join(fetch, "lists"), "-o", "Dir::Cache=" + fetch, "-o", "APT::Sandbox::User=root"}
		if err := command(ctx, fetch, "apt-get", append(apt, "update")...); err != nil {
			return err
		}
		if err := command(ctx, fetch, "apt-get", append(append(apt, "download"), packages...)...); err != nil {
			return err
		}
		archives, err := filepath.Glob(filepath.Join(fetch, "*.deb"))
		if err != nil {
			return err
		}
		for _, archive := range archives {
			if err := command(ctx, fetch, "dpkg-deb", "-x", archive, dir); err != nil {
				return err
			}
		}
		return nil
	})
}

// unpacked is the folder that unpack has filled.
func unpacked() (string, error) {
	return controlplane.BuildOnce("node-packages", func(string) error {
		return errors.New("find Debian's packages: they have not been unpacked\nhint: call Prepare outside, where there is a network")
	})
}

func command(ctx context.Context, dir, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}
