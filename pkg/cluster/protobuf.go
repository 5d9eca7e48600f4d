package cluster

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// protobufMagic is what every object in protobuf begins with.
var protobufMagic = []byte("k8s\x00")

// A page of pods is walked rather than decoded whole: most of a pod is its spec
// and its managedFields, which nothing here reads, and to decode them takes
// most of the time. What is wanted is left to the API's own decoders, which add
// field by field to what they have. The numbers of the fields are those of
// generated.proto in k8s.io/api and k8s.io/apimachinery; they never change.
const (
	envelopeType, envelopeRaw       = 1, 2
	typeAPIVersion, typeKind        = 1, 2
	listMetadata, listItems         = 1, 2
	podMetadata, podSpec, podStatus = 1, 2, 3

	podContainers, podInitContainers, podResourceClaims = 2, 20, 39
	podContainerStatuses, podInitContainerStatuses      = 8, 10
	containerResources, containerAllocated              = 8, 10
)

// The fields that evidence.Reduce and belongs read.
var (
	wantedOfMetadata  = setOf(1, 3, 5, 6, 8, 9, 10, 12, 13, 14) // name, namespace, uid, version, times, annotations, owners, finalizers
	wantedOfSpec      = setOf(10, 32, 40, 43)                   // nodeName, overhead, resources, schedulingGroup
	wantedOfContainer = setOf(1, 24)                            // name, restartPolicy
	wantedOfClaim     = setOf(1)                                // name
	wantedOfPodStatus = setOf(1, 2, 3, 4, 7, 14)                // phase, conditions, message, reason, startTime, resize
	wantedOfStatus    = setOf(1, 2, 3, 4, 5)                    // name, state, lastState, ready, restartCount
)

// openPage reads the metadata of a page and leaves its pods. It looks for their
// ends, so that a page which was cut off is an error before another is read.
func openPage(body []byte) (podPage, error) {
	kind, raw, err := openEnvelope(body)
	if want := (metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}); err == nil && (kind != want || raw == nil) {
		err = fmt.Errorf("it is no list of pods but %s", describe(kind))
	}
	if err != nil {
		return podPage{}, fmt.Errorf("decoding a page: %w", err)
	}
	var metadata metav1.ListMeta
	pods := 0
	err = eachField(raw, func(f field) error {
		switch f.number {
		case listMetadata:
			return metadata.Unmarshal(f.value)
		case listItems:
			pods++
		}
		return nil
	})
	if err != nil {
		return podPage{}, fmt.Errorf("decoding a page: %w", err)
	}
	return podPage{pageRead{metadata.Continue, metadata.ResourceVersion, pods}, func(visit func(*corev1.Pod) error) error { return eachPod(raw, visit) }}, nil
}

// openEnvelope takes a list out of what says of what kind it is.
func openEnvelope(body []byte) (kind metav1.TypeMeta, list []byte, err error) {
	err = eachField(body[len(protobufMagic):], func(f field) error {
		switch f.number {
		case envelopeRaw:
			list = f.value
		case envelopeType:
			return eachField(f.value, func(f field) error {
				switch f.number {
				case typeAPIVersion:
					kind.APIVersion = string(f.value)
				case typeKind:
					kind.Kind = string(f.value)
				}
				return nil
			})
		}
		return nil
	})
	return kind, list, err
}

// eachPod decodes one pod of a list after the other, and of each what is wanted.
// It is gone when the next one comes.
func eachPod(list []byte, visit func(*corev1.Pod) error) error {
	var pod corev1.Pod
	decoder := podDecoder{&pod, map[string]corev1.ResourceRequirements{}, map[string]corev1.ResourceList{}, nil}
	return eachField(list, func(f field) error {
		if f.number != listItems {
			return nil
		}
		if len(f.value) > harmless && protobufParts(f.value) > maxParts {
			return errTooManyParts
		}
		empty(&pod)
		if err := decoder.decode(f.value); err != nil {
			return fmt.Errorf("decoding a pod: %w", err)
		}
		return visit(&pod)
	})
}

// empty makes room for the next pod in the lists and maps of the one before.
func empty(pod *corev1.Pod) {
	clear(pod.Annotations)
	*pod = corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Annotations: pod.Annotations, OwnerReferences: pod.OwnerReferences[:0], Finalizers: pod.Finalizers[:0]},
		Spec: corev1.PodSpec{
			Containers:     pod.Spec.Containers[:0],
			InitContainers: pod.Spec.InitContainers[:0],
			ResourceClaims: pod.Spec.ResourceClaims[:0],
		},
		Status: corev1.PodStatus{
			Conditions:            pod.Status.Conditions[:0],
			ContainerStatuses:     pod.Status.ContainerStatuses[:0],
			InitContainerStatuses: pod.Status.InitContainerStatuses[:0],
		},
	}
}

func decodeFields(message []byte, wanted numbers, decode func([]byte) error) error {
	return eachField(message, func(f field) error {
		if wanted.has(f.number) {
			return decode(f.whole)
		}
		return nil
	})
}

// numbers is a set of small field numbers.
type numbers uint64

func setOf(of ...protowire.Number) (set numbers) {
	for _, number := range of {
		set |= 1 << number
	}
	return set
}

func (set numbers) has(number protowire.Number) bool { return number < 64 && set&(1<<number) != 0 }

// field is one of a message: whole with its tag, value without.
type field struct {
	number       protowire.Number
	whole, value []byte
}

func eachField(message []byte, visit func(field) error) error {
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return protowire.ParseError(tag)
		}
		f := field{number: number}
		length := 0
		if kind == protowire.BytesType {
			f.value, length = protowire.ConsumeBytes(message[tag:])
		} else {
			length = protowire.ConsumeFieldValue(number, kind, message[tag:])
		}
		if length < 0 {
			return protowire.ParseError(length)
		}
		f.whole, message = message[:tag+length], message[tag+length:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}
