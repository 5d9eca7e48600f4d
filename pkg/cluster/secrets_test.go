package cluster_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// What a snapshot holds of the text of a Job, a pod and an event, all of it,
// and what --messages adds. Whoever adds a line gives it away.
const (
	kept = `
Event.InvolvedObject.Name
Event.Reason
Event.ReportingController
Event.Source.Component
Event.Type
Job.ObjectMeta.Labels[jobset.sigs.k8s.io/jobset-name]
Job.ObjectMeta.Labels[kueue.x-k8s.io/queue-name]
Job.ObjectMeta.Name
Job.ObjectMeta.Namespace
Job.ObjectMeta.OwnerReferences.APIVersion
Job.ObjectMeta.OwnerReferences.Kind
Job.ObjectMeta.OwnerReferences.Name
Job.ObjectMeta.OwnerReferences.UID
Job.ObjectMeta.ResourceVersion
Job.ObjectMeta.UID
Job.Spec.ManagedBy
Job.Spec.PodFailurePolicy.Rules.Action
Job.Spec.PodFailurePolicy.Rules.OnExitCodes.ContainerName
Job.Spec.PodFailurePolicy.Rules.OnExitCodes.Operator
Job.Spec.PodFailurePolicy.Rules.OnPodConditions.Status
Job.Spec.PodFailurePolicy.Rules.OnPodConditions.Type
Job.Spec.PodReplacementPolicy
Job.Spec.SuccessPolicy.Rules.SucceededIndexes
Job.Spec.Template.Spec.Containers.Name
Job.Spec.Template.Spec.InitContainers.Name
Job.Spec.Template.Spec.RestartPolicy
Job.Status.CompletedIndexes
Job.Status.Conditions.Reason
Job.Status.Conditions.Status
Job.Status.Conditions.Type
Job.Status.FailedIndexes
Job.Status.UncountedTerminatedPods.Failed
Job.Status.UncountedTerminatedPods.Succeeded
Pod.ObjectMeta.Name
Pod.ObjectMeta.UID
Pod.Spec.NodeName
Pod.Spec.ResourceClaims.Name
Pod.Spec.SchedulingGroup.PodGroupName
Pod.Status.Conditions.Reason
Pod.Status.Conditions.Status
Pod.Status.Conditions.Type
Pod.Status.ContainerStatuses.LastTerminationState.Terminated.Reason
Pod.Status.ContainerStatuses.Name
Pod.Status.ContainerStatuses.State.Terminated.Reason
Pod.Status.ContainerStatuses.State.Waiting.Reason
Pod.Status.InitContainerStatuses.LastTerminationState.Terminated.Reason
Pod.Status.InitContainerStatuses.Name
Pod.Status.InitContainerStatuses.State.Terminated.Reason
Pod.Status.InitContainerStatuses.State.Waiting.Reason
Pod.Status.Phase
Pod.Status.Reason
`
	keptWithMessages = `
Event.Message
Gap.Error
Job.Status.Conditions.Message
Pod.Status.Conditions.Message
Pod.Status.ContainerStatuses.LastTerminationState.Terminated.Message
Pod.Status.ContainerStatuses.State.Terminated.Message
Pod.Status.ContainerStatuses.State.Waiting.Message
Pod.Status.InitContainerStatuses.LastTerminationState.Terminated.Message
Pod.Status.InitContainerStatuses.State.Terminated.Message
Pod.Status.InitContainerStatuses.State.Waiting.Message
Pod.Status.Message
`
)

