package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/runtime/serializer/streaming"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	restwatch "k8s.io/client-go/rest/watch"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// followed is for how long a Job is followed before it is decided, and warmUp how
// much of that is left out: the first list, and the first looks.
var followed, warmUp = duration("FOLLOWED", 40*time.Second), 10 * time.Second

func duration(variable string, otherwise time.Duration) time.Duration {
	if d, err := time.ParseDuration(os.Getenv(variable)); err == nil {
		return d
	}
	return otherwise
}

// BenchmarkFollow waits for a Job amid its run, beside a client that decodes the
// same watches of the same server at the same time and does nothing else. What
// following costs is told in cores.
func BenchmarkFollow(b *testing.B) {
	for _, job := range []struct{ pods, changes int }{{1_000, 20}, {10_000, 50}, {100_000, 50}, {5_000, 500}} {
		b.Run(fmt.Sprintf("pods=%d/changes=%d", job.pods, job.changes), func(b *testing.B) {
			build(b)
			for b.Loop() {
				follow(b, job.pods, job.changes)
			}
		})
	}
}

func follow(b *testing.B, pods, changes int) {
	server := as("busy", fmt.Sprint(pods), fmt.Sprint(changes))
	told := begin(b, server, &server.Stdout)
	address := <-told
	peer := as("watch", address)
	begin(b, peer, &peer.Stdout)
	wait := exec.Command(plugin, "wait", Name, "-n", Namespace, "-s", address)
	wait.Env = append(os.Environ(), "KUBECONFIG="+os.DevNull)
	said := begin(b, wait, &wait.Stderr)
	<-told // that both watch
	time.Sleep(warmUp)
	waitBefore, peerBefore, from := cpuOf(b, wait), cpuOf(b, peer), time.Now()
	memory := residentOf(b, wait)
	for time.Since(from) < followed-warmUp-time.Second {
		time.Sleep(100 * time.Millisecond)
		memory = max(memory, residentOf(b, wait))
	}
	wall := time.Since(from)
	waiting, decoding := cpuOf(b, wait)-waitBefore, cpuOf(b, peer)-peerBefore
	<-told // that the Job is decided
	at := time.Now()
	for line := range said {
		if strings.Contains(line, "FAILING") {
			break
		}
	}
	b.ReportMetric(100*waiting.Seconds()/wall.Seconds(), "wait-%core")
	b.ReportMetric(100*decoding.Seconds()/wall.Seconds(), "decode-%core")
	b.ReportMetric(100*(waiting-decoding).Seconds()/wall.Seconds(), "above-%core")
	b.ReportMetric(float64(memory)/(1<<20), "resident-MiB")
	b.ReportMetric(time.Since(at).Seconds(), "told-after-s")
}

// begin starts a process that ends with the benchmark, and hands over what it
// writes, line by line.
func begin(b *testing.B, cmd *exec.Cmd, to *io.Writer) <-chan string {
	b.Helper()
	read, write := io.Pipe()
	*to = write
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = read.Close()
		_ = cmd.Wait()
	})
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(read); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	return lines
}

// ticks is how many a second of CPU has in /proc (sysconf(_SC_CLK_TCK)).
const ticks = 100

func cpuOf(b *testing.B, cmd *exec.Cmd) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks
}

