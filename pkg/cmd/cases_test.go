package cmd

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// fileCase is a file that somebody has, what a reader must be told of it, and what
// must not be said.
type fileCase struct {
	// args are files of hack/cases, and flags.
	args   string
	says   []string
	silent []string
}

func TestFilesThatAKubeletLeft(t *testing.T) {
	for _, c := range []fileCase{
		{"kubelet/configerr-mid.yaml", []string{`secret "nope" not found`}, []string{"only an event"}},
		{"kubelet/deadnode-deleted.yaml", []string{"STUCK", "node node-1 has not been ready since 16:35:19Z"}, nil},
		{"kubelet/emptydir.yaml", []string{"Evicted; main exited 137"}, []string{"perhaps disrupted"}},
		{"kubelet/emptydir.yaml --index 0", []string{`Usage of EmptyDir volume "s" exceeds the limit "10Mi"`}, []string{"perhaps a disruption"}},
		{"kubelet/goal.yaml --index 3", []string{"Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 20Mi"}, []string{"restart within", "perhaps a disruption"}},
		{"kubelet/grace-mid.yaml", []string{"deletion was requested at 16:33:23Z, it is killed at 16:33:26Z at the latest"}, []string{"deleted 16:33:26"}},
		{"kubelet/imagepull-mid.yaml", []string{`failed to pull and unpack image "e2e.local/missing:1"`, "STUCK"}, nil},
		{"kubelet/imagepull-wait.json", []string{"did not run yet"}, []string{"exited 137"}},
		{"kubelet/imagepull-wait.json --index 0", []string{"exit code 137 was set by the kubelet"}, []string{"exited 137", "0 -> 1"}},
		{"kubelet/initfail.yaml --index 1", []string{"init container lock exited 7"}, []string{"ran 0s"}},
		{"kubelet/initslow.yaml --index 1", []string{"ended 16:21:05Z", "ran 15s"}, []string{"ran 0s"}},
		{"kubelet/liveness.yaml", []string{`main exited 137 after "Liveness probe failed"`}, nil},
		{"kubelet/loop-mid.yaml", []string{"STUCK", "main keeps failing, last exited 1", "backoffLimit 6"}, []string{"first attempt", "0 counted"}},
		{"kubelet/loop-mid.yaml --index 0", []string{"main restarted once in its pod, last exited 1, and waits to start again"}, []string{"first attempt", "0 counted failures"}},
		{"kubelet/mounterr.yaml", []string{`its pod never started`, `secret "nope" not found`}, nil},
		{"kubelet/onfailure-mid.yaml", []string{"2 restarts within pods (main last exited 3)", "backoffLimit 2"}, nil},
		{"kubelet/onfailure-mid.yaml --index 1", []string{"main restarted twice in its pod, last exited 3"}, []string{"first attempt", "0 counted failures"}},
		{"kubelet/preempted.yaml", []string{"Preempted by pod 455f4c71-8255-4023-8233-da899acf7a3f on node node-1"}, nil},
		{"kubelet/reboot.yaml", []string{"the node's runtime lost container main"}, []string{"main exited 255"}},
		{"kubelet/segv.yaml", []string{"Its one index succeeded"}, nil},
		{"kubelet/sidecar.yaml", []string{"main exited 7", "setup exited 9"}, nil},
		{"kubelet/sidecarpfp.yaml", []string{"main exited 42; proxy exited 143", "matched the exit code of sidecar proxy"}, nil},
		{"kubelet/suspend.yaml", []string{"SUSPENDED", "2 waiting"}, []string{"?"}},
		{"kubelet/twoc.yaml", []string{"helper exited 11"}, nil},
		{"kubelet/unschedulable.yaml", []string{"its pod was never scheduled: 0/1 nodes are available: 1 Insufficient cpu"}, nil},
	} {
		c.test(t)
	}
}

