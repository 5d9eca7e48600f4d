package upstream

import (
	"context"
	"time"
	_ "unsafe" // for go:linkname

	batch "k8s.io/api/batch/v1"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	batchinformers "k8s.io/client-go/informers/batch/v1"
	coreinformers "k8s.io/client-go/informers/core/v1"
	schedulinginformers "k8s.io/client-go/informers/scheduling/v1beta1"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/job"
	"k8s.io/utils/clock"
)

// Controller is upstream's own type: it is exported.
type Controller = job.Controller

// pod_failure_policy.go

//go:linkname MatchPodFailurePolicy k8s.io/kubernetes/pkg/controller/job.matchPodFailurePolicy
func MatchPodFailurePolicy(podFailurePolicy *batch.PodFailurePolicy, failedPod *v1.Pod) (*string, bool, *batch.PodFailurePolicyAction)

// success_policy.go

//go:linkname MatchSuccessPolicy k8s.io/kubernetes/pkg/controller/job.matchSuccessPolicy
func MatchSuccessPolicy(logger klog.Logger, successPolicy *batch.SuccessPolicy, completions int32, succeededIndexes OrderedIntervals) (string, bool)

// indexed_job_utils.go

//go:linkname ParseIndexesFromString k8s.io/kubernetes/pkg/controller/job.parseIndexesFromString
func ParseIndexesFromString(logger klog.Logger, indexesStr string, completions int) OrderedIntervals

//go:linkname OrderedIntervalsString k8s.io/kubernetes/pkg/controller/job.orderedIntervals.String
func OrderedIntervalsString(oi OrderedIntervals) string

//go:linkname OrderedIntervalsTotal k8s.io/kubernetes/pkg/controller/job.orderedIntervals.total
func OrderedIntervalsTotal(oi OrderedIntervals) int

//go:linkname OrderedIntervalsHas k8s.io/kubernetes/pkg/controller/job.orderedIntervals.has
func OrderedIntervalsHas(oi OrderedIntervals, ix int) bool

//go:linkname OrderedIntervalsMerge k8s.io/kubernetes/pkg/controller/job.orderedIntervals.merge
func OrderedIntervalsMerge(oi OrderedIntervals, newOi OrderedIntervals) OrderedIntervals

//go:linkname CalculateSucceededIndexes k8s.io/kubernetes/pkg/controller/job.calculateSucceededIndexes
func CalculateSucceededIndexes(logger klog.Logger, job *batch.Job, pods []*v1.Pod) (OrderedIntervals, OrderedIntervals)

//go:linkname CalculateFailedIndexes k8s.io/kubernetes/pkg/controller/job.calculateFailedIndexes
func CalculateFailedIndexes(logger klog.Logger, job *batch.Job, pods []*v1.Pod) *OrderedIntervals

//go:linkname GetNewIndexFailureCounts k8s.io/kubernetes/pkg/controller/job.getNewIndexFailureCounts
func GetNewIndexFailureCounts(logger klog.Logger, job *batch.Job, podBeingReplaced *v1.Pod) (int32, int32)

//go:linkname GetPodsWithDelayedDeletionPerIndex k8s.io/kubernetes/pkg/controller/job.getPodsWithDelayedDeletionPerIndex
func GetPodsWithDelayedDeletionPerIndex(logger klog.Logger, jobCtx *SyncJobCtx) map[int]*v1.Pod

//go:linkname FirstPendingIndexes k8s.io/kubernetes/pkg/controller/job.firstPendingIndexes
func FirstPendingIndexes(jobCtx *SyncJobCtx, count, completions int) []int

//go:linkname GetCompletionIndex k8s.io/kubernetes/pkg/controller/job.getCompletionIndex
func GetCompletionIndex(annotations map[string]string) int

//go:linkname GetIndexFailureCount k8s.io/kubernetes/pkg/controller/job.getIndexFailureCount
func GetIndexFailureCount(logger klog.Logger, pod *v1.Pod) int32

//go:linkname ParseIndexFailureIgnoreCountAnnotation k8s.io/kubernetes/pkg/controller/job.parseIndexFailureIgnoreCountAnnotation
func ParseIndexFailureIgnoreCountAnnotation(logger klog.Logger, pod *v1.Pod) int32

// backoff_utils.go

//go:linkname GetFinishedTime k8s.io/kubernetes/pkg/controller/job.getFinishedTime
func GetFinishedTime(p *v1.Pod) time.Time

//go:linkname GetRemainingTimePerIndex k8s.io/kubernetes/pkg/controller/job.getRemainingTimePerIndex
func GetRemainingTimePerIndex(logger klog.Logger, clock clock.WithTicker, defaultBackoff time.Duration, maxBackoff time.Duration, lastFailedPod *v1.Pod) time.Duration

