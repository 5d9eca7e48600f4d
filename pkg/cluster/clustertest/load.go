package clustertest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

// LoadFile reads the Jobs, pods, events and namespaces of a file.
func LoadFile(name string) ([]runtime.Object, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Load(data)
}

// Load reads the Jobs, pods, events and namespaces that kubectl printed. It goes the way of
// client-go, so that a test can hold our own reader against it.
func Load(data []byte) ([]runtime.Object, error) {
	var objects []runtime.Object
	for documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096); ; {
		var raw runtime.RawExtension
		if err := documents.Decode(&raw); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, fmt.Errorf("load objects: %w", err)
		}
		more, err := loadOne(raw.Raw)
		if err != nil {
			return nil, fmt.Errorf("load objects: %w", err)
		}
		objects = append(objects, more...)
	}
}

func loadOne(raw []byte) ([]runtime.Object, error) {
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(raw, nil, nil)
	if err != nil {
		return nil, err
	}
	switch object := object.(type) {
	case *batchv1.Job, *corev1.Pod, *corev1.Event, *corev1.Namespace:
		return []runtime.Object{object}, nil
	case *corev1.List:
		var objects []runtime.Object
		for _, item := range object.Items {
			more, err := loadOne(item.Raw)
			if err != nil {
				return nil, err
			}
			objects = append(objects, more...)
		}
		return objects, nil
	}
	return nil, nil
}
