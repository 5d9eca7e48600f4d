package evidence

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"unsafe"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	resourcehelper "k8s.io/component-helpers/resource"
)

// Requests is what the scheduler reckons a pod with. The pods of one template
// share it, and never change it.
type Requests struct {
	// Resources are in order of their names, those of which it asks for none left out.
	Resources []Request
	// Claims are the names of resource claims, of which no request tells how much.
	Claims []string
	// Resized: the pod was allotted something else than it asks for, or is to be.
	Resized bool
}

// Request is so much of one resource: cpu in thousandths of a core, memory and the
// like in bytes, any other in its own unit.
type Request struct {
	Name   corev1.ResourceName
	Amount int64
}

// requestsOf a pod are worked out once for all that ask for the same, which their
// hash tells: to add up maps of quantities takes longer than all else of a pod.
func (r *Reducer) requestsOf(pod *corev1.Pod) *Requests {
	hash := r.hash()
	hashRequests(&hash, pod)
	sum := hash.Sum64()
	if shared, ok := r.requests[sum]; ok {
		return shared
	}
	if r.requests == nil {
		r.requests = map[uint64]*Requests{}
	}
	requests := effectiveRequests(pod)
	r.requests[sum] = requests
	r.kept += ofEntry
	if requests != nil {
		for i := range requests.Resources {
			requests.Resources[i].Name = keep(r, requests.Resources[i].Name)
		}
		for i := range requests.Claims {
			requests.Claims[i] = keep(r, requests.Claims[i])
		}
		r.kept += int64(unsafe.Sizeof(*requests)) + int64(len(requests.Resources))*int64(unsafe.Sizeof(Request{})) + int64(len(requests.Claims))*int64(unsafe.Sizeof(""))
	}
	return requests
}

// hashRequests hashes all that effectiveRequests reads.
func hashRequests(hash *maphash.Hash, pod *corev1.Pod) {
	for i := range pod.Spec.Containers {
		hashList(hash, pod.Spec.Containers[i].Resources.Requests)
	}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		maphash.WriteComparable(hash, c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways)
		hashList(hash, c.Resources.Requests)
	}
	hashList(hash, pod.Spec.Overhead)
	if pod.Spec.Resources != nil {
		hashList(hash, pod.Spec.Resources.Requests)
	}
	for i := range pod.Spec.ResourceClaims {
		hash.WriteString(pod.Spec.ResourceClaims[i].Name)
		hash.WriteByte(0)
	}
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range statuses {
			if statuses[i].AllocatedResources != nil {
				hash.WriteString(statuses[i].Name)
				hashList(hash, statuses[i].AllocatedResources)
			}
		}
	}
	maphash.WriteComparable(hash, isBeingResized(pod))
	maphash.WriteComparable(hash, resourcehelper.IsPodResizeInfeasible(pod))
}

// hashList does not depend on the order of the list, which a map has none of.
func hashList(hash *maphash.Hash, list corev1.ResourceList) {
	sum := uint64(len(list))
	for name, quantity := range list {
		sum += maphash.Comparable(hash.Seed(), Request{name, quantity.Value()}) ^ uint64(quantity.MilliValue())
	}
	maphash.WriteComparable(hash, sum)
}

// effectiveRequests are reckoned by the scheduler's own function; nil where a pod
// asks for nothing. Of a pod that was resized it takes the most that is asked for
// or allotted.
func effectiveRequests(pod *corev1.Pod) *Requests {
	requests := Requests{Resized: isBeingResized(pod) || isAllottedOther(pod)}
	list := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{UseStatusResources: true})
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if amount := amountOf(name, list[name]); amount > 0 && isReckoned(name) {
			requests.Resources = append(requests.Resources, Request{name, amount})
		}
	}
	for i := range pod.Spec.ResourceClaims {
		requests.Claims = append(requests.Claims, pod.Spec.ResourceClaims[i].Name)
	}
	if requests.Resources == nil && requests.Claims == nil && !requests.Resized {
		return nil
	}
	return &requests
}

func amountOf(name corev1.ResourceName, quantity resource.Quantity) int64 {
	if name == corev1.ResourceCPU {
		return quantity.MilliValue()
	}
	return quantity.Value()
}

// Quantity is the amount as the API writes it.
func (r Request) Quantity() resource.Quantity {
	switch {
	case r.Name == corev1.ResourceCPU:
		return *resource.NewMilliQuantity(r.Amount, resource.DecimalSI)
	case r.InBytes():
		return *resource.NewQuantity(r.Amount, resource.BinarySI)
	}
	return *resource.NewQuantity(r.Amount, resource.DecimalSI)
}

// InBytes tells memory and its like from what is counted in a unit of its own.
func (r Request) InBytes() bool {
	return r.Name == corev1.ResourceMemory || r.Name == corev1.ResourceEphemeralStorage || isHugePages(r.Name)
}

// isReckoned: the name is one of the API's own or belongs to a domain. A file may
// hold any.
func isReckoned(name corev1.ResourceName) bool {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return true
	}
	return (isHugePages(name) || strings.Contains(string(name), "/")) && len(validation.IsQualifiedName(string(name))) == 0
}

func isHugePages(name corev1.ResourceName) bool {
	return strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

// isBeingResized: up to 1.32 a field says so, since then conditions do.
func isBeingResized(pod *corev1.Pod) bool {
	return pod.Status.Resize != "" || slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodResizePending || c.Type == corev1.PodResizeInProgress
	})
}

// isAllottedOther: a kubelet has granted a container other than what it asks for
// now. One that is not there yet has been granted nothing.
func isAllottedOther(pod *corev1.Pod) bool {
	return isAnyAllottedOther(pod.Spec.Containers, pod.Status.ContainerStatuses) || isAnyAllottedOther(pod.Spec.InitContainers, pod.Status.InitContainerStatuses)
}

func isAnyAllottedOther(containers []corev1.Container, statuses []corev1.ContainerStatus) bool {
	return slices.ContainsFunc(containers, func(c corev1.Container) bool {
		return slices.ContainsFunc(statuses, func(s corev1.ContainerStatus) bool {
			return s.Name == c.Name && s.AllocatedResources != nil && differ(s.AllocatedResources, c.Resources.Requests)
		})
	})
}

func differ(a, b corev1.ResourceList) bool {
	return !maps.EqualFunc(a, b, func(a, b resource.Quantity) bool { return a.Cmp(b) == 0 })
}
