package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// explain says what was being done when a request failed, and what to do next.
func explain(doing string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w\nhint: %s", doing, plainly(err), hintFor(err))
}

func hintFor(err error) string {
	var unreachable *url.Error
	var timeout net.Error
	switch {
	case apierrors.IsForbidden(err):
		return "ask for a Role with get and list on jobs (group batch) and on pods"
	case apierrors.IsUnauthorized(err):
		return "the server does not know you: kubectl auth whoami"
	case apierrors.IsResourceExpired(err), apierrors.IsGone(err):
		return "the server forgets a list before it is read to its end: try again, or a larger --chunk-size"
	case errors.Is(err, errElsewhere):
		return "where it redirects to is not trusted: name the API server itself in the kubeconfig, or with --server"
	case errors.Is(err, errNoEnd), errors.Is(err, errOtherAnswer):
		return "look what answers in the server's place: kubectl cluster-info"
	case errors.Is(err, errTooMuch):
		return "see what its status alone tells: kubectl get job NAME -o yaml | kubectl indexjob explain -f -"
	case errors.Is(err, errEndless), errors.Is(err, errTooLarge), errors.Is(err, errTooManyParts):
		return "ask for less at a time with --chunk-size, or look what answers in the server's place"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the server took too long: try again, or a longer --request-timeout"
	case errors.As(err, &unreachable):
		return "the server cannot be reached: kubectl cluster-info; kubectl config current-context"
	case apierrors.IsTooManyRequests(err), apierrors.IsInternalError(err), apierrors.IsServiceUnavailable(err), apierrors.IsServerTimeout(err):
		return "the server is in trouble: try again in a while"
	}
	return "run it again with -v=6 to see the requests"
}

// qualified is namespace/name, or the name alone.
func qualified(namespace, name string) string {
	return strings.TrimPrefix(namespace+"/"+name, "/")
}

// inNamespace is the flag that a hint's command needs.
func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " -n " + namespace
}
