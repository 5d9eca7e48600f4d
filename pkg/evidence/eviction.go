package evidence

import "strings"

// OverOwnLimit is what a kubelet says of a pod that it evicted for what the pod
// itself took, beside how much and of what (eviction_manager.go, v1.37.2).
const OverOwnLimit = "exceeds the limit"

// IsOverOwnLimit: the pod was evicted for itself, not for its node.
func IsOverOwnLimit(message string) bool {
	for _, words := range []string{OverOwnLimit, "exceeds the total limit of containers", "exceeded its local ephemeral storage limit"} {
		if strings.Contains(message, words) {
			return true
		}
	}
	return false
}