// TestSnapshotKeepsSecrets puts a marked secret into every text of a Job, a pod
// and an event that the API's own types have room for, and looks which of them
// a snapshot holds. A field that a later version adds is covered.
func TestSnapshotKeepsSecrets(t *testing.T) {
	secrets := secrets{paths: map[string]string{}}
	var job batchv1.Job
	var pod corev1.Pod
	var event corev1.Event
	secrets.fill("Job", reflect.ValueOf(&job).Elem())
	secrets.fill("Pod", reflect.ValueOf(&pod).Elem())
	secrets.fill("Event", reflect.ValueOf(&event).Elem())
	if len(secrets.paths) < 500 {
		t.Fatalf("only %d texts", len(secrets.paths))
	}

	// What has to be right for the three to belong together.
	for _, label := range []string{"kueue.x-k8s.io/queue-name", "jobset.sigs.k8s.io/jobset-name"} {
		job.Labels[label] = secrets.next("Job.ObjectMeta.Labels[" + label + "]")
	}
	for _, annotation := range []string{batchv1.JobCompletionIndexAnnotation, batchv1.JobIndexFailureCountAnnotation, batchv1.JobIndexIgnoredFailureCountAnnotation} {
		pod.Annotations[annotation] = secrets.next("Pod.ObjectMeta.Annotations[" + annotation + "]")
	}
	job.TypeMeta = metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}
	pod.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
	event.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Event"}
	job.Spec.CompletionMode = new(batchv1.IndexedCompletion)
	job.Spec.Selector.MatchExpressions = nil
	pod.Namespace, event.Namespace = job.Namespace, job.Namespace
	pod.Labels = job.Spec.Selector.MatchLabels
	pod.OwnerReferences[0].UID = job.UID
	jobEvent := event
	jobEvent.UID = "another"
	jobEvent.Source.Component = "" // of the newer make
	jobEvent.InvolvedObject.Kind, jobEvent.InvolvedObject.UID = "Job", job.UID
	event.InvolvedObject.Kind, event.InvolvedObject.UID = "Pod", pod.UID

	var files bytes.Buffer
	for _, object := range []any{job, pod, event, jobEvent} {
		if err := json.NewEncoder(&files).Encode(object); err != nil {
			t.Fatal(err)
		}
	}
	seen, err := cluster.ReadFiles(t.Context(), []string{"-"}, &files, "", cluster.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.Attempts) != 1 || len(seen.Events) != 2 {
		t.Fatalf("%d pods and %d events: they do not belong together", len(seen.Attempts), len(seen.Events))
	}
	// What the server said about what could not be read is a message as well.
	seen.Gaps = []evidence.Gap{{Kind: evidence.GapEvents, Message: "events could not be read", Error: secrets.next("Gap.Error")}}
	want := strings.Fields(kept)
	if diff := cmp.Diff(want, secrets.in(snapshotOf(t, seen, false))); diff != "" {
		t.Errorf("what a snapshot keeps (-allowed +kept):\n%s", diff)
	}
	want = append(want, strings.Fields(keptWithMessages)...)
	slices.Sort(want)
	if diff := cmp.Diff(want, secrets.in(snapshotOf(t, seen, true))); diff != "" {
		t.Errorf("what a snapshot with messages keeps (-allowed +kept):\n%s", diff)
	}
}

// secrets are marked by where they were put.
type secrets struct{ paths map[string]string }

func (s secrets) next(path string) string {
	secret := fmt.Sprintf("secret%dx", len(s.paths))
	s.paths[secret] = path
	return secret
}

var marked = regexp.MustCompile(`secret\d+x`)

// in lists where the secrets come from that a text holds.
func (s secrets) in(text []byte) []string {
	found := []string{}
	for _, secret := range marked.FindAllString(string(text), -1) {
		found = append(found, s.paths[secret])
	}
	for secret, path := range s.paths {
		if strings.Contains(string(text), base64.RawStdEncoding.EncodeToString([]byte(secret))) {
			found = append(found, path)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// fill puts a secret into every string below a value, and something into all
// else: one element into each list, one entry into each map.
func (s secrets) fill(path string, v reflect.Value) {
	switch v.Interface().(type) {
	case metav1.Time:
		v.Set(reflect.ValueOf(metav1.NewTime(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))))
		return
	case metav1.MicroTime:
		v.Set(reflect.ValueOf(metav1.NewMicroTime(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))))
		return
	case metav1.FieldsV1:
		v.Set(reflect.ValueOf(*metav1.NewFieldsV1(fmt.Sprintf("{%q:{}}", s.next(path)))))
		return
	case resource.Quantity:
		v.Set(reflect.ValueOf(resource.MustParse("1Gi")))
		return
	case intstr.IntOrString:
		v.Set(reflect.ValueOf(intstr.FromString(s.next(path))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s.next(path))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8:
		v.SetUint('x')
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.fill(path, v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(s.next(path)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		s.fill(path, v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		s.fill(path+"[key]", key)
		s.fill(path+"[value]", value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			s.fill(path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	default:
		panic(fmt.Sprintf("%s is a %s", path, v.Kind()))
	}
}
