package v1alpha1

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Explanation is the answer about one Indexed Job at one instant.
type Explanation struct {
	metav1.TypeMeta `json:",inline"`

	Metadata Metadata `json:"metadata"`
	// ObservedAt is the clock at reading. For a file it is what a snapshot
	// recorded, else the newest instant found in it.
	ObservedAt metav1.Time `json:"observedAt"`
	Spec       Spec        `json:"spec"`
	Status     Status      `json:"status"`
	Owner      *Owner      `json:"owner,omitempty"`
	Conclusion Conclusion  `json:"conclusion"`
	// Counts adds up to spec.completions, always.
	Counts map[Fate]int64 `json:"counts"`
	// Fates is in order of index. A record with LastIndex stands for a run.
	Fates      []IndexFate `json:"fates"`
	Signatures []Signature `json:"signatures"`
	Findings   []Finding   `json:"findings"`
	Agreement  Agreement   `json:"agreement"`
	Evidence   Evidence    `json:"evidence"`
}

// Metadata names the Job.
type Metadata struct {
	Namespace string    `json:"namespace"`
	Name      string    `json:"name"`
	UID       types.UID `json:"uid"`
}

// Spec holds the fields of the Job that decide, as the Job has them.
type Spec struct {
	Parallelism           *int32                        `json:"parallelism,omitempty"`
	Completions           *int32                        `json:"completions,omitempty"`
	CompletionMode        *batchv1.CompletionMode       `json:"completionMode,omitempty"`
	ActiveDeadlineSeconds *int64                        `json:"activeDeadlineSeconds,omitempty"`
	BackoffLimit          *int32                        `json:"backoffLimit,omitempty"`
	BackoffLimitPerIndex  *int32                        `json:"backoffLimitPerIndex,omitempty"`
	MaxFailedIndexes      *int32                        `json:"maxFailedIndexes,omitempty"`
	PodFailurePolicy      *batchv1.PodFailurePolicy     `json:"podFailurePolicy,omitempty"`
	SuccessPolicy         *batchv1.SuccessPolicy        `json:"successPolicy,omitempty"`
	PodReplacementPolicy  *batchv1.PodReplacementPolicy `json:"podReplacementPolicy,omitempty"`
	Suspend               *bool                         `json:"suspend,omitempty"`
	ManagedBy             *string                       `json:"managedBy,omitempty"`
	// RestartPolicy is the pod template's.
	RestartPolicy corev1.RestartPolicy `json:"restartPolicy,omitempty"`
}

// Status is the Job's status as recorded by its controller.
type Status struct {
	Active           int32       `json:"active"`
	Ready            *int32      `json:"ready,omitempty"`
	Terminating      *int32      `json:"terminating,omitempty"`
	Succeeded        int32       `json:"succeeded"`
	Failed           int32       `json:"failed"`
	CompletedIndexes string      `json:"completedIndexes"`
	FailedIndexes    *string     `json:"failedIndexes,omitempty"`
	Conditions       []Condition `json:"conditions"`
}

// Condition is one of the Job's conditions as recorded.
type Condition struct {
	Type               batchv1.JobConditionType `json:"type"`
	Status             corev1.ConditionStatus   `json:"status"`
	Reason             string                   `json:"reason,omitempty"`
	Message            string                   `json:"message,omitempty"`
	LastTransitionTime *metav1.Time             `json:"lastTransitionTime,omitempty"`
}

// Owner is what controls the Job and, where labels tell, the queue that holds it.
type Owner struct {
	Kind  string `json:"kind,omitempty"`
	Name  string `json:"name,omitempty"`
	Queue string `json:"queue,omitempty"`
}

// State is where the Job as a whole stands.
type State string

// The states of a Job. Failing and Succeeding are decided by an interim
// condition (FailureTarget, SuccessCriteriaMet) whose terminal one is awaited.
const (
	StateRunning    State = "Running"
	StateSuspended  State = "Suspended"
	StateFailing    State = "Failing"
	StateSucceeding State = "Succeeding"
	StateFailed     State = "Failed"
	StateComplete   State = "Complete"
)

// Decided reports whether no later event can change the outcome of the Job.
func (s State) Decided() bool {
	switch s {
	case StateFailing, StateSucceeding, StateFailed, StateComplete:
		return true
	}
	return false
}

