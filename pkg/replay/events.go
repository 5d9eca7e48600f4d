package replay

import (
	"sort"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Reasons and words of the Job controller's events (controller_utils.go, v1.37.2),
// and the prefix client-go folds similar events under.
const (
	reasonCreate       = "SuccessfulCreate"
	reasonFailedCreate = "FailedCreate"
	reasonDelete       = "SuccessfulDelete"
	createdPod         = "Created pod: "
	deletedPod         = "Deleted pod: "
	foldedPrefix       = "(combined from similar events): "

	// Without its Workload the controller creates no pod of a Job
	// (ensureWorkloadAndPodGroup in job_scheduling_manager.go, v1.37.2).
	reasonWorkloadCreated           = "WorkloadCreated"
	reasonFailedWorkloadCreate      = "FailedWorkloadCreate"
	reasonFailedWorkloadCompilation = "FailedWorkloadCompilation"
)

// jobEvents is what the Job's events tell.
type jobEvents struct {
	// created are the pods that an event says were created, by index and age.
	created map[int32][]namedPod
	// deleted is when an event says that the controller deleted a pod, zero where
	// it is a combined one: that is dated when client-go wrote it, which may be
	// many seconds later (EventAggregate in events_cache.go, v1.37.2).
	deleted map[string]time.Time
	// failedCreate is the newest failure to create a pod, or the Workload that has
	// to be there before it, nil if none is told.
	failedCreate *evidence.Event
	// workloadCreated is when that Workload was, zero if it is not told.
	workloadCreated time.Time
	// rejectedSince is when the first was refused of those since one was created.
	rejectedSince time.Time
	// folded: some of the controller's events were combined, others dropped;
	// foldedCreations: some of those that name pods.
	folded, foldedCreations bool
	// ended: the event of the Job's end is there, and with it all before it.
	ended bool
	// lacksCreations: of some pod the deletion is told, and not the creation.
	lacksCreations bool
	// total counts each repetition: it is by these that events are dropped.
	total int
	// first is the time of the oldest.
	first time.Time
}

// namedPod is a pod that an event names, created at that time or, where the event
// is a combined one or of its deletion, by then.
type namedPod struct {
	name   string
	time   time.Time
	folded bool
}

// created is when the pod was, nil where that is not known.
func (p namedPod) created() *metav1.Time {
	if p.folded {
		return nil
	}
	return stamp(p.time)
}

func readEvents(f *jobFacts) jobEvents {
	seen := f.seen
	told := jobEvents{created: map[int32][]namedPod{}, deleted: map[string]time.Time{}}
	known := map[string]bool{}
	var deleted []namedPod
	for i := range seen.Events {
		event := &seen.Events[i]
		if event.Kind != "Job" || event.UID != "" && event.UID != seen.Job.UID {
			continue
		}
		told.total += int(max(1, event.Count))
		if told.first.IsZero() || event.Last.Before(told.first) {
			told.first = event.Last
		}
		message, folded := strings.CutPrefix(event.Message, foldedPrefix)
		told.folded = told.folded || folded
		switch v1alpha1.KnownReason(event.Reason) {
		case reasonCreate:
			told.foldedCreations = told.foldedCreations || folded
			name, ok := strings.CutPrefix(message, createdPod)
			index, indexed := evidence.IndexOfPodName(seen.Job.Name, name)
			if ok && indexed && index < f.completions && !known[name] {
				known[name] = true
				told.created[index] = append(told.created[index], namedPod{name, event.Last, folded})
			}
		case reasonDelete:
			if name, ok := strings.CutPrefix(message, deletedPod); ok {
				told.deleted[name] = event.Last
				if folded {
					told.deleted[name] = time.Time{}
				}
				deleted = append(deleted, namedPod{name, event.Last, true})
			}
		case "Completed", batchv1.JobReasonPodFailurePolicy, batchv1.JobReasonBackoffLimitExceeded, batchv1.JobReasonDeadlineExceeded,
			batchv1.JobReasonMaxFailedIndexesExceeded, batchv1.JobReasonFailedIndexes:
			told.ended = true
		case reasonWorkloadCreated:
			told.workloadCreated = event.Last
		}
		if isFailedCreate(event) && (told.failedCreate == nil || event.Last.After(told.failedCreate.Last)) {
			told.failedCreate = event
		}
	}
	told.rejectedSince = rejectedSince(seen.Events, told.created)
	// A pod that was deleted had been created by then, though no event is left of that.
	for _, pod := range deleted {
		if index, indexed := evidence.IndexOfPodName(seen.Job.Name, pod.name); indexed && index < f.completions && !known[pod.name] {
			known[pod.name], told.lacksCreations = true, true
			told.created[index] = append(told.created[index], pod)
		}
	}
	for _, pods := range told.created {
		sort.Slice(pods, func(i, j int) bool {
			if !pods[i].time.Equal(pods[j].time) {
				return pods[i].time.Before(pods[j].time)
			}
			return pods[i].name < pods[j].name
		})
	}
	return told
}

// rejectedSince is zero where nothing was refused since the last pod was created.
func rejectedSince(events []evidence.Event, created map[int32][]namedPod) time.Time {
	var last, since time.Time
	for _, pods := range created {
		for _, pod := range pods {
			if pod.time.After(last) {
				last = pod.time
			}
		}
	}
	for i := range events {
		e := &events[i]
		if e.Kind == "Job" && isFailedCreate(e) && !e.First.Before(last) && (since.IsZero() || e.First.Before(since)) {
			since = e.First
		}
	}
	return since
}

func isFailedCreate(e *evidence.Event) bool {
	return e.Reason == reasonFailedCreate || isFailedWorkload(e)
}

func isFailedWorkload(e *evidence.Event) bool {
	return e.Reason == reasonFailedWorkloadCreate || e.Reason == reasonFailedWorkloadCompilation
}
