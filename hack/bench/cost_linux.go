package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// PageSize is that of kubectl, and of the plugin.
const PageSize = 500

// Cost is what a process took.
type Cost struct {
	Wall, CPU time.Duration
	// Peak is its resident memory at the highest, in bytes. Linux begins to count
	// with that of the process that started it, which therefore must stay small:
	// no benchmark of this package makes a Job of its own.
	Peak int64
}

// Measure runs a process to its end.
func Measure(b *testing.B, cmd *exec.Cmd) Cost {
	b.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", filepath.Base(cmd.Path), err, stderr.Bytes())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return Cost{
		Wall: time.Since(begin),
		CPU:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		Peak: usage.Maxrss << 10,
	}
}

// Add is what both took; they ran one after the other.
func (c Cost) Add(d Cost) Cost {
	return Cost{c.Wall + d.Wall, c.CPU + d.CPU, max(c.Peak, d.Peak)}
}

// Report adds the metrics of one process to those of a benchmark.
func (c Cost) Report(b *testing.B, what string) {
	b.ReportMetric(c.Wall.Seconds()/float64(b.N), what+"-wall-s/op")
	b.ReportMetric(c.CPU.Seconds()/float64(b.N), what+"-cpu-s/op")
	b.ReportMetric(float64(c.Peak)/(1<<20), what+"-peak-MiB")
}

// Tell does something and prints the cost of that, without what came before it in
// this process.
func Tell(do func() error) error {
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		return fmt.Errorf("asking for the cost so far: %w", err)
	}
	begin := time.Now()
	if err := do(); err != nil {
		return err
	}
	wall := time.Since(begin)
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		return fmt.Errorf("asking for the cost: %w", err)
	}
	cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	return json.NewEncoder(os.Stdout).Encode(Cost{wall, cpu, after.Maxrss << 10})
}

// ReadPages is the least that a client can do: each page is read, its token is
// looked at, and it is thrown away.
func ReadPages(config *rest.Config, namespace string) error {
	config = rest.CopyConfig(config)
	config.QPS = -1
	client, err := coreclient.NewForConfig(config)
	if err != nil {
		return err
	}
	for options := (metav1.ListOptions{Limit: PageSize}); ; {
		body, err := client.RESTClient().Get().Namespace(namespace).Resource("pods").
			VersionedParams(&options, scheme.ParameterCodec).UseProtobufAsDefault().Do(context.Background()).Raw()
		if err != nil {
			return err
		}
		if options.Continue, err = tokenOf(body); err != nil || options.Continue == "" {
			return err
		}
	}
}

// tokenOf decodes the front of a list alone, up to its first pod.
func tokenOf(page []byte) (string, error) {
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(page[4:]); err != nil {
		return "", err
	}
	// The metadata is the first field: a tag, its length in one byte or two.
	length, skip := int(envelope.Raw[1]), 2
	if length >= 0x80 {
		length, skip = length&0x7f|int(envelope.Raw[2])<<7, 3
	}
	var metadata metav1.ListMeta
	err := metadata.Unmarshal(envelope.Raw[skip : skip+length])
	return metadata.Continue, err
}
