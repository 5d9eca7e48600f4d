package evidence

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// asks is a list of resources: cpu=500m memory=1Gi.
func asks(words string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for _, word := range strings.Fields(words) {
		name, quantity, _ := strings.Cut(word, "=")
		list[corev1.ResourceName(name)] = resource.MustParse(quantity)
	}
	return list
}

func container(words string) corev1.Container {
	return corev1.Container{Name: words, Resources: corev1.ResourceRequirements{Requests: asks(words)}}
}

func sidecar(words string) corev1.Container {
	c := container(words)
	c.RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
	return c
}

func TestRequestsAreWhatTheSchedulerReckonsWith(t *testing.T) {
	main := []corev1.Container{container("cpu=1 memory=1Gi")}
	for _, tt := range []struct {
		name string
		spec corev1.PodSpec
		want string
	}{
		{"nothing", corev1.PodSpec{}, ""},
		{"containers are added up", corev1.PodSpec{Containers: []corev1.Container{main[0], container("cpu=250m memory=64Mi")}}, "cpu 1250 memory 1140850688"},
		{"an init container asks for more", corev1.PodSpec{Containers: main, InitContainers: []corev1.Container{container("cpu=4")}}, "cpu 4000 memory 1073741824"},
		{"an init container asks for less", corev1.PodSpec{Containers: main, InitContainers: []corev1.Container{container("cpu=500m")}}, "cpu 1000 memory 1073741824"},
		{"a sidecar runs beside the containers", corev1.PodSpec{Containers: main, InitContainers: []corev1.Container{sidecar("cpu=500m")}}, "cpu 1500 memory 1073741824"},
		{"a sidecar runs beside an init container that comes after it", corev1.PodSpec{Containers: main, InitContainers: []corev1.Container{sidecar("cpu=500m"), container("cpu=2")}}, "cpu 2500 memory 1073741824"},
		{"a sidecar does not run beside one that came before", corev1.PodSpec{Containers: main, InitContainers: []corev1.Container{container("cpu=2"), sidecar("cpu=500m")}}, "cpu 2000 memory 1073741824"},
		{"overhead", corev1.PodSpec{Containers: main, Overhead: asks("cpu=100m")}, "cpu 1100 memory 1073741824"},
		{"the pod asks for all of them", corev1.PodSpec{Containers: main, Resources: &corev1.ResourceRequirements{Requests: asks("cpu=3")}, Overhead: asks("cpu=100m")}, "cpu 3100 memory 1073741824"},
		{"extended resources", corev1.PodSpec{Containers: []corev1.Container{container("example.com/gpu=2 hugepages-2Mi=4Mi ephemeral-storage=1Gi")}}, "ephemeral-storage 1073741824 example.com/gpu 2 hugepages-2Mi 4194304"},
		{"what is no resource", corev1.PodSpec{Containers: []corev1.Container{container("secret=1 a/b/c=1 cpu=0")}}, ""},
		{"claims", corev1.PodSpec{Containers: main, ResourceClaims: []corev1.PodResourceClaim{{Name: "gpu"}}}, "cpu 1000 memory 1073741824 claim gpu"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := inWords(Reduce(&corev1.Pod{Spec: tt.spec}).Requests); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func inWords(requests *Requests) string {
	var words []string
	if requests == nil {
		return ""
	}
	for _, r := range requests.Resources {
		words = append(words, fmt.Sprint(r.Name, " ", r.Amount))
	}
	for _, claim := range requests.Claims {
		words = append(words, "claim "+claim)
	}
	if requests.Resized {
		words = append(words, "resized")
	}
	return strings.Join(words, " ")
}

// Of a pod that is resized the scheduler takes the most that it may hold.
func TestRequestsOfAResizedPod(t *testing.T) {
	spec := corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Resources: corev1.ResourceRequirements{Requests: asks("cpu=2")}}}}
	allotted := func(words string) corev1.PodStatus {
		return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "main", AllocatedResources: asks(words)}}}
	}
	pending := allotted("cpu=1")
	pending.Conditions = []corev1.PodCondition{{Type: corev1.PodResizePending, Status: corev1.ConditionTrue, Reason: corev1.PodReasonInfeasible}}
	for _, tt := range []struct {
		name   string
		status corev1.PodStatus
		want   string
	}{
		{"never", allotted("cpu=2"), "cpu 2000"},
		{"up", allotted("cpu=1"), "cpu 2000 resized"},
		{"down", allotted("cpu=3"), "cpu 3000 resized"},
		{"more than the node has", pending, "cpu 1000 resized"},
		{"as up to 1.32", corev1.PodStatus{Resize: corev1.PodResizeStatusDeferred}, "cpu 2000 resized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := inWords(Reduce(&corev1.Pod{Spec: spec, Status: tt.status}).Requests); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPodsOfATemplateShareTheirRequests(t *testing.T) {
	var reducer Reducer
	of := func(words string) *Requests {
		pod := corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{container(words)}}}
		attempt := reducer.Reduce(&pod, nil)
		return attempt.Requests
	}
	first, other := of("cpu=1 memory=1Gi"), of("cpu=2 memory=1Gi")
	if again := of("memory=1024Mi cpu=1000m"); again != first {
		t.Error("the same requests are kept twice")
	}
	if first == other || cmp.Equal(first, other) {
		t.Error("other requests are the same")
	}
}
