package nodes

import (
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Script says how the attempt of an index fares. The first attempt is 1; the
// number counts the pods of the index that were ever created. A pod without an
// index has index -1.
type Script func(index, attempt int) Outcome

// Plan is a Script by table: the outcomes of an index one after another, the
// last one for all further attempts. An index without an entry succeeds.
type Plan map[int][]Outcome

// Script reads the table.
func (p Plan) Script(index, attempt int) Outcome {
	outcomes := p[index]
	if len(outcomes) == 0 {
		return Outcome{}
	}
	return outcomes[min(attempt, len(outcomes))-1]
}

// Outcome is how one pod fares. The zero Outcome runs for a moment and exits 0.
type Outcome struct {
	// Node binds the pod to this node instead of the next one.
	Node string
	// Unschedulable is how long the scheduler finds no node.
	Unschedulable time.Duration
	// Unfit is what the scheduler then says of the nodes; that they lack cpu where
	// empty.
	Unfit string
	// ImagePullBackOff is how long the image cannot be pulled.
	ImagePullBackOff time.Duration

	// Writes are lines of the pod's log, beside those that every pod writes.
	Writes []string
	// Runs is how long the containers run until the End; DefaultRun where 0.
	Runs time.Duration
	End  End
	// Exits are the exit codes by the names of containers, where they are not 0.
	// Under restartPolicy OnFailure a container with another code than 0 is
	// restarted, and fails again, until its pod is deleted.
	Exits map[string]int32
	// OOMKilled is a container that ends with code 137 and reason OOMKilled.
	OOMKilled string
	// Message is what main writes to its terminationMessagePath.
	Message string
	// Conditions are set on the pod just before its End.
	Conditions []corev1.PodCondition
	// Restarts is how often each app container restarts in place, with code 1,
	// before it does what Exits says.
	Restarts int32

	// Termination is how long a deleted pod takes to end; DefaultTermination
	// where 0.
	Termination time.Duration
	// OnTerminate is the exit code of containers whose pod was deleted; ExitZero
	// for 0, 143 where 0.
	OnTerminate int32
}

// Forever is longer than any test.
const Forever = time.Duration(math.MaxInt64)

// ExitZero in OnTerminate is a container that ends well when told to end.
const ExitZero int32 = -1

// What an Outcome leaves open.
const (
	DefaultRun         = 400 * time.Millisecond
	DefaultTermination = 200 * time.Millisecond
)

// End is what ends a pod.
type End string

const (
	// Exit: the containers end by themselves.
	Exit End = ""
	// Hang: they run until somebody deletes the pod.
	Hang End = "Hang"
	// Preempt: the scheduler marks the pod and deletes it.
	Preempt End = "Preempt"
	// Drain: somebody evicts the pod by the eviction API.
	Drain End = "Drain"
	// Delete: a user deletes the pod.
	Delete End = "Delete"
	// Lose: the node is lost: the pod is marked and deleted for the node's taint,
	// and no kubelet ends it.
	Lose End = "Lose"
	// NodePressure: the kubelet evicts it, with DisruptionTarget.
	NodePressure End = "NodePressure"
	// EphemeralStorage: the kubelet evicts it over its limit, without a condition.
	EphemeralStorage End = "EphemeralStorage"
	// Refuse: the kubelet does not admit it; no container status is written.
	Refuse End = "Refuse"
)

// ExitCode is a pod whose container main exits with this code.
func ExitCode(code int32) Outcome { return Outcome{Exits: map[string]int32{"main": code}} }
