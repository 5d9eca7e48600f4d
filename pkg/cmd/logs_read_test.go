package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestWhenALogIsOpened(t *testing.T) {
	terminated := &evidence.Terminated{}
	for _, test := range []struct {
		name string
		pod  *evidence.Attempt
		want logStage
	}{
		{"a pod that is gone", nil, logEnded},
		{"one that was seen to go", &evidence.Attempt{Phase: corev1.PodRunning, Vanished: 1}, logEnded},
		{"one that has ended", &evidence.Attempt{Phase: corev1.PodFailed}, logEnded},
		{"its container runs", &evidence.Attempt{Phase: corev1.PodRunning, Containers: []evidence.Container{{Name: "proxy"}, {Name: "main", Running: true}}}, logOpen},
		{"its init container runs", &evidence.Attempt{Phase: corev1.PodPending, Containers: []evidence.Container{{Name: "main", Running: true}}}, logOpen},
		{"its container waits", &evidence.Attempt{Phase: corev1.PodRunning, Containers: []evidence.Container{{Name: "main", Waiting: "ContainerCreating"}}}, logNotStarted},
		{"its container has ended", &evidence.Attempt{Phase: corev1.PodRunning, Containers: []evidence.Container{{Name: "main", Terminated: terminated}, {Name: "proxy", Running: true}}}, logPaused},
		{"its container is to start again", &evidence.Attempt{Phase: corev1.PodRunning, Containers: []evidence.Container{{Name: "main", Waiting: "CrashLoopBackOff", LastTerminated: terminated}}}, logPaused},
		{"nothing is known but that it runs", &evidence.Attempt{Phase: corev1.PodRunning}, logOpen},
		{"nothing is known", &evidence.Attempt{Phase: corev1.PodPending}, logNotStarted},
	} {
		if got := stageOf(test.pod, "main"); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

// opening is what an attempt to open a log meets.
type opening struct {
	text string
	err  error // to open it
	cut  error // after the text
	ends bool  // the pod, meanwhile
}

// followOver reads the log of a pod that runs, which is opened as often as told.
func followOver(t *testing.T, out io.Writer, openings []opening) (f *following, stderr string, err error) {
	t.Helper()
	var errs bytes.Buffer
	f = &following{
		options: &logsOptions{now: func() time.Time { return time.Time{} }},
		printer: &logPrinter{out: out, err: &errs},
		pauses:  wait.Backoff{Duration: time.Microsecond},
	}
	see := func(phase corev1.PodPhase) {
		f.news.post(logSight{
			look{seen: &evidence.Job{Job: &batchv1.Job{}}, explanation: &v1alpha1.Explanation{Fates: []v1alpha1.IndexFate{{Index: 3, Fate: v1alpha1.Running}}}},
			map[string]*evidence.Attempt{"a": {Phase: phase}},
		})
	}
	see(corev1.PodRunning)
	n := 0
	log := &followedLog{logSource: logSource{index: 3, attempt: 1, pod: "a"}, printer: f.printer, open: func(context.Context, *logPlace) (io.ReadCloser, error) {
		if n == len(openings) {
			t.Fatal("the log is opened once too often")
		}
		o := openings[n]
		n++
		if o.ends {
			see(corev1.PodSucceeded)
		}
		if o.err != nil {
			return nil, o.err
		}
		var cut io.Reader = strings.NewReader("")
		if o.cut != nil {
			cut = broken{o.cut}
		}
		return io.NopCloser(io.MultiReader(strings.NewReader(o.text), cut)), nil
	}}
	err = f.readToEnd(t.Context(), log)
	if n < len(openings) {
		t.Errorf("the log was opened %d times, want %d", n, len(openings))
	}
	return f, errs.String(), err
}

type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }

const (
	one   = "2026-11-22T03:12:31.1Z one\n"
	two   = "2026-11-22T03:12:31.2Z two\n"
	three = "2026-11-22T03:12:31.3Z three\n"
	torn  = "2026-11-22T03:12:31.2Z tw"
)

func TestALogIsReadToItsEndHoweverOftenItBreaksOff(t *testing.T) {
	deleted := &cluster.NoLog{Because: "its pod was deleted"}
	waiting := &cluster.NoLog{Because: "nothing is written yet", Waiting: true}
	lost := &cluster.NoLog{Because: "its node cannot be reached", Unreachable: true}
	var quiet []opening
	for range 3 * mostBreaks {
		quiet = append(quiet, opening{})
	}
	for _, test := range []struct {
		name        string
		openings    []opening
		out, errs   string
		areUnbroken bool
	}{
		{"it breaks off", []opening{{text: one + two, cut: io.ErrUnexpectedEOF}, {text: one + two + three, ends: true}, {text: three}}, "one\ntwo\nthree\n", "", true},
		{"it ends before its container does", []opening{{text: one}, {text: one}, {text: one + two, ends: true}, {text: two + three}}, "one\ntwo\nthree\n", "", true},
		{"a line is torn", []opening{{text: one + torn, cut: io.ErrUnexpectedEOF}, {text: one + two, ends: true}, {text: two}}, "one\ntwo\n", "", true},
		{"the last line has no end", []opening{{text: one + torn, ends: true}, {text: one + torn}}, "one\ntw\n", "", true},
		{"a line comes twice", []opening{{text: one + one}, {text: one + one + one, ends: true}, {text: one + one + one}}, "one\none\none\n", "", true},
		{"its begin is gone", []opening{{text: one}, {text: three, ends: true}, {text: three}}, "one\nthree\n", "index 3, attempt 1: its log broke off, and lines may be missing\n", true},
		{"lines have no time", []opening{{text: "a\nb\n"}, {text: "a\nb\nc\n", ends: true}, {text: "a\nb\nc\n"}}, "a\nb\nc\n", "", true},
		{"it is silent", append(quiet, opening{ends: true}, opening{}), "", "", true},
		{"it goes with its pod", []opening{{text: one + torn, ends: true}, {err: deleted}}, "one\ntw\n", "", true},
		{"it breaks off, and goes with its pod", []opening{{text: one, cut: io.ErrUnexpectedEOF}, {err: deleted}}, "one\n", "index 3, attempt 1: its log broke off, and lines may be missing: unexpected EOF\n", true},
		{"its container takes its time", []opening{{err: waiting}, {err: waiting}, {text: one, ends: true}, {text: one}}, "one\n", "", true},
		{"its container never starts", []opening{{err: waiting, ends: true}, {err: waiting}}, "", "index 3, attempt 1: no log: nothing is written yet\n", true},
		{"its node is away for a while", []opening{{text: one}, {err: lost}, {err: lost}, {text: one + two, ends: true}, {text: two}}, "one\ntwo\n", "", true},
		{"its node is away", []opening{{err: lost}, {err: lost}, {err: lost}, {err: lost}, {err: lost}, {err: lost}}, "", "index 3, attempt 1: no log: its node cannot be reached\n", false},
	} {
		var out bytes.Buffer
		f, errs, err := followOver(t, &out, test.openings)
		if out.String() != test.out || errs != test.errs || err != nil || (f.broken == 0) != test.areUnbroken {
			t.Errorf("%s: %q, %q, %v, broken %d", test.name, &out, errs, err, f.broken)
		}
	}
}

// What cannot be read or written by whoever asks is no break.
func TestWhatDoesNotPassEndsTheFollowing(t *testing.T) {
	forbidden := apierrors.NewForbidden(corev1.Resource("pods/log"), "a", nil)
	if _, _, err := followOver(t, io.Discard, []opening{{err: forbidden}}); !errors.Is(err, forbidden) {
		t.Error(err)
	}
	if _, _, err := followOver(t, closed{}, []opening{{text: one}}); !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, syscall.EPIPE }
