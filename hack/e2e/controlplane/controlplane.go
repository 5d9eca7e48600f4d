package controlplane

import (
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/process"
)

// controllers are those that have a say in the life of a Job and its pods.
var controllers = []string{
	"job-controller", "cronjob-controller", "ttl-after-finished-controller",
	"pod-garbage-collector-controller", "garbage-collector-controller", "namespace-controller",
	"serviceaccount-controller", "disruption-controller", "resourcequota-controller",
}

// ControlPlane is a running one.
type ControlPlane struct {
	Binaries
	// Dir holds certificates, data, the kubeconfig and, in logs, what each
	// process wrote.
	Dir string
	// Kubeconfig is the file of a cluster administrator.
	Kubeconfig string

	options                            Options
	port, etcdPort, etcdPeerPort       int
	etcd, apiServer, controllerManager *process.Process
}

// Options are what a control plane with real nodes needs beside the usual.
type Options struct {
	// Controllers run beside those that touch Jobs.
	Controllers []string
	// ManagerFlags go to kube-controller-manager as they are.
	ManagerFlags []string
}

// Start builds what is not built yet, and runs it. Stop ends it.
func Start(ctx context.Context, version string) (*ControlPlane, error) {
	return StartWith(ctx, version, Options{})
}

// StartWith is Start with options.
func StartWith(ctx context.Context, version string, options Options) (*ControlPlane, error) {
	binaries, err := Build(ctx, version)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		cp, err := start(ctx, binaries, options)
		if err == nil || try == 3 || !errors.Is(err, errEndedEarly) {
			return cp, err
		}
		// Most likely somebody else took a port since we looked.
	}
}

func start(ctx context.Context, binaries Binaries, options Options) (*ControlPlane, error) {
	dir, err := os.MkdirTemp("", "indexjob-e2e-")
	if err != nil {
		return nil, err
	}
	cp := &ControlPlane{Binaries: binaries, Dir: dir, Kubeconfig: filepath.Join(dir, "kubeconfig"), options: options}
	if err := cp.run(ctx); err != nil {
		cp.endProcesses()
		return nil, fmt.Errorf("start the control plane: %w\nhint: the logs are in %s", err, cp.Logs())
	}
	return cp, nil
}

func (cp *ControlPlane) run(ctx context.Context) error {
	if err := cp.prepare(); err != nil {
		return err
	}
	if err := cp.startEtcd(); err != nil {
		return err
	}
	if err := cp.StartAPIServer(ctx); err != nil {
		return err
	}
	return cp.startControllerManager()
}

// prepare writes certificates and kubeconfig, and chooses the ports.
func (cp *ControlPlane) prepare() error {
	if err := os.Mkdir(cp.Logs(), 0o755); err != nil {
		return err
	}
	for _, port := range []*int{&cp.port, &cp.etcdPort, &cp.etcdPeerPort} {
		var err error
		if *port, err = freePort(); err != nil {
			return err
		}
	}
	ca, err := newAuthority(cp.Dir)
	if err != nil {
		return fmt.Errorf("make the certificate authority: %w", err)
	}
	return errors.Join(
		ca.issue("apiserver", pkix.Name{CommonName: "kube-apiserver"}),
		ca.issue("admin", pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}}),
		ca.issueKey("service-account"),
		cp.writeKubeconfig(),
	)
}

func (cp *ControlPlane) writeKubeconfig() error {
	config := clientcmdapi.NewConfig()
	config.Clusters["e2e"] = &clientcmdapi.Cluster{
		Server:               fmt.Sprintf("https://127.0.0.1:%d", cp.port),
		CertificateAuthority: cp.file("ca.crt"),
	}
	config.AuthInfos["admin"] = &clientcmdapi.AuthInfo{
		ClientCertificate: cp.file("admin.crt"),
		ClientKey:         cp.file("admin.key"),
	}
	config.Contexts["e2e"] = &clientcmdapi.Context{Cluster: "e2e", AuthInfo: "admin"}
	config.CurrentContext = "e2e"
	return clientcmd.WriteToFile(*config, cp.Kubeconfig)
}

