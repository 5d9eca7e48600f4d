package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// EtcdVersion serves every Kubernetes version that we run.
const EtcdVersion = "3.6.16"

// Binaries are the paths of one version's programs.
type Binaries struct {
	Version                                     string // such as 1.37.2
	Etcd, APIServer, ControllerManager, Kubectl string
}

// Build returns the programs of a Kubernetes version such as 1.37.2, from the
// cache where it has them.
func Build(ctx context.Context, version string) (Binaries, error) {
	etcd, err := BuildOnce("etcd-"+EtcdVersion, func(dir string) error { return buildEtcd(ctx, dir) })
	if err != nil {
		return Binaries{}, fmt.Errorf("build etcd %s: %w", EtcdVersion, err)
	}
	kubernetes, err := BuildKubernetes(ctx, version, version, "kube-apiserver", "kube-controller-manager", "kubectl")
	if err != nil {
		return Binaries{}, err
	}
	return Binaries{
		Version:           version,
		Etcd:              filepath.Join(etcd, "etcd"),
		APIServer:         filepath.Join(kubernetes, "kube-apiserver"),
		ControllerManager: filepath.Join(kubernetes, "kube-controller-manager"),
		Kubectl:           filepath.Join(kubernetes, "kubectl"),
	}, nil
}

// BuildKubernetes returns the folder, called name in the cache, of further
// programs of a Kubernetes version, such as kubelet.
func BuildKubernetes(ctx context.Context, version, name string, programs ...string) (string, error) {
	dir, err := BuildOnce(name, func(dir string) error { return buildKubernetes(ctx, dir, version, programs) })
	if err != nil {
		return "", fmt.Errorf("build kubernetes %s: %w", version, err)
	}
	return dir, nil
}

func cacheDir() (string, error) {
	if dir := os.Getenv("INDEXJOB_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "indexjob-e2e"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w\nhint: set INDEXJOB_CACHE", err)
	}
	return filepath.Join(home, ".cache", "indexjob-e2e"), nil
}

// BuildOnce fills the folder called name in the cache by build, unless it is
// there. It appears whole or not at all, and two processes do not build the same
// twice.
func BuildOnce(name string, build func(dir string) error) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	done := filepath.Join(cache, name)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(done + ".lock")
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(done); err == nil {
		return done, nil
	}
	temp, err := os.MkdirTemp(cache, name+".building-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	if err := build(temp); err != nil {
		return "", err
	}
	return done, os.Rename(temp, done)
}

func buildEtcd(ctx context.Context, dir string) error {
	module := "module etcd.binary\n\ngo 1.25.0\n\nrequire go.etcd.io/etcd/server/v3 v" + EtcdVersion + "\n"
	return goBuild(ctx, dir, module, "-s -w", filepath.Join(dir, "etcd"), "go.etcd.io/etcd/server/v3")
}

func buildKubernetes(ctx context.Context, dir, version string, programs []string) error {
	module, err := kubernetesModule(ctx, version)
	if err != nil {
		return err
	}
	packages := make([]string, len(programs))
	for i, program := range programs {
		packages[i] = "k8s.io/kubernetes/cmd/" + program
	}
	return goBuild(ctx, dir, module, versionFlags(version), dir+string(filepath.Separator), packages...)
}

// kubernetesModule writes the go.mod of a main module that can build
// k8s.io/kubernetes. Its own go.mod replaces the staging modules by folders
// that the published module has not got; they are published as v0.x.
func kubernetesModule(ctx context.Context, version string) (string, error) {
	var download struct{ GoMod string }
	if err := goJSON(ctx, &download, "mod", "download", "-json", "k8s.io/kubernetes@v"+version); err != nil {
		return "", err
	}
	var upstream struct {
		Go      string
		Replace []struct{ Old, New struct{ Path string } }
	}
	if err := goJSON(ctx, &upstream, "mod", "edit", "-json", download.GoMod); err != nil {
		return "", err
	}
	var module strings.Builder
	fmt.Fprintf(&module, "module kubernetes.binaries\n\ngo %s\n\nrequire k8s.io/kubernetes v%s\n\n", upstream.Go, version)
	for _, replace := range upstream.Replace {
		if strings.HasPrefix(replace.New.Path, "./staging/") {
			fmt.Fprintf(&module, "replace %s => %s v0.%s\n", replace.Old.Path, replace.Old.Path, strings.TrimPrefix(version, "1."))
		}
	}
	return module.String(), nil
}

// versionFlags let /version and `kubectl version` tell the truth, as upstream's
// hack/lib/version.sh does.
func versionFlags(version string) string {
	minor, _, _ := strings.Cut(strings.TrimPrefix(version, "1."), ".")
	flags := []string{"-s", "-w"}
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, value := range []string{"gitVersion=v" + version, "gitMajor=1", "gitMinor=" + minor, "gitTreeState=archive", "buildDate=1970-01-01T00:00:00Z"} {
			flags = append(flags, "-X", pkg+"."+value)
		}
	}
	return strings.Join(flags, " ")
}

func goBuild(ctx context.Context, dir, module, ldflags, output string, packages ...string) error {
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(module), 0o644); err != nil {
		return err
	}
	args := append([]string{"build", "-mod=mod", "-p=2", "-trimpath", "-buildvcs=false", "-ldflags=" + ldflags, "-o", output}, packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0", "GOMAXPROCS=2")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

func goJSON(ctx context.Context, into any, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = os.TempDir() // no module of ours is to have a say
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return json.Unmarshal(out, into)
}
