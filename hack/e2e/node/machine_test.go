//go:build linux

package node_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// machine is what a node could change of it, unless it kept to its namespaces.
type machine struct {
	Mounts, Interfaces, Folders, Settings []string
}

// settings are what a kubelet writes where it is not kept from it, and containerd
// and its network plugins.
var settings = []string{
	"/proc/sys/kernel/hostname", "/proc/sys/kernel/panic", "/proc/sys/kernel/panic_on_oops", "/proc/sys/net/ipv4/ip_forward",
	"/proc/sys/vm/overcommit_memory", "/proc/sys/vm/panic_on_oom", "/etc/resolv.conf", "/etc/hosts",
}

func lookAtMachine(t *testing.T) (m machine) {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	m.Mounts = strings.Split(string(mounts), "\n")
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		m.Interfaces = append(m.Interfaces, i.Name+" "+i.Flags.String())
	}
	for _, folder := range []string{"/etc", "/opt", "/run", "/usr/libexec", "/var/lib", "/var/log"} {
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			m.Folders = append(m.Folders, filepath.Join(folder, entry.Name()))
		}
	}
	for _, file := range settings {
		value, _ := os.ReadFile(file)
		m.Settings = append(m.Settings, file+": "+string(value))
	}
	return m
}

// traces are what there is of a node outside its namespaces.
type traces struct {
	Processes, Mounts, Cgroups, Loops, Folders []string
}

func (t traces) none() bool {
	return len(t.Processes)+len(t.Mounts)+len(t.Cgroups)+len(t.Loops)+len(t.Folders) == 0
}

// tracesOf looks everywhere for a node by the name of its folder, which each of
// its processes has in its cgroups, its arguments or its environment.
func tracesOf(dir string) (found traces) {
	name := []byte(filepath.Base(dir))
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		if process == "/proc/"+strconv.Itoa(os.Getpid()) {
			continue
		}
		if mentions(name, process+"/cgroup", process+"/cmdline", process+"/environ") {
			found.Processes = append(found.Processes, process)
		}
		if mentions(name, process+"/mountinfo") {
			found.Mounts = append(found.Mounts, process)
		}
	}
	hierarchies, _ := os.ReadDir("/sys/fs/cgroup")
	for _, hierarchy := range hierarchies {
		_ = filepath.WalkDir(filepath.Join("/sys/fs/cgroup", hierarchy.Name()), func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.IsDir() && entry.Name() == string(name) {
				found.Cgroups = append(found.Cgroups, path)
			}
			return nil
		})
	}
	loops, _ := filepath.Glob("/sys/block/loop*/loop/backing_file")
	for _, loop := range loops {
		if mentions(name, loop) {
			found.Loops = append(found.Loops, loop)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		found.Folders = []string{dir}
	}
	return found
}

func mentions(name []byte, files ...string) bool {
	return slices.ContainsFunc(files, func(file string) bool {
		data, err := os.ReadFile(file)
		return err == nil && bytes.Contains(data, name)
	})
}

// keeperOf finds the keeper of a node.
func keeperOf(t *testing.T, dir string) int {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		data, _ := os.ReadFile(file)
		variables := strings.Split(string(data), "\x00")
		// Of a variable that is there more than once the last counts.
		slices.Reverse(variables)
		last := func(name string) string {
			i := slices.IndexFunc(variables, func(v string) bool { return strings.HasPrefix(v, name+"=") })
			if i < 0 {
				return ""
			}
			return variables[i][len(name)+1:]
		}
		if last("INDEXJOB_NODE_ROLE") == "keeper" && last("INDEXJOB_NODE_DIR") == dir {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			return pid
		}
	}
	t.Fatalf("the node in %s has no keeper", dir)
	return 0
}
