//go:build linux

package node

import "testing"

// Where a machine mounts its hierarchies, whole and as a container sees them.
func TestACgroupIsFoundWhereItIsMounted(t *testing.T) {
	const mounts = `25 24 0:23 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
26 25 0:24 / /sys/fs/cgroup/systemd rw,nosuid shared:9 - cgroup cgroup rw,xattr,name=systemd
27 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:10 - cgroup cgroup rw,cpu,cpuacct
28 25 0:26 /docker/abc /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory
29 25 0:27 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw
`
	for _, test := range []struct{ controllers, path, folder string }{
		{"name=systemd", "/user.slice", "/sys/fs/cgroup/systemd/user.slice"},
		{"cpu,cpuacct", "/", "/sys/fs/cgroup/cpu,cpuacct"},
		{"memory", "/docker/abc/deep", "/sys/fs/cgroup/memory/deep"},
		{"memory", "/docker/other", ""}, // not below what is mounted
		{"pids", "/", ""},               // not mounted
	} {
		folder, ok := folderOf([]byte(mounts), test.controllers, test.path)
		if ok != (test.folder != "") || ok && folder != test.folder {
			t.Errorf("%s of %s: %q, %v, want %q", test.path, test.controllers, folder, ok, test.folder)
		}
	}
}