func TestFilesFromPublicReports(t *testing.T) {
	for _, c := range []fileCase{
		{"05-failed-create-invalid-sidecar.yaml", []string{"STUCK (0-2) 2m30s: pod creation has been rejected since 10:00:00Z", "may not be set for init containers without restartPolicy=Always"}, []string{"no pods were read", "?"}},
		{"09a-sigterm-exit-0-resumed.yaml", []string{"(0,1): exited 0 while being evicted"}, nil},
		{"25-manifest.yaml", []string{"MANIFEST", "nothing has run yet"}, []string{"RUNNING", "?", "As of"}},
		{"42-refused-since.yaml", []string{"since 10:00:01Z: exceeded quota: q"}, []string{"combined from", "steady-1-"}},
		{"20-volcano.yaml", []string{"a Job of batch.volcano.sh/v1alpha1, not of batch/v1"}, []string{"kubectl get job"}},
		{"habit-job.yaml habit-cluster-info-pods.yaml", []string{"6 first try"}, []string{"no pods", "its pod is gone"}},
		{"41-job-late.yaml 41-pods-early.yaml", []string{"The pods were read before the Job"}, []string{"DISAGREES", "after its replacement was created"}},
		{"02-completed-shrinks-1.22.yaml", []string{"older", "no forecast, no retries and no unfinished index are explained"}, []string{"1.37 assumed", "?"}},
		{"error-tail.yaml", []string{"6 first try", `Error from server (Forbidden): events is forbidden`}, []string{"line 6"}},
		{"stderr-mixed.json", []string{"6 first try", "Config not found"}, nil},
		{"array.yaml", []string{"6 first try"}, nil},
		{"habit-job.yaml cluster-info-dump.txt", []string{"6 first try"}, nil},
		{"no-uids.yaml", []string{"6 first try", "by the name of their owner"}, []string{"another Job of this name"}},
		{"neat-no-owner.yaml", []string{"6 first try", "by their labels"}, []string{"another Job of this name"}},
		{"describe.txt", []string{"kubectl describe", "-o yaml"}, []string{"without a kind"}},
		{"no-status.yaml", []string{"he file has no Job status"}, []string{"RUNNING"}},
		{"no-status.yaml", []string{"1 attempt is known"}, []string{"unknown, gone"}},
		{"04-failed-with-exit-0.yaml --index 0", []string{"failed", "main exited 0"}, []string{"no cause recorded"}},
		{"08a-completed-then-readmitted.yaml --index 1", []string{"marked the pod as failed later"}, []string{"counted failure"}},
		{"10-node-lost-prp-failed.yaml", []string{"STUCK (1) 1h57m", "node-dead, which has not been ready since 10:06:40Z", "podReplacementPolicy Failed waits for it", "As of 12:10:00Z"}, []string{"As of 10:11:40Z"}},
		{"10b-long-grace.yaml", []string{"deletion was requested at 10:10:00Z, it is killed at 11:10:00Z at the latest"}, []string{"deleted 11:10:00Z"}},
		{"12a-job-terminating-finalizer.yaml", []string{"the Job is being deleted", "pod backup-x7k2-0-t95hv, which has ended, holds it by the finalizer"}, nil},
		{"13a-deadline-all-pending-gone.yaml", []string{"its pod was never scheduled: 0/1 nodes are available: 1 node(s) had untolerated taint {app: blue}"}, nil},
		{"19-unknown-evicted-init.yaml --index 0", []string{"The node was low on resource: ephemeral-storage"}, []string{"could not be located"}},
		{"19-unknown-evicted-init.yaml --index 1", []string{"exceeds the total limit of containers 10Gi"}, []string{"could not be located", "perhaps a disruption"}},
		{"29-never-start.yaml", []string{`secret "foo" not found`, "403 Forbidden", `configmap "shards" not found`, "context deadline exceeded", "repository name must be lowercase", "3 No preemption victims found for incoming pod."}, nil},
		{"33-virtual-node.yaml", []string{"ProviderFailed", "got HTTP response status code 409"}, nil},
		{"36a-sidecar-keeps-alive.yaml", []string{"(0,1): importer exited 0 in 2 pods, first at 10:00:15Z", "linkerd-proxy keeps their pods running", "(2): importer exited 1 at 10:00:15Z"}, []string{"running its first attempt"}},
		{"36a-sidecar-keeps-alive.yaml --index 2", []string{"importer exited 1 at 10:00:15Z; linkerd-proxy keeps its pod running"}, []string{"first attempt"}},
		{"39-native-sidecar-stuck.yaml", []string{"whose kubelet still reports", "istio-proxy runs and is not ready"}, []string{"perhaps lost"}},
		{"44-finalizer-webhook-1.33-live-1h.yaml", []string{"STUCK", "every pod has ended and still bears the finalizer batch.kubernetes.io/job-tracking", "something refuses its removal"}, []string{"the Job ends when its pods are gone"}},
	} {
		c.test(t)
	}
}

// test reads the file off a terminal, where lines may break anywhere.
func (c fileCase) test(t *testing.T) {
	t.Helper()
	t.Run(c.args, func(t *testing.T) {
		args := []string{"explain"}
		for _, arg := range strings.Fields(c.args) {
			switch filepath.Ext(arg) {
			case ".yaml", ".json", ".txt":
				args = append(args, "-f", filepath.Join("..", "..", "hack", "cases", arg))
			default:
				args = append(args, arg)
			}
		}
		var out, err bytes.Buffer
		run(t.Context(), terminal.Terminal{
			In: strings.NewReader(""), Out: &out, Err: &err,
			LookupEnv: func(string) (string, bool) { return "", false },
			Now:       func() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) },
		}, args)
		got := strings.Join(strings.Fields(out.String()+err.String()), " ")
		for _, words := range c.says {
			if !strings.Contains(got, words) {
				t.Errorf("no %q in\n%s%s", words, &out, &err)
			}
		}
		for _, words := range c.silent {
			if strings.Contains(got, words) {
				t.Errorf("%q in\n%s%s", words, &out, &err)
			}
		}
	})
}
