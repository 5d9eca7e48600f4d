package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	internal "k8s.io/kubernetes/pkg/apis/batch"
	_ "k8s.io/kubernetes/pkg/apis/batch/install" // defaults and conversion
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/utils/clock"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// api is what an API server would keep: one Job and its pods.
type api struct {
	clock   clock.PassiveClock
	version int
	job     *batchv1.Job // nil once it is gone
	lastJob *batchv1.Job
	pods    map[string]*corev1.Pod
	// gone are the pods that were there, as they were last.
	gone    []*corev1.Pod
	refused func(verb, resource, name string) bool
	// created counts the pods that shared a generated name.
	created map[string]int
	ledger  ledger
	// actor is who acts on pods just now.
	actor recording.Deleter
	// byForce: what is deleted gets no time to end.
	byForce bool
}

func (a *api) now() metav1.Time { return metav1.NewTime(a.clock.Now()).Rfc3339Copy() }

func (a *api) nextVersion() string {
	a.version++
	return strconv.Itoa(a.version)
}

func (a *api) podNames() []string {
	var names []string
	for name := range a.pods {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// react answers the controller's requests.
func (a *api) react(action clienttesting.Action) (bool, runtime.Object, error) {
	verb, resource := action.GetVerb(), action.GetResource().Resource
	if action.GetSubresource() != "" {
		resource += "/" + action.GetSubresource()
	}
	name := ""
	if named, ok := action.(interface{ GetName() string }); ok {
		name = named.GetName()
	}
	if a.refused != nil && a.refused(verb, resource, name) {
		return true, nil, apierrors.NewInternalError(fmt.Errorf("%s %s %s is refused", verb, resource, name))
	}
	a.actor = recording.DeletedByController
	object, err := a.answer(verb+" "+resource, name, action)
	return true, object, err
}

func (a *api) answer(request, name string, action clienttesting.Action) (runtime.Object, error) {
	switch request {
	case "get jobs":
		return a.job.DeepCopy(), nil
	case "update jobs/status":
		return a.updateStatus(action.(clienttesting.UpdateAction).GetObject().(*batchv1.Job))
	case "create pods":
		return a.createPod(action.(clienttesting.CreateAction).GetObject().(*corev1.Pod).DeepCopy()), nil
	case "patch pods":
		return a.patchPod(name, action.(clienttesting.PatchAction).GetPatch())
	case "delete pods":
		return &corev1.Pod{}, a.deletePod(name)
	}
	return nil, fmt.Errorf("the simulation does not answer %q", request)
}

// createJob does as the API server does with a manifest.
func (a *api) createJob(manifest string) error {
	created := &batchv1.Job{}
	if err := yaml.UnmarshalStrict([]byte(manifest), created); err != nil {
		return err
	}
	if created.Namespace == "" {
		created.Namespace = metav1.NamespaceDefault
	}
	created.UID = types.UID(created.Name + "-uid")
	created.CreationTimestamp = a.now()
	created.ResourceVersion = a.nextVersion()
	return a.storeJob(created, func(ctx context.Context, next *internal.Job) field.ErrorList {
		job.Strategy.PrepareForCreate(ctx, next)
		return job.Strategy.Validate(ctx, next)
	})
}

// updateJob does as the API server does with a user's change of the spec.
func (a *api) updateJob(change func(*batchv1.JobSpec)) error {
	before := toInternal(a.job)
	next := a.job.DeepCopy()
	change(&next.Spec)
	next.ResourceVersion = a.nextVersion()
	return a.storeJob(next, func(ctx context.Context, next *internal.Job) field.ErrorList {
		job.Strategy.PrepareForUpdate(ctx, next, before)
		return job.Strategy.ValidateUpdate(ctx, next, before)
	})
}

// updateStatus refuses what the API server refuses.
func (a *api) updateStatus(next *batchv1.Job) (*batchv1.Job, error) {
	before := toInternal(a.job)
	next = next.DeepCopy()
	next.ObjectMeta = *a.job.ObjectMeta.DeepCopy()
	next.ResourceVersion = a.nextVersion()
	err := a.storeJob(next, func(ctx context.Context, next *internal.Job) field.ErrorList {
		job.StatusStrategy.PrepareForUpdate(ctx, next, before)
		return job.StatusStrategy.ValidateUpdate(ctx, next, before)
	})
	return a.job.DeepCopy(), err
}

// storeJob defaults the Job, lets the strategy look at it, and keeps it unless
// something was found to refuse.
func (a *api) storeJob(next *batchv1.Job, prepare func(context.Context, *internal.Job) field.ErrorList) error {
	legacyscheme.Scheme.Default(next)
	object := toInternal(next)
	if refusals := prepare(genericrequest.NewDefaultContext(), object); len(refusals) > 0 {
		return refusals.ToAggregate()
	}
	stored := &batchv1.Job{}
	if err := legacyscheme.Scheme.Convert(object, stored, nil); err != nil {
		return err
	}
	// Times are kept to the second, as they are on the wire.
	data, err := json.Marshal(stored)
	if err != nil {
		return err
	}
	a.job = &batchv1.Job{}
	if err := json.Unmarshal(data, a.job); err != nil {
		return err
	}
	a.lastJob = a.job
	a.ledger.jobChanged(a.clock.Now(), a.job)
	return nil
}

func toInternal(job *batchv1.Job) *internal.Job {
	object := &internal.Job{}
	if err := legacyscheme.Scheme.Convert(job.DeepCopy(), object, nil); err != nil {
		panic(err) // both are built in
	}
	return object
}

// createPod gives names that do not depend on the order in which the
// controller's goroutines arrive.
func (a *api) createPod(pod *corev1.Pod) *corev1.Pod {
	if pod.Name == "" {
		if a.created == nil {
			a.created = map[string]int{}
		}
		a.created[pod.GenerateName]++
		pod.Name = fmt.Sprintf("%s%05d", pod.GenerateName, a.created[pod.GenerateName])
	}
	pod.Namespace = a.lastJob.Namespace
	pod.UID = types.UID(pod.Name + "-uid")
	pod.CreationTimestamp = a.now()
	if pod.Status.Phase == "" {
		pod.Status.Phase = corev1.PodPending
	}
	if pod.Spec.TerminationGracePeriodSeconds == nil {
		thirty := int64(corev1.DefaultTerminationGracePeriodSeconds)
		pod.Spec.TerminationGracePeriodSeconds = &thirty
	}
	return a.storePod(pod).DeepCopy()
}

func (a *api) storePod(pod *corev1.Pod) *corev1.Pod {
	pod.ResourceVersion = a.nextVersion()
	a.pods[pod.Name] = pod
	// The last finalizer of a pod that only waited for it.
	if pod.DeletionTimestamp != nil && *pod.DeletionGracePeriodSeconds == 0 && len(pod.Finalizers) == 0 {
		delete(a.pods, pod.Name)
		a.gone = append(a.gone, pod)
	}
	a.ledger.podChanged(a.clock.Now(), pod, a.pods[pod.Name] == nil, a.actor)
	return pod
}

func (a *api) patchPod(name string, patch []byte) (*corev1.Pod, error) {
	pod := a.pods[name]
	if pod == nil {
		return nil, apierrors.NewNotFound(corev1.Resource("pods"), name)
	}
	before, err := json.Marshal(pod)
	if err != nil {
		return nil, err
	}
	after, err := strategicpatch.StrategicMergePatch(before, patch, corev1.Pod{})
	if err != nil {
		return nil, err
	}
	next := &corev1.Pod{}
	if err := json.Unmarshal(after, next); err != nil {
		return nil, err
	}
	return a.storePod(next).DeepCopy(), nil
}

// deletePod begins a graceful deletion, as CheckGracefulDelete has it: at once
// for a pod that is on no node or has ended.
func (a *api) deletePod(name string) error {
	pod := a.pods[name]
	if pod == nil {
		return apierrors.NewNotFound(corev1.Resource("pods"), name)
	}
	if pod.DeletionTimestamp != nil {
		return nil
	}
	grace := *pod.Spec.TerminationGracePeriodSeconds
	if pod.Spec.NodeName == "" || isTerminal(pod) || a.byForce {
		grace = 0
	}
	a.markDeleted(pod, grace)
	return nil
}

func (a *api) markDeleted(pod *corev1.Pod, grace int64) {
	next := pod.DeepCopy()
	at := metav1.NewTime(a.now().Add(secondsOf(grace)))
	next.DeletionTimestamp, next.DeletionGracePeriodSeconds = &at, &grace
	a.storePod(next)
}

func isTerminal(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}
