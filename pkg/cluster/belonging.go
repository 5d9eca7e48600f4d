package cluster

import (
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// belonging is by what a pod of a file is known to be the Job's. A server tells by
// the UID of the pod's controller; people leave UIDs, owners and labels out.
type belonging int

const (
	isOfNone belonging = iota
	isOfAnotherJob
	byUID
	bySelector
	byOwnerName
	byJobName
	byLabels
)

// belongsTo tells whose a pod is by the best that both it and the Job have.
func (f *family) belongsTo(job *batchv1.Job, selector labels.Selector, hasUID bool) belonging {
	owner := &f.controller
	isSelected := selector.Empty() || selector.Matches(f.labels)
	name := f.labels[batchv1.JobNameLabel]
	if name == "" {
		name = f.labels[legacyJobName]
	}
	switch {
	case f.namespace != job.Namespace:
		return isOfNone
	case owner.UID != "" && job.UID != "":
		return f.byUID(job, isSelected)
	case owner.Kind != "" && (owner.Kind != "Job" || owner.Name != job.Name):
		return isOfNone
	case owner.Kind != "":
		return byOwnerName
	case !hasUID && name != "":
		// Whoever took the UID took the owner, too.
		if name == job.Name {
			return byJobName
		}
		return isOfNone
	case isSelected && !selector.Empty():
		return bySelector
	}
	return isOfNone
}

func (f *family) byUID(job *batchv1.Job, isSelected bool) belonging {
	switch {
	case f.controller.UID == job.UID && isSelected:
		return byUID
	case f.controller.UID != job.UID && f.controller.Kind == "Job" && f.controller.Name == job.Name:
		return isOfAnotherJob
	}
	return isOfNone
}

// legacyJobName is the label's older name.
const legacyJobName = "job-name"

// words say how pods were told, "" where as a server tells.
func (b belonging) words() string {
	switch b {
	case byOwnerName:
		return "by the name of their owner, as UIDs are missing"
	case byLabels:
		return "by their labels, as owners are missing"
	case byJobName:
		return "by their label " + batchv1.JobNameLabel + ", as owners and UIDs are missing"
	}
	return ""
}
