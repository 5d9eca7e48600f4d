package soak

import (
	"math/rand/v2"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// longestChain is how many attempts of an index may fail in a row: the real
// backoff of 10, 20 and 40 s is what a soak mostly waits for.
const longestChain = 3

// outcomes draws how an attempt fares from the seed, the index and the number,
// so that it does not depend on the order in which pods are seen.
func outcomes(seed uint64, job *batchv1.Job) nodes.Script {
	spec := &job.Spec.Template.Spec
	// Crash loops end only by backoffLimit.
	crashLoops := job.Spec.BackoffLimitPerIndex == nil || job.Spec.BackoffLimit != nil
	return func(index, attempt int) nodes.Outcome {
		character := rand.New(rand.NewPCG(seed, uint64(index+2))).IntN(100)
		g := generator{rand.New(rand.NewPCG(seed, uint64(index+2)<<32+uint64(attempt)))}
		outcome := g.setting()
		fails := character >= 55
		if character < 80 { // now and then
			fails = fails && g.chance(60)
		}
		if !fails || attempt > longestChain {
			return outcome
		}
		if spec.RestartPolicy == corev1.RestartPolicyOnFailure {
			g.failOnFailure(&outcome, crashLoops)
		} else {
			g.fail(&outcome, spec)
		}
		return outcome
	}
}

// setting is how any pod may fare before its end, and when it is deleted.
func (g generator) setting() nodes.Outcome {
	outcome := nodes.Outcome{Runs: g.seconds(0.2, 1.5)}
	switch {
	case g.chance(12):
		outcome.Runs = g.seconds(3, 12)
	case g.chance(4):
		outcome.Unschedulable = g.seconds(1, 5)
	case g.chance(4):
		outcome.ImagePullBackOff = g.seconds(1, 5)
	}
	if g.chance(15) {
		outcome.Termination = g.seconds(2, 7)
	}
	outcome.OnTerminate = pick[int32](g, 143, 143, 137, 42, nodes.ExitZero)
	return outcome
}

func (g generator) fail(outcome *nodes.Outcome, spec *corev1.PodSpec) {
	outcome.Exits = map[string]int32{}
	for _, container := range spec.InitContainers {
		if sidecar := container.RestartPolicy != nil; sidecar {
			outcome.Exits[container.Name] = pick[int32](g, 0, 143, 137)
		} else if g.chance(15) {
			outcome.Exits[container.Name] = pick(g, exitCodes...)
		}
	}
	for _, container := range spec.Containers {
		if container.Name == "main" || g.chance(30) {
			outcome.Exits[container.Name] = pick(g, exitCodes...)
		}
	}
	switch n := g.IntN(100); {
	case n < 55:
	case n < 60:
		outcome.OOMKilled = "main"
	case n < 66:
		outcome.Conditions = []corev1.PodCondition{{
			Type: configIssue, Reason: "NoSuchFile",
			Status: pick(g, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionFalse),
		}}
	default:
		outcome.End = pick(g, disturbances...)
	}
}

// failOnFailure fails a pod whose containers are restarted in place.
func (g generator) failOnFailure(outcome *nodes.Outcome, crashLoops bool) {
	outcome.Runs = max(outcome.Runs, 500*time.Millisecond)
	outcome.Restarts = g.Int32N(3)
	switch {
	case g.chance(50):
		outcome.End = pick(g, disturbances...)
	case crashLoops && g.chance(50):
		outcome.Exits = map[string]int32{"main": pick(g, exitCodes...)}
	}
}

var disturbances = []nodes.End{
	nodes.Preempt, nodes.Drain, nodes.Delete, nodes.NodePressure, nodes.EphemeralStorage, nodes.Refuse,
}
