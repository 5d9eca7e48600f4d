//go:build linux

package node

import (
	"context"
	"errors"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
)

// Prepare fetches and builds all that a node and its control plane need, into
// the cache. It is to be called outside, where there is a network.
func Prepare(ctx context.Context, version string) error {
	packages, fetched := unpack(ctx)
	_, built := controlplane.Build(ctx, version)
	_, more := programs(ctx, version)
	return errors.Join(fetched, built, more, isSeenInside(packages))
}

// programs is the folder of what a control plane without a node does not need.
func programs(ctx context.Context, version string) (string, error) {
	return controlplane.BuildKubernetes(ctx, version, version+"-node", "kubelet", "kube-scheduler")
}
