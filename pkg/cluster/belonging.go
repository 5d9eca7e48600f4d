package cluster

import (
	"cmp"

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
	bySelector // nobody controls it
	byOwnerName
	byJobName
	byLabels
)

// belongsTo tells whose a pod is by the best that both it and the Job have. What
// the file has of a pod's labels and of the Job's selector has to fit, as it has to
// for the controller.
func (f *family) belongsTo(job *batchv1.Job, selector labels.Selector, hasUID bool) belonging {
	owner := &f.controller
	fits := job.Spec.Selector == nil || len(f.labels) == 0 || selector.Matches(f.labels)
	hasUIDs := owner.UID != "" && job.UID != ""
	isNamed := owner.Kind == "Job" && owner.Name == job.Name
	switch {
	case hasUIDs && owner.UID != job.UID && isNamed:
		return isOfAnotherJob
	case hasUIDs && owner.UID != job.UID, !hasUIDs && owner.Kind != "" && !isNamed, !fits:
		return isOfNone
	case hasUIDs:
		return byUID
	case isNamed:
		return byOwnerName
	case !hasUID && f.jobName() != "":
		// Whoever took the UID took the owner, too.
		if f.jobName() == job.Name {
			return byJobName
		}
		return isOfNone
	case job.Spec.Selector != nil && len(f.labels) > 0:
		return bySelector
	}
	return isOfNone
}

// jobName is by the label, which has an older name as well.
func (f *family) jobName() string {
	return cmp.Or(f.labels[batchv1.JobNameLabel], f.labels["job-name"])
}

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