func residentOf(b *testing.B, cmd *exec.Cmd) int64 {
	b.Helper()
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// busyServer is an API server of a busy Job, which speaks protobuf alone.
type busyServer struct {
	pods, changes int
	mu            sync.Mutex
	busy          *busyJob
	told          []toldEvent
	news          chan struct{} // closed and renewed at each change
	watching      int
}

// toldEvent is one that watches are told of, encoded once.
type toldEvent struct {
	resource string
	version  int
	frame    []byte
}

// serveBusy prints its address, then a line when two clients watch the pods, from
// when on the Job changes, and one when it is decided.
func serveBusy() error {
	pods, changes, err := size()
	if err != nil {
		return err
	}
	s := &busyServer{pods: int(pods), changes: int(changes), busy: newBusyJob(pods, time.Now), news: make(chan struct{})}
	fmt.Println(httptest.NewServer(s).URL)
	for s.watched() < 2 {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("watched")
	s.run()
	fmt.Println("decided")
	select {} // until it is killed
}

func (s *busyServer) watched() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watching
}

// run changes so many pods a second, and the Job's status twice.
func (s *busyServer) run() {
	tick := time.NewTicker(time.Second / time.Duration(s.changes))
	defer tick.Stop()
	end := time.After(followed)
	for n := 1; ; n++ {
		select {
		case <-end:
			s.tell("jobs", s.busy.decide)
			return
		case <-tick.C:
		}
		s.tell("pods", s.busy.change)
		if n%max(1, s.changes/2) == 0 {
			s.tell("jobs", s.busy.record)
		}
	}
}

func (s *busyServer) tell(resource string, change func() watch.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	event := change()
	s.told = append(s.told, toldEvent{resource, s.busy.version, encodeEvent(event)})
	close(s.news)
	s.news = make(chan struct{})
}

func encodeEvent(event watch.Event) []byte {
	info, ok := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	if !ok {
		panic("client-go speaks no protobuf")
	}
	var frame bytes.Buffer
	frames := streaming.NewEncoder(protobuf.LengthDelimitedFramer.NewFrameWriter(&frame), info.StreamSerializer.Serializer)
	group := corev1.SchemeGroupVersion
	if _, isJob := event.Object.(*batchv1.Job); isJob {
		group = batchv1.SchemeGroupVersion
	}
	objects := scheme.Codecs.EncoderForVersion(info.Serializer, group)
	if err := restwatch.NewEncoder(frames, objects).Encode(&event); err != nil {
		panic(err)
	}
	return frame.Bytes()
}

func (s *busyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	resource := parts[len(parts)-1]
	switch {
	case r.URL.Path == "/version":
		w.Header().Set("Content-Type", runtime.ContentTypeJSON)
		fmt.Fprint(w, `{"gitVersion":"v1.37.2"}`)
	case r.URL.Query().Get("watch") != "":
		s.watch(w, r, resource)
	default:
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		_, _ = w.Write(clustertest.Encode(s.read(resource, r.URL.Query().Get("continue")), runtime.ContentTypeProtobuf))
	}
}

// read is the answer to a list, of a page of pods, or to a get of the Job.
func (s *busyServer) read(resource, page string) runtime.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := metav1.ListMeta{ResourceVersion: strconv.Itoa(s.busy.version)}
	switch resource {
	case "events":
		return &corev1.EventList{ListMeta: version}
	case "jobs":
		return &batchv1.JobList{ListMeta: version, Items: []batchv1.Job{*s.busy.job}}
	case Name:
		return s.busy.job.DeepCopy()
	}
	from, _ := strconv.Atoi(page)
	list := &corev1.PodList{ListMeta: version}
	for _, pod := range s.busy.pods[from:min(from+PageSize, len(s.busy.pods))] {
		list.Items = append(list.Items, *pod)
	}
	if next := from + PageSize; next < len(s.busy.pods) {
		list.Continue = strconv.Itoa(next)
	}
	return list
}

func (s *busyServer) watch(w http.ResponseWriter, r *http.Request, resource string) {
	from, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	w.Header().Set("Content-Type", runtime.ContentTypeProtobuf+";stream=watch")
	w.(http.Flusher).Flush()
	if resource == "pods" {
		s.mu.Lock()
		s.watching++
		s.mu.Unlock()
	}
	for at := 0; ; {
		s.mu.Lock()
		told, news := s.told[at:len(s.told):len(s.told)], s.news
		s.mu.Unlock()
		for _, event := range told {
			at++
			if event.resource != resource || event.version <= from {
				continue
			}
			if _, err := w.Write(event.frame); err != nil {
				return
			}
		}
		w.(http.Flusher).Flush()
		select {
		case <-news:
		case <-r.Context().Done():
			return
		}
	}
}

// watchAll lists and watches what wait does, with client-go, and drops it.
func watchAll() error {
	client, err := kubernetes.NewForConfig(&rest.Config{Host: os.Args[1], QPS: -1, ContentConfig: rest.ContentConfig{ContentType: runtime.ContentTypeProtobuf}})
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := ReadPages(&rest.Config{Host: os.Args[1]}, Namespace); err != nil {
		return err
	}
	var watching sync.WaitGroup
	failures := make(chan error, 2)
	for _, open := range []func() (watch.Interface, error){
		func() (watch.Interface, error) {
			return client.CoreV1().Pods(Namespace).Watch(ctx, metav1.ListOptions{})
		},
		func() (watch.Interface, error) {
			return client.BatchV1().Jobs(Namespace).Watch(ctx, metav1.ListOptions{})
		},
	} {
		watching.Go(func() {
			events, err := open()
			if err != nil {
				failures <- err
				return
			}
			for event := range events.ResultChan() {
				if event.Type == watch.Error {
					failures <- fmt.Errorf("watching: %v", event.Object)
				}
			}
		})
	}
	watching.Wait()
	close(failures)
	return errors.Join(<-failures)
}