// Conclusion is the outcome of the Job, so far as there is one.
type Conclusion struct {
	State State `json:"state"`
	// Reason is copied from the deciding condition.
	Reason string `json:"reason,omitempty"`
	// Message is one sentence that a person understands.
	Message      string       `json:"message"`
	StartTime    *metav1.Time `json:"startTime,omitempty"`
	DecidedTime  *metav1.Time `json:"decidedTime,omitempty"`
	FinishedTime *metav1.Time `json:"finishedTime,omitempty"`
	// FirstFailure is the earliest failed attempt of which there is evidence.
	FirstFailure *FirstFailure `json:"firstFailure,omitempty"`
	// Trigger is the attempt that tipped the Job, where evidence shows it.
	Trigger    *Trigger    `json:"trigger,omitempty"`
	Effect     *Effect     `json:"effect,omitempty"`
	Predicted  *Predicted  `json:"predicted,omitempty"`
	NextChange *NextChange `json:"nextChange,omitempty"`
	// CanOnlyEnd is Failed for an undecided Job that cannot complete any more.
	CanOnlyEnd State `json:"canOnlyEnd,omitempty"`
}

// Trigger names one attempt and how it ended.
type Trigger struct {
	Index     *int32       `json:"index,omitempty"`
	Pod       string       `json:"pod,omitempty"`
	Node      string       `json:"node,omitempty"`
	Container string       `json:"container,omitempty"`
	ExitCode  *int32       `json:"exitCode,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	Condition string       `json:"condition,omitempty"`
	Rule      *int32       `json:"rule,omitempty"`
	Time      *metav1.Time `json:"time,omitempty"`
}

// FirstFailure is the earliest that can be seen.
type FirstFailure struct {
	Trigger `json:",inline"`
	// EarlierGone: an attempt that is gone may have failed before, or one may of
	// which nothing says when it did.
	EarlierGone bool `json:"earlierGone"`
}

// Effect counts the unfinished indexes that the decision cut off.
type Effect struct {
	Stopped      int64 `json:"stopped"`
	BackingOff   int64 `json:"backingOff"`
	NeverStarted int64 `json:"neverStarted"`
	Unknown      int64 `json:"unknown"`
}

// Predicted is what a sync of the controller right now would decide.
type Predicted struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// AlsoMet are further criteria that hold, which a later check would find.
	AlsoMet []string `json:"alsoMet"`
}

// NextChange is the next instant at which the answer changes by itself.
type NextChange struct {
	Time metav1.Time `json:"time"`
	What string      `json:"what"`
}

// Fate is what became of an index. Every index has exactly one.
type Fate string

// The fates, in the order in which the first that holds is taken.
const (
	Succeeded    Fate = "Succeeded"
	Failed       Fate = "Failed"
	Running      Fate = "Running"
	Pending      Fate = "Pending"
	Terminating  Fate = "Terminating"
	Stopped      Fate = "Stopped"
	NeverStarted Fate = "NeverStarted"
	Unknown      Fate = "Unknown"
	BackingOff   Fate = "BackingOff"
	Waiting      Fate = "Waiting"
)

// Fates lists every fate, in the order above.
var Fates = []Fate{Succeeded, Failed, Running, Pending, Terminating, Stopped, NeverStarted, Unknown, BackingOff, Waiting}

// The reasons of a fate that scripts may rely on; Pending copies the pod's own
// waiting reason. Others may be added.
const (
	ReasonFirstAttempt     = "FirstAttempt"  // Succeeded, Running
	ReasonAfterRetries     = "AfterRetries"  // Succeeded: a counted failure came before
	ReasonAfterIgnored     = "AfterIgnored"  // Succeeded: only ignored failures came before
	ReasonAfterRestart     = "AfterRestart"  // Succeeded: its chain was cut and began anew
	ReasonHistoryGone      = "HistoryGone"   // Succeeded, Failed: what came before is not known
	ReasonRetry            = "Retry"         // Running
	ReasonFailIndexRule    = "FailIndexRule" // Failed
	ReasonBackoffExceeded  = "BackoffLimitPerIndexExceeded"
	ReasonFailJobRule      = "FailJobRule"      // Stopped: its pod tipped the Job
	ReasonAfterFailure     = "AfterFailure"     // Stopped: its last attempt had failed
	ReasonWhileRunning     = "WhileRunning"     // Stopped
	ReasonWhilePending     = "WhilePending"     // Stopped
	ReasonWhileTerminating = "WhileTerminating" // Stopped: its pod was already on its way out
	ReasonNotCounted       = "NotCounted"       // Stopped: its pod succeeded while suspended, surplus or scaled away, or too late
	ReasonLastAttemptGone  = "LastAttemptGone"  // Stopped: whether a retry ran at the decision is not known
	ReasonPodGone          = "PodGone"          // Stopped, Unknown: only an event tells of its pod
	ReasonPodMissing       = "PodMissing"       // Unknown: the accounts tell of a pod that is not there
	ReasonDeciding         = "Deciding"         // Unknown: its pod ended while the Job is being decided
	ReasonUnfinished       = "Unfinished"       // Unknown: cut off or never started
	ReasonStatusRefused    = "StatusRefused"    // Unknown: it would be in both lists
	ReasonForeign          = "ForeignController"
	ReasonBackoffDelay     = "BackoffDelay"     // BackingOff
	ReasonParallelismLimit = "ParallelismLimit" // BackingOff, Waiting
	ReasonBehindBackoff    = "BehindBackoff"    // BackingOff, Waiting
	ReasonJobSuspended     = "JobSuspended"     // BackingOff, Waiting
	ReasonCreateFailed     = "CreateFailed"     // BackingOff, Waiting
	ReasonJobFailing       = "JobFailing"       // BackingOff: predicted says why
	ReasonJobSucceeding    = "JobSucceeding"    // BackingOff, Waiting: predicted says why
	ReasonJobDeleted       = "JobDeleted"       // BackingOff, Waiting: the Job is being deleted
	ReasonNotYetCreated    = "NotYetCreated"    // Waiting: the next sync creates its pod
	ReasonDecided          = "Decided"          // NeverStarted: the Job was decided first
)

// IndexFate is the record of one index or, with LastIndex, of a run of indexes
// without evidence of their own.
type IndexFate struct {
	Index     int32     `json:"index"`
	LastIndex *int32    `json:"lastIndex,omitempty"`
	Fate      Fate      `json:"fate"`
	Reason    string    `json:"reason,omitempty"`
	Message   string    `json:"message,omitempty"`
	Failures  Failures  `json:"failures"`
	Attempts  []Attempt `json:"attempts"`
	// RetryTime is the earliest instant of the next attempt, while BackingOff.
	RetryTime *metav1.Time `json:"retryTime,omitempty"`
}

// Last is the last index the record stands for.
func (f *IndexFate) Last() int32 {
	if f.LastIndex != nil {
		return *f.LastIndex
	}
	return f.Index
}

// Failures are those of the index's current chain. Exact false: at least.
type Failures struct {
	Counted int32 `json:"counted"`
	Ignored int32 `json:"ignored"`
	Exact   bool  `json:"exact"`
}

// Source is how an attempt is known.
type Source string

// Sources of an attempt. Annotation: the pod is gone, a later pod's counts
// tell of it. Event: only a Job event names it.
const (
	SourcePod        Source = "Pod"
	SourceAnnotation Source = "Annotation"
	SourceEvent      Source = "Event"
)

// Decision is what the Job's policy makes of a failed attempt.
type Decision string

// Decisions, as the actions of podFailurePolicy are spelled.
const (
	DecisionCount     Decision = "Count"
	DecisionIgnore    Decision = "Ignore"
	DecisionFailIndex Decision = "FailIndex"
	DecisionFailJob   Decision = "FailJob"
)

// Attempt is one pod of an index.
type Attempt struct {
	Number       int32           `json:"number"`
	Source       Source          `json:"source"`
	Pod          string          `json:"pod,omitempty"`
	Node         string          `json:"node,omitempty"`
	Phase        corev1.PodPhase `json:"phase,omitempty"`
	Terminating  *bool           `json:"terminating,omitempty"`
	CreationTime *metav1.Time    `json:"creationTime,omitempty"`
	StartTime    *metav1.Time    `json:"startTime,omitempty"`
	// FinishTime is of an attempt that ended, by the controller's reckoning.
	FinishTime   *metav1.Time `json:"finishTime,omitempty"`
	DeletionTime *metav1.Time `json:"deletionTime,omitempty"`
	Failure      *Failure     `json:"failure,omitempty"`
	Decision     Decision     `json:"decision,omitempty"`
	// Rule is the matching entry of podFailurePolicy.rules.
	Rule *int32 `json:"rule,omitempty"`
	// Rules is the trace, up to the rule that matched.
	Rules     []RuleTrace `json:"rules,omitempty"`
	Before    *Tally      `json:"before,omitempty"`
	After     *Tally      `json:"after,omitempty"`
	Suspicion string      `json:"suspicion,omitempty"`
	// Waiting is why a pod that was created does not run yet.
	Waiting string `json:"waiting,omitempty"`
	// Restarts of containers within the pod; not retries by the Job.
	Restarts *int32 `json:"restarts,omitempty"`
}

// ContainerType tells app containers from regular and restartable init ones.
type ContainerType string

// Container types.
const (
	ContainerApp     ContainerType = "App"
	ContainerInit    ContainerType = "Init"
	ContainerSidecar ContainerType = "Sidecar"
)

// Failure is what ended an attempt, as the pod says.
type Failure struct {
	Container     string        `json:"container,omitempty"`
	ContainerType ContainerType `json:"containerType,omitempty"`
	ExitCode      *int32        `json:"exitCode,omitempty"`
	// Reason is the container's or, without one, the pod's.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	// Condition is the pod condition that tells of a disruption, or that a
	// rule matched.
	Condition string `json:"condition,omitempty"`
}

// RuleTrace is one rule of podFailurePolicy held against one attempt.
type RuleTrace struct {
	Rule    int32  `json:"rule"`
	Matched bool   `json:"matched"`
	Because string `json:"because"`
}

// Tally is the count of failures that a pod is born with, or leaves.
type Tally struct {
	Counted int32 `json:"counted"`
	Ignored int32 `json:"ignored"`
}

// Signature groups the failed attempts that have one cause.
type Signature struct {
	Text          string        `json:"text"`
	Container     string        `json:"container,omitempty"`
	ContainerType ContainerType `json:"containerType,omitempty"`
	ExitCode      *int32        `json:"exitCode,omitempty"`
	Reason        string        `json:"reason,omitempty"`
	Decision      Decision      `json:"decision,omitempty"`
	Rule          *int32        `json:"rule,omitempty"`
	Attempts      int64         `json:"attempts"`
	// Indexes and the values of Outcomes are in the controller's own syntax.
	Indexes   string          `json:"indexes"`
	Outcomes  map[Fate]string `json:"outcomes"`
	Nodes     []NodeCount     `json:"nodes"`
	FirstTime *metav1.Time    `json:"firstTime,omitempty"`
	LastTime  *metav1.Time    `json:"lastTime,omitempty"`
	// Busiest is the minute in which most of the attempts ended.
	Busiest *Minute  `json:"busiest,omitempty"`
	Example *Example `json:"example,omitempty"`
}

// NodeCount is how many attempts of a signature ended on a node.
type NodeCount struct {
	Name     string `json:"name"`
	Attempts int64  `json:"attempts"`
}

// Minute is the one that begins at Time, and how many attempts ended in it.
type Minute struct {
	Time     metav1.Time `json:"time"`
	Attempts int64       `json:"attempts"`
}

// Example is one attempt of a signature.
type Example struct {
	Index int32  `json:"index"`
	Pod   string `json:"pod,omitempty"`
}

// Finding explains in one line something that the reader sees.
type Finding struct {
	Kind    string `json:"kind"`
	Indexes string `json:"indexes,omitempty"`
	Message string `json:"message"`
}

// Result is the outcome of holding the replay against the status.
type Result string

// Results of the agreement.
const (
	Agrees     Result = "Agrees"
	Disagrees  Result = "Disagrees"
	CannotTell Result = "CannotTell"
)

// Agreement holds the replay against the recorded status.
type Agreement struct {
	Result      Result       `json:"result"`
	Differences []Difference `json:"differences"`
}

// Difference is one field where replay and status part, and the likely cause.
type Difference struct {
	Index    *int32 `json:"index,omitempty"`
	Field    string `json:"field"`
	Recorded string `json:"recorded"`
	Replayed string `json:"replayed"`
	// Because is absent where no known cause accounts for the difference.
	Because string `json:"because,omitempty"`
}

// Evidence says what the answer rests on.
type Evidence struct {
	Pods int64 `json:"pods"`
	// AttemptsInferred counts the attempts whose pods are gone.
	AttemptsInferred int64 `json:"attemptsInferred"`
	// RulesOf is the Kubernetes minor version whose rules were replayed.
	RulesOf string `json:"rulesOf,omitempty"`
	Gaps    []Gap  `json:"gaps"`
}

// Gap is evidence that is missing, and the indexes it concerns.
type Gap struct {
	Kind    string `json:"kind"`
	Indexes string `json:"indexes,omitempty"`
	Message string `json:"message"`
}
