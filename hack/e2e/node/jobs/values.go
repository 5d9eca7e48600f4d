//go:build linux

package jobs

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func ptr[T any](v T) *T { return &v }

func quantity(s string) resource.Quantity { return resource.MustParse(s) }

func resources(list map[corev1.ResourceName]string) corev1.ResourceList {
	all := corev1.ResourceList{}
	for name, value := range list {
		all[name] = quantity(value)
	}
	return all
}