func (cp *ControlPlane) startEtcd() (err error) {
	client, peer := loopback(cp.etcdPort), loopback(cp.etcdPeerPort)
	cp.etcd, err = process.Start(cp.Logs(), cp.Etcd,
		"--data-dir="+cp.file("etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer)
	return err
}

// StartAPIServer starts it, the first time or after KillAPIServer, and waits
// until it is ready.
func (cp *ControlPlane) StartAPIServer(ctx context.Context) (err error) {
	cp.apiServer, err = process.Start(cp.Logs(), cp.APIServer,
		"--etcd-servers="+loopback(cp.etcdPort),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", // it would ask for the default route, where there is none
		fmt.Sprintf("--secure-port=%d", cp.port),
		"--tls-cert-file="+cp.file("apiserver.crt"), "--tls-private-key-file="+cp.file("apiserver.key"),
		"--client-ca-file="+cp.file("ca.crt"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+cp.file("service-account.key"),
		"--service-account-signing-key-file="+cp.file("service-account.key"),
		"--service-cluster-ip-range=10.0.0.0/24",
		"--endpoint-reconciler-type=none",
		"--profiling=false",
		// Tokens and tolerations would only make every recorded pod longer.
		"--disable-admission-plugins=ServiceAccount,DefaultTolerationSeconds")
	if err != nil {
		return err
	}
	return cp.waitReady(ctx)
}

// KillAPIServer ends the API server as a crash would.
func (cp *ControlPlane) KillAPIServer() {
	cp.apiServer.Stop(syscall.SIGKILL)
}

func (cp *ControlPlane) startControllerManager() (err error) {
	flags := []string{
		"--kubeconfig=" + cp.Kubeconfig, "--leader-elect=false", "--secure-port=0",
		"--controllers=" + strings.Join(slices.Concat(controllers, cp.options.Controllers), ","),
		"--kube-api-qps=1000", "--kube-api-burst=2000", "--concurrent-job-syncs=20",
		"--terminated-pod-gc-threshold=0",
	}
	cp.controllerManager, err = process.Start(cp.Logs(), cp.ControllerManager, append(flags, cp.options.ManagerFlags...)...)
	return err
}

// SilenceControllers keeps the controllers from doing anything until the
// returned function is called, as a machine does that hangs.
func (cp *ControlPlane) SilenceControllers() (resume func()) {
	manager := cp.controllerManager
	_ = manager.Signal(syscall.SIGSTOP)
	return func() { _ = manager.Signal(syscall.SIGCONT) }
}

// errEndedEarly is a process that ended while we waited for it.
var errEndedEarly = errors.New("ended early")

func (cp *ControlPlane) waitReady(ctx context.Context) error {
	config, err := cp.Config()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		_, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").Timeout(2 * time.Second).DoRaw(ctx)
		if err == nil {
			return nil
		}
		for _, p := range []*process.Process{cp.etcd, cp.apiServer} {
			if p.Ended() {
				return fmt.Errorf("%s %w", p.Name(), errEndedEarly)
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("wait for /readyz: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Config is for clients in this process: an administrator without a rate limit.
func (cp *ControlPlane) Config() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", cp.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS = -1
	return config, nil
}

// Logs is the folder of what the processes wrote.
func (cp *ControlPlane) Logs() string { return cp.file("logs") }

// Stop ends every process. The folder stays where keep is true, since its logs
// tell of a failure.
func (cp *ControlPlane) Stop(keep bool) error {
	cp.endProcesses()
	if keep {
		return nil
	}
	return os.RemoveAll(cp.Dir)
}

func (cp *ControlPlane) endProcesses() {
	cp.controllerManager.Stop(syscall.SIGKILL)
	cp.apiServer.Stop(syscall.SIGKILL)
	cp.etcd.Stop(syscall.SIGKILL)
}

func (cp *ControlPlane) file(name string) string { return filepath.Join(cp.Dir, name) }

func loopback(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
