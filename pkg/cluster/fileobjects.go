package cluster

import (
	"fmt"
	"reflect"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// fileObjects is what a set of files holds, reduced as it is read.
type fileObjects struct {
	namespace string
	isPartial bool
	// isRecursive: directories are read with those below them.
	isRecursive bool

	jobs     []batchv1.Job  // the newest version of each
	readings [][]jobReading // of each Job, all versions
	attempts []evidence.Attempt
	families []*family // of each attempt
	events   []evidence.Event
	others   map[string]int // objects of kinds that tell us nothing, by kind

	// position counts what was read so far; spans are where attempts and events
	// stand, lists where those that a PodList or an EventList holds end.
	file, position       int32
	podSpans, eventSpans []span
	podLists, eventLists window
	eventsIn             map[string]bool // namespaces that show any event

	budget  budget
	known   map[identity]known
	shared  map[string]*family
	reducer evidence.Reducer

	observedAt time.Time
	// newestEvent is the latest instant of any event, also of those that tell us
	// nothing: the file was read then or later.
	newestEvent   time.Time
	serverVersion string
	conflicts     int
	marks         marks
	// skipped is the first of so many lines beside the objects.
	skipped      string
	skippedLines int
}

// family is what tells whose a pod is, the same for all pods of a Job.
type family struct {
	namespace  string
	labels     labels.Set
	controller metav1.OwnerReference // its UID is empty where nobody controls the pod
}

// identity finds duplicates of an object: by its UID, or else its name.
type identity struct{ kind, id string }

func identify(kind string, meta *metav1.ObjectMeta) identity {
	if meta.UID == "" {
		return identity{kind, "/" + meta.Namespace + "/" + meta.Name}
	}
	return identity{kind, string(meta.UID)}
}

// known is where an object is kept, and which version of it.
type known struct {
	at      int
	version uint64
}

func newFileObjects(namespace string) *fileObjects {
	return &fileObjects{
		namespace: namespace, others: map[string]int{}, known: map[identity]known{}, shared: map[string]*family{},
		eventsIn: map[string]bool{}, budget: budget{maxKept},
	}
}

// placement is how an object relates to what was read of it before.
type placement int

const (
	isStale  placement = iota // a newer version is there
	isRepeat                  // this very version is there
	isNew
)

// place says where in a list of n an object goes: at its end, or over an older
// version of itself. Objects without a version replace each other.
func (o *fileObjects) place(kind string, meta *metav1.ObjectMeta, n int) (at int, as placement) {
	key := identify(kind, meta)
	version := evidence.Version(meta.ResourceVersion)
	before, duplicate := o.known[key]
	if !duplicate {
		o.known[key] = known{n, version}
		return n, isNew
	}
	if before.version != version && kind != "Job" {
		o.conflicts++
	}
	o.known[key] = known{before.at, max(version, before.version)}
	switch {
	case version < before.version:
		return before.at, isStale
	case version == before.version && version != 0:
		return before.at, isRepeat
	}
	return before.at, isNew
}

// stand records where an object stands.
func (o *fileObjects) stand(spans []span, at int, as placement) []span {
	if as == isRepeat {
		if spans[at].file == o.file {
			spans[at].last = o.position
		}
		return spans
	}
	return put(spans, at, span{o.file, o.position, o.position})
}

func put[T any](list []T, at int, value T) []T {
	if at == len(list) {
		return append(list, value)
	}
	list[at] = value
	return list
}

func (o *fileObjects) hides(meta *metav1.ObjectMeta) bool {
	return o.namespace != "" && meta.Namespace != o.namespace
}

func (o *fileObjects) addJob(job *batchv1.Job) error {
	if o.hides(&job.ObjectMeta) {
		return nil
	}
	at, as := o.place("Job", &job.ObjectMeta, len(o.jobs))
	if as != isStale {
		o.jobs = put(o.jobs, at, *job)
	}
	if at == len(o.readings) {
		o.readings = append(o.readings, nil)
	}
	if n := len(o.readings[at]); n > 0 && sameVersion(&o.readings[at][n-1].job, job) {
		if o.readings[at][n-1].file == o.file {
			o.readings[at][n-1].last = o.position
		}
		return nil
	}
	o.readings[at] = append(o.readings[at], jobReading{*job, span{o.file, o.position, o.position}})
	return o.budget.job(job)
}

func (o *fileObjects) addPod(pod *corev1.Pod) error {
	if o.hides(&pod.ObjectMeta) {
		return nil
	}
	at, as := o.place("Pod", &pod.ObjectMeta, len(o.attempts))
	if as == isStale {
		return nil
	}
	o.podSpans = o.stand(o.podSpans, at, as)
	family, err := o.familyOf(pod)
	if err != nil {
		return err
	}
	before := o.reducer.Kept()
	job := o.jobOf(family)
	if job != nil && o.attempts == nil {
		o.attempts = make([]evidence.Attempt, 0, expectedPods(job))
	}
	o.attempts = put(o.attempts, at, o.reducer.Reduce(pod, job))
	o.families = put(o.families, at, family)
	return o.budget.attempts(1, &o.reducer, before)
}

// familyOf makes pods share their family. The completion index, which no two
// pods of a Job need share, is not among the labels that selectors look at: a
// selector must match the Job's own template.
func (o *fileObjects) familyOf(pod *corev1.Pod) (*family, error) {
	delete(pod.Labels, batchv1.JobCompletionIndexAnnotation)
	found := family{namespace: pod.Namespace, labels: pod.Labels}
	if controller := metav1.GetControllerOfNoCopy(pod); controller != nil {
		found.controller = *controller
	}
	key := fmt.Sprint(found.namespace, "/", found.labels, "/", found.controller.Kind, "/", found.controller.Name, "/", found.controller.UID)
	if shared := o.shared[key]; shared != nil {
		return shared, nil
	}
	o.shared[key] = &found
	return &found, o.budget.keep(int64(len(key)) + footprint(reflect.ValueOf(&found)))
}

// jobOf is the Job that controls a family, if it was read already.
func (o *fileObjects) jobOf(f *family) *batchv1.Job {
	if job, ok := o.known[identity{"Job", string(f.controller.UID)}]; ok {
		return &o.jobs[job.at]
	}
	return nil
}

func (o *fileObjects) addEvent(event *corev1.Event) error {
	if o.hides(&event.ObjectMeta) {
		return nil
	}
	if !o.eventsIn[event.Namespace] {
		o.eventsIn[event.Namespace] = true
		if err := o.budget.keep(leastOfObject + int64(len(event.Namespace))); err != nil {
			return err
		}
	}
	reduced := reduceEvent(event)
	o.newestEvent = later(o.newestEvent, later(reduced.First, reduced.Last))
	if reduced.Kind != "Job" && !tellsOfPod(&reduced) {
		return nil
	}
	reduced.Name = event.InvolvedObject.Name
	at, as := o.place("Event", &event.ObjectMeta, len(o.events))
	if as == isStale {
		return nil
	}
	o.eventSpans = o.stand(o.eventSpans, at, as)
	o.events = put(o.events, at, reduced)
	return o.budget.event(&reduced)
}

// addOther counts an object that tells us nothing.
func (o *fileObjects) addOther(kind string) error {
	o.others[kind]++
	if o.others[kind] > 1 {
		return nil
	}
	return o.budget.keep(leastOfObject + int64(len(kind)))
}

// kindless is the kind of objects that neither they nor their List name.
const kindless = "object without a kind"

// skip counts a line beside the objects.
func (o *fileObjects) skip(line []byte) {
	if o.skippedLines++; o.skippedLines == 1 {
		o.skipped = string(line)
	}
}
