package evidence

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Job is all that was seen of one Job.
type Job struct {
	// Job is the object as last read, defaulted as the API server defaults it.
	// What is a fact comes from it.
	Job *batchv1.Job
	// Before is the Job as it was read before its pods, where it was read twice and
	// moved meanwhile; else nil. What follows is reckoned over it: a pod that is
	// still to be counted cannot be in its counts.
	Before *batchv1.Job
	// Vanished is when a watch saw the Job go; zero for one that is there. Job is then
	// what was known of it last.
	Vanished Instant
	// Attempts are the Job's own pods, in no particular order.
	Attempts []Attempt
	// Events of the Job and of its pods, in no particular order.
	Events []Event
	// ObservedAt is the clock at reading, to the second.
	ObservedAt time.Time
	// ServerVersion is what /version said ("v1.37.2"), or empty.
	ServerVersion string
	Coverage      Coverage
	// PodEvents is how much was read of the events of pods: Partial are warnings
	// alone.
	PodEvents   Level
	Order       Order
	EventsOrder EventsOrder
	// Gaps is what could not be read.
	Gaps []Gap
}

// Forecast is the Job over which what follows is reckoned: the status as it was
// before the pods, under the spec as it is now. The next sync obeys the newest
// spec, and a Job that was suspended meanwhile has no retry to come.
func (j *Job) Forecast() *batchv1.Job {
	if j.Before == nil {
		return j.Job
	}
	forecast := *j.Job
	forecast.ResourceVersion, forecast.Status = j.Before.ResourceVersion, j.Before.Status
	return &forecast
}

// Coverage is how much was read of what existed. It is set once, by whoever
// read, and guessed by nobody else.
type Coverage struct{ Pods, Events Level }

// Level is how much of a list was read.
type Level string

// Whole: every pod of the Job, or every event, that existed at the instant of
// the list is here; what had gone before is gone. Partial: some that existed
// may be missing, and that none is here proves nothing. None: not read, or may
// not be read.
const (
	Whole   Level = "Whole"
	Partial Level = "Partial"
	None    Level = "None"
)

// Order is in which order the Job and its pods were read.
type Order string

// Bracketed: the Job was read before its pods and after them, and was the same.
const (
	JobAfterPods  Order = "JobAfterPods"
	JobBeforePods Order = "JobBeforePods"
	Bracketed     Order = "Bracketed"
	OrderUnknown  Order = "Unknown"
)

// EventsOrder is whether the events were read before the pods or after them.
type EventsOrder string

// A pod that an event names and the list has not got is gone where the events
// were read before the pods; else it may be newer than the list.
const (
	EventsBeforePods   EventsOrder = "BeforePods"
	EventsAfterPods    EventsOrder = "AfterPods"
	EventsOrderUnknown EventsOrder = "Unknown"
)

// Gap is something that could not be seen, and what that costs.
type Gap struct {
	Kind    string
	Message string
	// Error is what stood in the way, in the words of the server or of the
	// network, where that says more than the message. It may name hosts.
	Error string
}

// The kinds of gap that arise at reading.
const (
	GapPods    = "Pods"    // the pods could not be listed
	GapEvents  = "Events"  // the events could not be listed
	GapVersion = "Version" // the server's version is not known
	GapClock   = "Clock"   // the instant of reading is not recorded
	GapMoved   = "Moved"   // the Job changed while its pods were read
	// GapOtherJob: pods of another Job of the same name were left out.
	GapOtherJob = "OtherJob"
	GapPartial  = "Partial" // the evidence contradicts itself: pods are missing
	GapOwner    = "Owner"   // pods were taken for the Job's by less than a UID
	GapKinds    = "Kinds"   // objects were left out that do not say what they are
	GapText     = "Text"    // lines beside the objects were left out
)

// UnknownIndex is the index of a pod whose annotation names none.
const UnknownIndex = -1

// Attempt is one pod of the Job, reduced to what the rules and the screen read.
type Attempt struct {
	Name string
	UID  types.UID
	Node string
	// PodGroup is with what others it is scheduled, empty for a pod of its own.
	PodGroup string
	// ResourceVersion orders the pod against others and the Job, 0 where it is no
	// number.
	ResourceVersion uint64
	// Index is that of the annotation, UnknownIndex where it names none. It
	// may be at or above completions.
	Index int32
	// FailureCount and IgnoredFailureCount are the annotations the pod was
	// born with; unreadable ones are 0, as the controller takes them.
	FailureCount, IgnoredFailureCount int32
	// HasFailureCount tells a count of 0 from a missing annotation.
	HasFailureCount bool
	// Finalizer: the controller has not accounted for the pod yet, or waits.
	Finalizer bool
	// Owned is false for a pod that the selector matches but nobody controls;
	// the controller adopts it at its next sync.
	Owned bool

	CreationTime Instant
	// Scheduled is when it got its node: from then on it holds what it requests.
	Scheduled Instant
	StartTime Instant
	// DeletionTime is the deletionTimestamp, in the future while the grace
	// period runs; DeletionGracePeriod is that period.
	DeletionTime        Instant
	DeletionGracePeriod time.Duration

	// NodeNotReady is when the node controller marked the pod, since its node was no
	// longer ready; zero where it has not.
	NodeNotReady Instant

	Phase      corev1.PodPhase
	Reason     string
	Message    string
	Conditions []Condition
	// Containers are in the order in which the controller looks at them: app
	// containers first, then init containers and sidecars.
	Containers []Container
	// Requests are shared with the other pods of its template, nil where it makes none.
	Requests *Requests
	// Vanished is when a watch saw the pod go; zero for a pod that is there.
	Vanished Instant
}

// Condition is a condition of a pod.
type Condition struct {
	Type               corev1.PodConditionType
	Status             corev1.ConditionStatus
	Reason             string
	Message            string
	LastTransitionTime Instant
}

// ContainerType tells app containers from regular and restartable init ones.
type ContainerType string

// Container types, spelled as in the Explanation.
const (
	App     ContainerType = "App"
	Init    ContainerType = "Init"
	Sidecar ContainerType = "Sidecar"
)

// Container is the status of one container of a pod.
type Container struct {
	Name     string
	Type     ContainerType
	Restarts int32
	// Running, Waiting (its reason) and Terminated exclude each other.
	Running    bool
	Ready      bool
	Waiting    string
	WaitingFor string
	Terminated *Terminated
	// LastTerminated is how it ended before it restarted in place.
	LastTerminated *Terminated
	// StartedAt is when it last began to run, FinishedAt when it ended.
	StartedAt  Instant
	FinishedAt Instant
}

// Terminated is how a container ended.
type Terminated struct {
	ExitCode int32
	Reason   string
	Message  string
}

// Reasons of the Normal events of pods that tell something, of a pod that is gone
// at least: how far it came, and who made it go.
const (
	EventScheduled    = "Scheduled"            // the scheduler
	EventStarted      = "Started"              // the kubelet, of each container
	EventPreempted    = "Preempted"            // the scheduler
	EventTaintManager = "TaintManagerEviction" // the taint manager
)

// ToldOfPods are those.
var ToldOfPods = []string{EventScheduled, EventStarted, EventPreempted, EventTaintManager}

// Event is an event of the Job or of one of its pods.
type Event struct {
	// Kind and Name are of the object that the event is about; Name is set
	// for pods only.
	Kind, Name string
	UID        types.UID
	Type       string
	Reason     string
	Message    string
	// Source is the component that reported it.
	Source string
	Count  int32
	First  time.Time
	Last   time.Time
}
