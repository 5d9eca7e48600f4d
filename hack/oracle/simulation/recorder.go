package simulation

import (
	"fmt"
	"reflect"
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
	setField[record.EventRecorder](jm, "recorder", r)
	setField[controller.PodControlInterface](jm, "podControl", controller.RealPodControl{KubeClient: client, Recorder: r})
}

// setField writes a field that upstream does not export; it panics if there is
// none of that name and type any more.
func setField[T any](jm *upstream.Controller, name string, value T) {
	to := fieldOf(jm, name)
	reflect.NewAt(to.Type(), to.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(&value).Elem())
}

// readField reads one.
func readField[T any](jm *upstream.Controller, name string) T {
	value := fieldOf(jm, name)
	return reflect.NewAt(value.Type(), value.Addr().UnsafePointer()).Elem().Interface().(T)
}

func fieldOf(jm *upstream.Controller, name string) reflect.Value {
	value := reflect.ValueOf(jm).Elem().FieldByName(name)
	if !value.IsValid() {
		panic("the controller has no " + name + " any more")
	}
	return value
}
