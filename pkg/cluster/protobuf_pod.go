package cluster

import (
	corev1 "k8s.io/api/core/v1"
)

// podDecoder decodes one pod after the other into the same place. What the pods of
// a template ask for is decoded once for all of them: it is maps of quantities,
// which nobody changes.
type podDecoder struct {
	*corev1.Pod
	resources map[string]corev1.ResourceRequirements
	allocated map[string]corev1.ResourceList
	// entries are those of one map, which lie in a message one by one.
	entries []byte
}

func (d *podDecoder) decode(raw []byte) error {
	return eachField(raw, func(f field) error {
		switch f.number {
		case podMetadata:
			return decodeFields(f.value, wantedOfMetadata, d.ObjectMeta.Unmarshal)
		case podSpec:
			return d.decodeSpec(f.value)
		case podStatus:
			return d.decodeStatus(f.value)
		}
		return nil
	})
}

func (d *podDecoder) decodeSpec(raw []byte) error {
	spec := &d.Spec
	return eachField(raw, func(f field) error {
		switch {
		case f.number == podContainers:
			return d.addContainer(f.value, &spec.Containers)
		case f.number == podInitContainers:
			return d.addContainer(f.value, &spec.InitContainers)
		case f.number == podResourceClaims:
			spec.ResourceClaims = append(spec.ResourceClaims, corev1.PodResourceClaim{})
			return decodeFields(f.value, wantedOfClaim, spec.ResourceClaims[len(spec.ResourceClaims)-1].Unmarshal)
		case wantedOfSpec.has(f.number):
			return spec.Unmarshal(f.whole)
		}
		return nil
	})
}

func (d *podDecoder) addContainer(raw []byte, containers *[]corev1.Container) error {
	*containers = append(*containers, corev1.Container{})
	container := &(*containers)[len(*containers)-1]
	return eachField(raw, func(f field) (err error) {
		switch {
		case f.number == containerResources:
			container.Resources, err = d.requirements(f.value)
		case wantedOfContainer.has(f.number):
			err = container.Unmarshal(f.whole)
		}
		return err
	})
}

func (d *podDecoder) requirements(raw []byte) (corev1.ResourceRequirements, error) {
	if known, ok := d.resources[string(raw)]; ok {
		return known, nil
	}
	var resources corev1.ResourceRequirements
	if err := resources.Unmarshal(raw); err != nil {
		return resources, err
	}
	d.resources[string(raw)] = resources
	return resources, nil
}

func (d *podDecoder) decodeStatus(raw []byte) error {
	status := &d.Status
	return eachField(raw, func(f field) error {
		switch {
		case f.number == podContainerStatuses:
			return d.addStatus(f.value, &status.ContainerStatuses)
		case f.number == podInitContainerStatuses:
			return d.addStatus(f.value, &status.InitContainerStatuses)
		case wantedOfPodStatus.has(f.number):
			return status.Unmarshal(f.whole)
		}
		return nil
	})
}

func (d *podDecoder) addStatus(raw []byte, statuses *[]corev1.ContainerStatus) error {
	*statuses = append(*statuses, corev1.ContainerStatus{})
	status := &(*statuses)[len(*statuses)-1]
	d.entries = d.entries[:0]
	err := eachField(raw, func(f field) error {
		switch {
		case f.number == containerAllocated:
			d.entries = append(d.entries, f.whole...)
		case wantedOfStatus.has(f.number):
			return status.Unmarshal(f.whole)
		}
		return nil
	})
	if err == nil && len(d.entries) > 0 {
		status.AllocatedResources, err = d.allocatedResources()
	}
	return err
}

func (d *podDecoder) allocatedResources() (corev1.ResourceList, error) {
	if known, ok := d.allocated[string(d.entries)]; ok {
		return known, nil
	}
	var status corev1.ContainerStatus
	if err := status.Unmarshal(d.entries); err != nil {
		return nil, err
	}
	d.allocated[string(d.entries)] = status.AllocatedResources
	return status.AllocatedResources, nil
}