//go:linkname GetRemainingTimeForFailuresCount k8s.io/kubernetes/pkg/controller/job.getRemainingTimeForFailuresCount
func GetRemainingTimeForFailuresCount(clock clock.WithTicker, defaultBackoff time.Duration, maxBackoff time.Duration, failuresCount int32, lastFailureTime *time.Time) time.Duration

//go:linkname NewBackoffStore k8s.io/kubernetes/pkg/controller/job.newBackoffStore
func NewBackoffStore() *BackoffStore

//go:linkname NewBackoffRecord k8s.io/kubernetes/pkg/controller/job.(*backoffStore).newBackoffRecord
func NewBackoffRecord(s *BackoffStore, key string, newSucceededPods []*v1.Pod, newFailedPods []*v1.Pod) BackoffRecord

//go:linkname UpdateBackoffRecord k8s.io/kubernetes/pkg/controller/job.(*backoffStore).updateBackoffRecord
func UpdateBackoffRecord(s *BackoffStore, record BackoffRecord) error

//go:linkname RemoveBackoffRecord k8s.io/kubernetes/pkg/controller/job.(*backoffStore).removeBackoffRecord
func RemoveBackoffRecord(s *BackoffStore, jobId string) error

// tracking_utils.go

//go:linkname ExpectFinalizersRemoved k8s.io/kubernetes/pkg/controller/job.(*uidTrackingExpectations).expectFinalizersRemoved
func ExpectFinalizersRemoved(u *UidTrackingExpectations, logger klog.Logger, jobKey string, deletedKeys []types.UID) error

//go:linkname DeleteFinalizerExpectations k8s.io/kubernetes/pkg/controller/job.(*uidTrackingExpectations).deleteExpectations
func DeleteFinalizerExpectations(u *UidTrackingExpectations, logger klog.Logger, jobKey string)

// job_controller.go

//go:linkname IsPodFailed k8s.io/kubernetes/pkg/controller/job.isPodFailed
func IsPodFailed(p *v1.Pod, job *batch.Job) bool

//go:linkname OnlyReplaceFailedPods k8s.io/kubernetes/pkg/controller/job.onlyReplaceFailedPods
func OnlyReplaceFailedPods(job *batch.Job) bool

//go:linkname GetFailJobMessage k8s.io/kubernetes/pkg/controller/job.getFailJobMessage
func GetFailJobMessage(job *batch.Job, pods []*v1.Pod) *string

//go:linkname PastBackoffLimitOnFailure k8s.io/kubernetes/pkg/controller/job.pastBackoffLimitOnFailure
func PastBackoffLimitOnFailure(job *batch.Job, pods []*v1.Pod) bool

//go:linkname GetNewFinishedPods k8s.io/kubernetes/pkg/controller/job.getNewFinishedPods
func GetNewFinishedPods(jobCtx *SyncJobCtx) (succeededPods, failedPods []*v1.Pod)

//go:linkname NonIgnoredFailedPodsCount k8s.io/kubernetes/pkg/controller/job.nonIgnoredFailedPodsCount
func NonIgnoredFailedPodsCount(jobCtx *SyncJobCtx, failedPods []*v1.Pod) int

//go:linkname NewUncountedTerminatedPods k8s.io/kubernetes/pkg/controller/job.newUncountedTerminatedPods
func NewUncountedTerminatedPods(in batch.UncountedTerminatedPods) *UncountedTerminatedPods

//go:linkname NewControllerWithClock k8s.io/kubernetes/pkg/controller/job.newControllerWithClock
func NewControllerWithClock(ctx context.Context, kubeClient clientset.Interface, clock clock.WithTicker, podInformer coreinformers.PodInformer, jobInformer batchinformers.JobInformer, workloadInformer schedulinginformers.WorkloadInformer, podGroupInformer schedulinginformers.PodGroupInformer) (*Controller, error)

//go:linkname SyncJob k8s.io/kubernetes/pkg/controller/job.(*Controller).syncJob
func SyncJob(jm *Controller, ctx context.Context, key string) (rErr error)

//go:linkname AddPod k8s.io/kubernetes/pkg/controller/job.(*Controller).addPod
func AddPod(jm *Controller, logger klog.Logger, obj interface{})

//go:linkname UpdatePod k8s.io/kubernetes/pkg/controller/job.(*Controller).updatePod
func UpdatePod(jm *Controller, logger klog.Logger, old, cur interface{})

//go:linkname DeletePod k8s.io/kubernetes/pkg/controller/job.(*Controller).deletePod
func DeletePod(jm *Controller, logger klog.Logger, obj interface{}, final bool)
