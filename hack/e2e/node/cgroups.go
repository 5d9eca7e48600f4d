//go:build linux

package node

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// hierarchy is one of cgroup v1.
type hierarchy struct {
	// controllers as the kernel names them to mount it: "memory", "cpu,cpuacct",
	// "name=systemd".
	controllers string
	// folder is that of the cgroup that we are in.
	folder string
}

// controllers are those without which a kubelet does not start on cgroup v1.
var controllers = []string{"cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"}

// hierarchies are all of the machine, but for v2 beside v1, which a kubelet does
// not use.
func hierarchies() ([]hierarchy, error) {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	var all []hierarchy
	there := map[string]bool{}
	for line := range strings.Lines(string(own)) {
		// ID:controllers:path
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 || fields[1] == "" {
			continue
		}
		folder, ok := folderOf(mounts, fields[1], fields[2])
		if !ok {
			continue
		}
		all = append(all, hierarchy{fields[1], folder})
		for name := range strings.SplitSeq(fields[1], ",") {
			there[name] = true
		}
	}
	for _, name := range controllers {
		if !there[name] {
			return nil, fmt.Errorf("a real node needs cgroup v1, and controller %s is not mounted\nhint: cgroup v2 alone has not been tried", name)
		}
	}
	return all, nil
}

// folderOf finds where a cgroup of a hierarchy is mounted.
func folderOf(mounts []byte, controllers, path string) (string, bool) {
	scanner := bufio.NewScanner(bytes.NewReader(mounts))
	for scanner.Scan() {
		// ID parent device root mount-point options... - type source super-options
		before, after, _ := strings.Cut(scanner.Text(), " - ")
		mount, kind := strings.Fields(before), strings.Fields(after)
		if len(mount) < 5 || len(kind) < 3 || kind[0] != "cgroup" {
			continue
		}
		options := strings.Split(kind[2], ",")
		if !slices.ContainsFunc(strings.Split(controllers, ","), func(name string) bool { return !slices.Contains(options, name) }) {
			// In a container the mount shows but a part of the hierarchy.
			within, err := filepath.Rel(mount[3], path)
			return filepath.Join(mount[4], within), err == nil && !strings.HasPrefix(within, "..")
		}
	}
	return "", false
}

// cgroupsFile names, a line each, the cgroups of a node, for whoever removes
// them.
const cgroupsFile = "cgroups"

// makeCgroups makes one in each hierarchy, below our own so that its limits hold
// for all.
func makeCgroups(dir string) ([]string, error) {
	all, err := hierarchies()
	if err != nil {
		return nil, err
	}
	folders := make([]string, len(all))
	for i, h := range all {
		folders[i] = filepath.Join(h.folder, filepath.Base(dir))
	}
	// Written first: a crash in between leaves nothing that nobody knows of.
	if err := os.WriteFile(filepath.Join(dir, cgroupsFile), []byte(strings.Join(folders, "\n")+"\n"), 0o644); err != nil {
		return nil, err
	}
	for i, folder := range folders {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return nil, err
		}
		if all[i].controllers == "cpuset" {
			// A new one has no processors, and takes no process.
			for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
				value, err := os.ReadFile(filepath.Join(all[i].folder, name))
				if err != nil {
					return nil, err
				}
				if err := os.WriteFile(filepath.Join(folder, name), value, 0o644); err != nil {
					return nil, err
				}
			}
		}
	}
	return folders, nil
}

// enter moves this process, with all of its threads.
func enter(cgroups []string) error {
	for _, folder := range cgroups {
		if err := os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte("0"), 0o644); err != nil {
			return fmt.Errorf("enter cgroup %s: %w", folder, err)
		}
	}
	return nil
}

// removeCgroups removes those of a node and all below them. Their processes have
// been killed, but may take a moment to be gone.
func removeCgroups(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, cgroupsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var wrong error
	for folder := range strings.FieldsSeq(string(data)) {
		if filepath.Base(folder) != filepath.Base(dir) {
			return fmt.Errorf("remove cgroup %s: it is not of %s", folder, dir)
		}
		deadline := time.Now().Add(10 * time.Second)
		for {
			err := removeCgroup(folder)
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				wrong = errors.Join(wrong, err)
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return wrong
}

// removeCgroup removes one, those in it first.
func removeCgroup(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeCgroup(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	// Not os.Remove, which would try to unlink it first.
	if err := syscall.Rmdir(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove cgroup %s: %w", folder, err)
	}
	return nil
}
