package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

const (
	// maxExcerpt bounds what is read for the last lines of a log.
	maxExcerpt = 256 << 10
	// excerptTimeout is how long the last lines are waited for: a node that does
	// not answer must not hold up the answer about its Job.
	excerptTimeout = 10 * time.Second
)

// LogRequest names a container's log, and which part of it is wanted.
type LogRequest struct {
	Namespace, Pod string
	// Container may be empty: then it is the one that kubectl would take.
	Container string
	Tail      *int64 // so many of the last lines
	Since     *int64 // no older than so many seconds
	// SinceTime takes the place of Since, unless zero. The server reads the second.
	SinceTime  time.Time
	Timestamps bool
	Follow     bool

	limitBytes *int64
}

// NoLog is the error about a log that cannot be had, and why that is so.
type NoLog struct {
	Because string
	// Waiting: its container has not started. Unreachable: its node cannot be asked.
	Waiting, Unreachable bool
}

func (e *NoLog) Error() string { return e.Because }

// MayPass reports whether a log that could not be opened may be opened later: it is
// not there yet, or nobody answered, or who answered was in trouble.
func MayPass(err error) bool {
	var none *NoLog
	var answered apierrors.APIStatus
	switch {
	case errors.As(err, &none):
		return none.Waiting || none.Unreachable
	case errors.As(err, &answered):
		code := answered.Status().Code
		return code >= http.StatusInternalServerError || code == http.StatusTooManyRequests
	}
	return true
}

// Log opens a log. The error is a *NoLog where there is none, or none any more.
func (c *Client) Log(ctx context.Context, request LogRequest) (io.ReadCloser, error) {
	stream, err := c.openLog(ctx, request)
	if apierrors.IsBadRequest(err) && request.Container == "" && strings.Contains(err.Error(), "a container name must be specified") {
		pod, getErr := c.pods(request.Namespace).get(ctx, request.Pod)
		if getErr != nil {
			return nil, explainLog(request, getErr)
		}
		request.Container = evidence.MainContainer(pod.Annotations, pod.Spec.Containers)
		stream, err = c.openLog(ctx, request)
	}
	if err != nil {
		return nil, explainLog(request, err)
	}
	return unlessRemoved(stream)
}

// removedLog is all that a kubelet answers, as if it were the log, where the log of
// a container is gone (GetContainerLogs in kuberuntime_container.go, v1.37.2).
var removedLog = regexp.MustCompile(`^unable to retrieve container logs for [a-z]+://[0-9a-f]{64}\s*$`)

// unlessRemoved hands on the log, or says that it is gone. It reads no more than it
// takes to tell: a log that is followed may begin with a word.
func unlessRemoved(stream io.ReadCloser) (io.ReadCloser, error) {
	const words, longest = "unable to retrieve container logs for ", 256
	var begin []byte
	for part := make([]byte, longest); len(begin) < longest && (bytes.HasPrefix(begin, []byte(words)) || strings.HasPrefix(words, string(begin))); {
		n, err := stream.Read(part)
		begin = append(begin, part[:n]...)
		if errors.Is(err, io.EOF) && removedLog.Match(begin) {
			stream.Close()
			return nil, &NoLog{Because: "its node has removed it"}
		}
		if err != nil {
			break // the next to read meets it again
		}
	}
	return readCloser{io.MultiReader(bytes.NewReader(begin), stream), stream}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

func (c *Client) openLog(ctx context.Context, request LogRequest) (io.ReadCloser, error) {
	options := &corev1.PodLogOptions{
		Container:    request.Container,
		TailLines:    request.Tail,
		SinceSeconds: request.Since,
		Timestamps:   request.Timestamps,
		Follow:       request.Follow,
		LimitBytes:   request.limitBytes,
	}
	if !request.SinceTime.IsZero() {
		options.SinceSeconds, options.SinceTime = nil, &metav1.Time{Time: request.SinceTime}
	}
	return c.core.Get().Namespace(request.Namespace).Resource("pods").Name(request.Pod).SubResource("log").
		VersionedParams(options, parameterCodec).
		Stream(ctx)
}

// LastLines are the last lines of a log, as they were written.
func (c *Client) LastLines(ctx context.Context, request LogRequest, most int) ([]string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.excerptTimeout, &NoLog{Because: fmt.Sprintf("its node gave no answer within %s", c.excerptTimeout)})
	defer cancel()
	request.Tail, request.limitBytes = new(int64(most)), new(int64(maxExcerpt))
	stream, err := c.Log(ctx, request)
	if err == nil {
		defer stream.Close()
		var lines []string
		if lines, err = readLines(io.LimitReader(stream, maxExcerpt)); err == nil {
			return lines[max(0, len(lines)-most):], nil
		}
	}
	if none := (*NoLog)(nil); errors.As(context.Cause(ctx), &none) {
		return nil, none
	}
	return nil, err
}

func readLines(r io.Reader) ([]string, error) {
	var lines []string
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxExcerpt+1)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	return lines, nil
}

// explainLog tells a log that is gone from one that could not be read. Between
// the server and a log stands the kubelet of the pod's node: that it is gone or
// out of reach shows in what the server says of its own request to it
// (LocationStreamer in apiserver, pkg/registry/generic/rest/streamer.go, v1.37.2).
func explainLog(request LogRequest, err error) error {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return explain("reading the log of pod "+qualified(request.Namespace, request.Pod), err)
	}
	told := status.Status()
	details := told.Details
	switch {
	case apierrors.IsNotFound(err) && details != nil && details.Name != "" && details.Name != request.Pod:
		// The server speaks of a pod by the name of its node (seen on 1.37.2).
		return &NoLog{Because: fmt.Sprintf("its node %s is not there any more", details.Name)}
	case apierrors.IsNotFound(err):
		return &NoLog{Because: "its pod was deleted"}
	case apierrors.IsBadRequest(err) && strings.Contains(told.Message, "is waiting to start"):
		return &NoLog{Because: "nothing is written yet: " + strings.TrimSpace(told.Message), Waiting: true}
	case apierrors.IsBadRequest(err):
		return fmt.Errorf("reading the log of pod %s: %w\nhint: -c chooses one of its containers", qualified(request.Namespace, request.Pod), err)
	case told.Code >= http.StatusInternalServerError && isOfNode(told.Message):
		return &NoLog{Because: "its node cannot be reached: " + withoutRequest(told.Message), Unreachable: true}
	case apierrors.IsForbidden(err):
		return fmt.Errorf("reading the log of pod %s: %w\nhint: ask for a Role with get on pods/log", qualified(request.Namespace, request.Pod), err)
	}
	return explain("reading the log of pod "+qualified(request.Namespace, request.Pod), err)
}

// withoutRequest leaves out what was asked of a kubelet, which is long and the
// same each time: Get "https://.../containerLogs/...": dial tcp ...
func withoutRequest(message string) string {
	if asked, why, found := strings.Cut(message, `": `); found && strings.HasPrefix(asked, `Get "`) {
		return why
	}
	return message
}

// isOfNode reports whether a message is about the server's way to a kubelet.
func isOfNode(message string) bool {
	for _, part := range []string{"/containerLogs/", "dial tcp", "proxy error from", "No agent available"} {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}
