//go:build linux

package node

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// neighbour is the name of a second node that takes no pods and is always well.
// Where all nodes are lost the node lifecycle controller takes itself for lost,
// and deletes no pods.
const neighbour = "node-2"

// playNeighbour makes that node, and reports for it until ctx ends.
func playNeighbour(ctx context.Context, client kubernetes.Interface) error {
	now := metav1.Now()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: neighbour}, Spec: corev1.NodeSpec{Unschedulable: true}}
	node, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create node %s: %w", neighbour, err)
	}
	node.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
		LastHeartbeatTime: now, LastTransitionTime: now,
	}}
	if _, err := client.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("write the status of node %s: %w", neighbour, err)
	}
	leases := client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	lease, err := leases.Create(ctx, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: neighbour}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create the lease of node %s: %w", neighbour, err)
	}
	go func() {
		for ctx.Err() == nil {
			lease.Spec.RenewTime = &metav1.MicroTime{Time: time.Now()}
			if renewed, err := leases.Update(ctx, lease, metav1.UpdateOptions{}); err == nil {
				lease = renewed
			}
			select {
			case <-ctx.Done():
			case <-time.After(Grace / 10):
			}
		}
	}()
	return nil
}
