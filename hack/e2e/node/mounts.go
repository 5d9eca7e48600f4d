//go:build linux

package node

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// hidden are folders to which kubelet, containerd and runc write whatever their
// settings say. Ours lie over the machine's.
var hidden = []string{"/run", "/var/lib", "/var/log"}

// isSeenInside tells whether a path of the machine is not hidden.
func isSeenInside(path string) error {
	for _, folder := range hidden {
		if strings.HasPrefix(path, folder+"/") {
			return fmt.Errorf("a real node hides %s from its programs, where %s is\nhint: set TMPDIR and INDEXJOB_CACHE to folders of elsewhere", folder, path)
		}
	}
	return nil
}

// Where the node's own programs find things, inside.
const (
	kubeletDir    = "/var/lib/kubelet"
	containerdDir = "/var/lib/containerd"
	runtimeSocket = "/run/containerd/containerd.sock"
)

// diskBytes is the size of the disk that pods' volumes are on: small, so that one
// pod can fill it.
const diskBytes = 1 << 30

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := syscall.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("mount %s on %s: %w", kind, target, err)
	}
	return nil
}

// mountApart sees to it that no mount of ours reaches the machine.
func mountApart(string) error {
	if err := mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		return err
	}
	return mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, "")
}

// mountCgroups shows what the cgroup namespace has: the node's part as a whole.
func mountCgroups(string) error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	const root = "/sys/fs/cgroup"
	if err := mount("cgroups", root, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	for _, h := range all {
		name := strings.TrimPrefix(h.controllers, "name=")
		folder, options := filepath.Join(root, name), h.controllers
		if strings.HasPrefix(options, "name=") {
			options = "none," + options
		}
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		if err := mount("cgroup", folder, "cgroup", 0, options); err != nil {
			return err
		}
		if strings.Contains(name, ",") {
			for one := range strings.SplitSeq(name, ",") {
				if err := os.Symlink(name, filepath.Join(root, one)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mountState gives the programs their folders.
func mountState(dir string) error {
	for _, folder := range hidden {
		if err := mount("node", folder, "tmpfs", 0, "mode=755"); err != nil {
			return err
		}
	}
	for _, folder := range []string{kubeletDir, containerdDir, filepath.Dir(runtimeSocket), filepath.Join(dir, "containerd"), filepath.Join(dir, "logs")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	// Layers of images cannot be on a tmpfs that is an overlay's upper part.
	if err := mount(filepath.Join(dir, "containerd"), containerdDir, "", syscall.MS_BIND, ""); err != nil {
		return err
	}
	// Names are looked up nowhere, but for the node's own, by which the API server
	// asks it for logs.
	if err := pretend(dir, "/etc/resolv.conf", ""); err != nil {
		return err
	}
	if err := pretend(dir, "/etc/hosts", "127.0.0.1 localhost\n"+Address+" "+Name+"\n"); err != nil {
		return err
	}
	return mountDisk(filepath.Join(dir, "kubelet.img"))
}

// mountDisk makes a disk for the kubelet. Not a tmpfs: what a pod writes to a
// volume there would count against its memory limit.
func mountDisk(image string) error {
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(image, diskBytes); err != nil {
		return err
	}
	for _, command := range [][]string{
		{"mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", image},
		{"mount", "-n", "-o", "loop", image, kubeletDir},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", command[0], err, out)
		}
	}
	return nil
}

// pretendSysctls shows the kubelet what it insists on, so that it does not write
// it: these belong to the whole machine.
func pretendSysctls(dir string) error {
	for file, value := range map[string]string{
		"/proc/sys/vm/overcommit_memory": "1",
		"/proc/sys/kernel/panic":         "10",
		"/proc/sys/kernel/panic_on_oops": "1",
	} {
		if err := pretend(dir, file, value+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// pretend lays a file of ours over the machine's.
func pretend(dir, file, content string) error {
	ours := filepath.Join(dir, "pretended"+strings.ReplaceAll(file, "/", "."))
	if err := os.WriteFile(ours, []byte(content), 0o644); err != nil {
		return err
	}
	if file, err := filepath.EvalSymlinks(file); err == nil {
		return mount(ours, file, "", syscall.MS_BIND, "")
	}
	return nil // a machine without one needs nothing over it
}
