package simulation

import (
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/record"
	"k8s.io/kubernetes/pkg/controller"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
)

// recorder keeps the controller's events, unfolded. The controller's own would
// pass them to a goroutine.
type recorder struct {
	simulation *Simulation
	mutex      sync.Mutex
}

func (r *recorder) Event(_ runtime.Object, eventType, reason, message string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	s := r.simulation
	now := s.api.now()
	name := fmt.Sprintf("%s.%d", s.api.lastJob.Name, len(s.Events))
	s.Events = append(s.Events, corev1.Event{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Event"},
		ObjectMeta: metav1.ObjectMeta{Namespace: s.api.lastJob.Namespace, Name: name, UID: types.UID(name), CreationTimestamp: now},
		InvolvedObject: corev1.ObjectReference{
			APIVersion: "batch/v1", Kind: "Job", Namespace: s.api.lastJob.Namespace, Name: s.api.lastJob.Name, UID: s.api.lastJob.UID,
		},
		Type: eventType, Reason: reason, Message: message, Count: 1, FirstTimestamp: now, LastTimestamp: now,
		Source:              corev1.EventSource{Component: "job-controller"},
		ReportingController: "job-controller",
	})
}

func (r *recorder) Eventf(object runtime.Object, eventType, reason, format string, args ...any) {
	r.Event(object, eventType, reason, fmt.Sprintf(format, args...))
}

func (r *recorder) AnnotatedEventf(object runtime.Object, _ map[string]string, eventType, reason, format string, args ...any) {
	r.Event(object, eventType, reason, fmt.Sprintf(format, args...))
}

// reportTo replaces the recorder, which the controller has from no argument.
func reportTo(jm *upstream.Controller, client kubernetes.Interface, r *recorder) {
	upstream.SetField[record.EventRecorder](jm, "recorder", r)
	upstream.SetField[controller.PodControlInterface](jm, "podControl", controller.RealPodControl{KubeClient: client, Recorder: r})
}
