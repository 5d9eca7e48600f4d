package cluster

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// Whose a pod is, whatever was left out of the file.
func TestWhoseAPodIs(t *testing.T) {
	const uid = types.UID("u")
	selecting := &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: "u"}}
	job := func(uid types.UID, selector *metav1.LabelSelector) *batchv1.Job {
		return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j", UID: uid}, Spec: batchv1.JobSpec{Selector: selector}}
	}
	owner := func(kind, name string, uid types.UID) metav1.OwnerReference {
		return metav1.OwnerReference{Kind: kind, Name: name, UID: uid}
	}
	own := labels.Set{batchv1.ControllerUidLabel: "u", batchv1.JobNameLabel: "j"}
	for _, c := range []struct {
		name   string
		job    *batchv1.Job
		pod    family
		hasUID bool
		want   belonging
	}{
		{"as a server tells", job(uid, selecting), family{labels: own, controller: owner("Job", "j", uid)}, true, byUID},
		{"though its labels were left out", job(uid, selecting), family{controller: owner("Job", "j", uid)}, true, byUID},
		{"though the selector was left out", job(uid, nil), family{labels: own, controller: owner("Job", "j", uid)}, true, byUID},
		{"not if its labels do not fit", job(uid, selecting), family{labels: labels.Set{"a": "b"}, controller: owner("Job", "j", uid)}, true, isOfNone},
		{"of a Job before it", job(uid, selecting), family{labels: own, controller: owner("Job", "j", "old")}, true, isOfAnotherJob},
		{"of another controller", job(uid, selecting), family{labels: own, controller: owner("ReplicaSet", "j", "r")}, true, isOfNone},
		{"without the Job's UID", job("", selecting), family{labels: own, controller: owner("Job", "j", "redacted")}, true, byOwnerName},
		{"without the owner's UID", job(uid, selecting), family{labels: own, controller: owner("Job", "j", "")}, true, byOwnerName},
		{"of another name without UIDs", job("", nil), family{labels: own, controller: owner("Job", "k", "")}, true, isOfNone},
		{"without an owner and a UID", job(uid, selecting), family{labels: own}, false, byJobName},
		{"by the label's older name", job(uid, nil), family{labels: labels.Set{"job-name": "j"}}, false, byJobName},
		{"of another Job by its label", job(uid, nil), family{labels: labels.Set{batchv1.JobNameLabel: "k"}}, false, isOfNone},
		{"which nobody controls", job(uid, selecting), family{labels: own}, true, bySelector},
		{"of which nothing is known", job(uid, selecting), family{}, true, isOfNone},
	} {
		selector, err := metav1.LabelSelectorAsSelector(c.job.Spec.Selector)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.pod.belongsTo(c.job, selector, c.hasUID); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
