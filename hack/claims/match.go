package claims

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// matchOf is what the Job's policy makes of the pod as it ended. The matcher is
// the replay's own; hack/oracle holds it against the controller's.
func matchOf(e *v1alpha1.Explanation, pod *recording.Pod) v1alpha1.Decision {
	attempt := evidence.Reduce(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: pod.Name}, Status: pod.Status})
	return v1alpha1.Decision(controller.MatchPodFailurePolicy(e.Spec.PodFailurePolicy, &attempt).Action)
}
