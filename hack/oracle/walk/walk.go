package walk

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/simulation"
)

// Walk is a Job, how it is seen, and what happens to it.
type Walk struct {
	Spec    batchv1.JobSpec `json:"spec"`
	Seen    Seen            `json:"seen"`
	Actions []Action        `json:"actions"`
}

// Seen is by which means.
type Seen struct {
	// Folded: the controller's events are combined and dropped as client-go does.
	Folded bool `json:"folded,omitempty"`
	// Watched: pods that went are remembered, as who follows a Job does.
	Watched bool `json:"watched,omitempty"`
	// NodesOff is by how many seconds the nodes' clocks are off.
	NodesOff int `json:"nodesOff,omitempty"`
	// Minor is the version whose controller writes the status, 0 for the newest.
	Minor int `json:"minor,omitempty"`
}

// with is the walk, changed.
func (w *Walk) with(change func(*Walk)) *Walk {
	other := &Walk{*w.Spec.DeepCopy(), w.Seen, w.Actions}
	change(other)
	return other
}

// Action is one step. The numbers choose among what is there when it comes.
type Action struct {
	Do string `json:"do"`
	On int    `json:"on,omitempty"`
	By int32  `json:"by,omitempty"`
}

func (w *Walk) String() string {
	text, err := yaml.Marshal(w)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// begin creates the Job; the controller has not seen it yet.
func (w *Walk) begin(t testing.TB) *simulation.Simulation {
	manifest, err := yaml.Marshal(&batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Name: "job"},
		Spec:       w.Spec,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := simulation.New(t, string(manifest))
	s.NodesOff = time.Duration(w.Seen.NodesOff) * time.Second
	return s
}

// act does one action; one that finds nothing to act on does nothing.
func act(s *simulation.Simulation, a Action) {
	if do := deeds[a.Do]; do != nil {
		do(s, a)
	}
}

var deeds = map[string]func(*simulation.Simulation, Action){
	"wait": func(s *simulation.Simulation, a Action) { s.Advance(time.Duration(a.By) * time.Second) },
	// A moment is a part of a second: times are kept to the whole one.
	"moment": func(s *simulation.Simulation, a Action) { s.Advance(time.Duration(a.By) * time.Millisecond) },
	"run":    func(s *simulation.Simulation, _ Action) { s.Run() },
	"run one": func(s *simulation.Simulation, a Action) {
		on(s, a, isPending, func(pod *corev1.Pod) { s.Run(pod) })
	},
	"bind": func(s *simulation.Simulation, a Action) { on(s, a, isPending, s.Bind) },
	"exit": func(s *simulation.Simulation, a Action) {
		on(s, a, isRunning, func(pod *corev1.Pod) { s.Exit(pod, a.By) })
	},
	"terminate": func(s *simulation.Simulation, a Action) {
		on(s, a, isTerminating, func(pod *corev1.Pod) { s.Exit(pod, a.By) })
	},
	"delete":     func(s *simulation.Simulation, a Action) { on(s, a, anyPod, s.Delete) },
	"force":      func(s *simulation.Simulation, a Action) { on(s, a, isRunning, s.ForceDelete) },
	"lose":       func(s *simulation.Simulation, a Action) { on(s, a, isRunning, s.Lose) },
	"delete job": func(s *simulation.Simulation, _ Action) { s.DeleteJob() },
	"evict": func(s *simulation.Simulation, a Action) {
		on(s, a, isRunning, func(pod *corev1.Pod) {
			s.Disrupt(pod, corev1.PodReasonTerminationByKubelet)
			s.Exit(pod, 137)
		})
	},
	"preempt": func(s *simulation.Simulation, a Action) {
		on(s, a, isRunning, func(pod *corev1.Pod) { s.Disrupt(pod, corev1.PodReasonPreemptionByScheduler) })
	},
	"drain": func(s *simulation.Simulation, a Action) {
		on(s, a, isRunning, func(pod *corev1.Pod) { s.Disrupt(pod, "EvictionByEvictionAPI") })
	},
	"reject": func(s *simulation.Simulation, a Action) {
		on(s, a, isPending, func(pod *corev1.Pod) { s.Reject(pod, "OutOfcpu") })
	},
	"suspend":          edit(func(spec *batchv1.JobSpec, _ Action) { spec.Suspend = ptr.To(true) }),
	"resume":           edit(func(spec *batchv1.JobSpec, _ Action) { spec.Suspend = ptr.To(false) }),
	"parallelism":      edit(func(spec *batchv1.JobSpec, a Action) { spec.Parallelism = &a.By }),
	"backoffLimit":     edit(func(spec *batchv1.JobSpec, a Action) { spec.BackoffLimit = &a.By }),
	"maxFailedIndexes": edit(func(spec *batchv1.JobSpec, a Action) { spec.MaxFailedIndexes = &a.By }),
	"deadline":         edit(func(spec *batchv1.JobSpec, a Action) { spec.ActiveDeadlineSeconds = ptr.To(int64(a.By)) }),
	"replacement": edit(func(spec *batchv1.JobSpec, a Action) {
		spec.PodReplacementPolicy = ptr.To([]batchv1.PodReplacementPolicy{batchv1.Failed, batchv1.TerminatingOrFailed}[a.By%2])
	}),
	"resume at": edit(func(spec *batchv1.JobSpec, a Action) { spec.Suspend, spec.Parallelism = ptr.To(false), &a.By }),
	"scale": edit(func(spec *batchv1.JobSpec, a Action) {
		spec.Completions, spec.Parallelism = &a.By, ptr.To(a.By)
	}),
	"restart": func(s *simulation.Simulation, _ Action) { s.Restart() },
	"refuse": func(s *simulation.Simulation, a Action) {
		n, refusable := 0, []string{"create pods", "patch pods", "delete pods", "update jobs/status"}
		s.Refuse(func(verb, resource, _ string) bool {
			if verb+" "+resource != refusable[a.On%len(refusable)] {
				return false
			}
			n++
			return n%int(a.By+1) == 0
		})
	},
	"collect": func(s *simulation.Simulation, _ Action) {
		for _, pod := range s.Pods() {
			if len(pod.Finalizers) == 0 && (pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed) {
				s.Delete(pod)
			}
		}
	},
	"fail within": func(s *simulation.Simulation, a Action) {
		on(s, a, isRunning, func(pod *corev1.Pod) {
			s.EditPod(pod, func(pod *corev1.Pod) { pod.Status.ContainerStatuses[0].RestartCount++ })
		})
	},
}

// edit changes the spec; what the API server refuses does not happen.
func edit(change func(*batchv1.JobSpec, Action)) func(*simulation.Simulation, Action) {
	return func(s *simulation.Simulation, a Action) {
		_ = s.EditJob(func(spec *batchv1.JobSpec) { change(spec, a) })
	}
}

// on does something to one of the pods that are so.
func on(s *simulation.Simulation, a Action, is func(*corev1.Pod) bool, do func(*corev1.Pod)) {
	var so []*corev1.Pod
	for _, pod := range s.Pods() {
		if is(pod) {
			so = append(so, pod)
		}
	}
	if len(so) > 0 {
		do(so[a.On%len(so)])
	}
}

func anyPod(*corev1.Pod) bool { return true }

func isRunning(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil
}

func isPending(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodPending && pod.DeletionTimestamp == nil
}

// isTerminating: a kubelet ends it. One that is on no node waits for nobody.
func isTerminating(pod *corev1.Pod) bool {
	alive := pod.Status.Phase == corev1.PodRunning || pod.Status.Phase == corev1.PodPending
	return pod.DeletionTimestamp != nil && alive && pod.Spec.NodeName != ""
}
