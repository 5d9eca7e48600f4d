package evidence

import corev1 "k8s.io/api/core/v1"

// DefaultContainerAnnotation of a pod, or of a template, names the container that
// kubectl takes where none is named.
const DefaultContainerAnnotation = "kubectl.kubernetes.io/default-container"

// MainContainer is that container: the annotated one, else the first.
func MainContainer(annotations map[string]string, containers []corev1.Container) string {
	if name := annotations[DefaultContainerAnnotation]; name != "" {
		return name
	}
	if len(containers) == 0 {
		return ""
	}
	return containers[0].Name
}
