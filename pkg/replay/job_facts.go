package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// jobFacts is the first stage: what the Job says by itself.
type jobFacts struct {
	seen  *evidence.Job
	job   *batchv1.Job
	now   time.Time
	rules controller.Rules

	completions int32
	// completed and failed are as recorded in the status.
	completed, failed indexes.Set
	verdict           verdict
}

func readJob(seen *evidence.Job, now time.Time) *jobFacts {
	return &jobFacts{
		seen: seen, job: seen.Job, now: now,
		rules:       rulesOf(seen),
		completions: controller.Completions(seen.Job),
		completed:   controller.RecordedSucceeded(seen.Job),
		failed:      controller.RecordedFailed(seen.Job),
		verdict:     verdictOf(seen.Job, lacksStatus(seen)),
	}
}

// isForeign: another controller manages the Job, and the built-in one's rules
// say nothing (managedByExternalController, v1.37.2).
func (f *jobFacts) isForeign() bool {
	return f.job.Spec.ManagedBy != nil && *f.job.Spec.ManagedBy != batchv1.JobControllerName
}

// hasRules: the rules that decide about this Job are known.
func (f *jobFacts) hasRules() bool {
	return !f.isForeign() && f.rules.Known() && f.verdict.state != v1alpha1.StateManifest && f.verdict.state != v1alpha1.StateNoStatus
}

// isWhole: every pod that there was when the pods were listed is here.
func (f *jobFacts) isWhole() bool { return f.seen.Coverage.Pods == evidence.Whole }

// isNewerThanPods: the Job was read when the pods had been, so that it tells of
// every pod which by then was accounted for.
func (f *jobFacts) isNewerThanPods() bool {
	return f.seen.Order == evidence.JobAfterPods || f.seen.Order == evidence.Bracketed
}

// isSettled: the status will not change any more, or it is newer than the pods:
// what it counts is all that there was to count of pods that are gone.
func (f *jobFacts) isSettled() bool {
	return f.verdict.isFinished() || f.isWhole() && f.isNewerThanPods()
}

// adopts: a pod that nobody controls becomes the Job's at the next sync, unless
// the Job is over or being deleted (AdoptPod in controller_ref_manager.go,
// v1.37.2).
func (f *jobFacts) adopts() bool { return !f.verdict.isFinished() && f.job.DeletionTimestamp == nil }

// isGone: a watch saw the Job go. No sync comes to it any more.
func (f *jobFacts) isGone() bool { return !f.seen.Vanished.IsZero() }

func (f *jobFacts) isDeleted() bool { return f.isGone() || f.job.DeletionTimestamp != nil }

// deletion is what is said of a Job that is deleted.
func (f *jobFacts) deletion() string {
	if f.isGone() {
		return "the Job was deleted"
	}
	return "the Job is being deleted"
}

func (f *jobFacts) isSuspended() bool { return controller.Suspended(f.job) }

// isUndisturbed: nobody changed the spec since the Job began to run, so that
// no suspension, surplus removal or scale-down can have cut a chain. The
// second generation of a Job that was resumed is the resumption itself.
func (f *jobFacts) isUndisturbed() bool {
	switch f.job.Generation {
	case 1:
		return true
	case 2:
		return !f.isSuspended() && f.wasResumed()
	}
	return false
}

func (f *jobFacts) wasResumed() bool { return f.resumption() != nil }

// resumed is when the Job last was, zero where that is not known.
func (f *jobFacts) resumed() time.Time {
	if c := f.resumption(); c != nil {
		return c.LastTransitionTime.Time
	}
	return time.Time{}
}

func (f *jobFacts) resumption() *batchv1.JobCondition {
	for i := range f.job.Status.Conditions {
		c := &f.job.Status.Conditions[i]
		if c.Type == batchv1.JobSuspended && c.Status == corev1.ConditionFalse {
			return c
		}
	}
	return nil
}

// neverReplacedDeleted: no pod on its way out was ever replaced. A policy that
// says so now may have said otherwise, unless a podFailurePolicy forces it.
func (f *jobFacts) neverReplacedDeleted() bool {
	return controller.OnlyReplaceFailedPods(f.job) && (f.job.Spec.PodFailurePolicy != nil || f.isUndisturbed())
}

// ignores reports whether some rule of the policy may forgive a failure.
func (f *jobFacts) ignores() bool { return f.hasRule(batchv1.PodFailurePolicyActionIgnore) }

// ignoresDisruptionsAlone: no rule ignores an exit code, or another condition.
func (f *jobFacts) ignoresDisruptionsAlone() bool {
	return !slices.ContainsFunc(f.job.Spec.PodFailurePolicy.Rules, func(rule batchv1.PodFailurePolicyRule) bool {
		isOther := func(pattern batchv1.PodFailurePolicyOnPodConditionsPattern) bool {
			return pattern.Type != corev1.DisruptionTarget
		}
		return rule.Action == batchv1.PodFailurePolicyActionIgnore && (rule.OnExitCodes != nil || slices.ContainsFunc(rule.OnPodConditions, isOther))
	})
}

func (f *jobFacts) hasRule(action batchv1.PodFailurePolicyAction) bool {
	if f.job.Spec.PodFailurePolicy == nil {
		return false
	}
	for i := range f.job.Spec.PodFailurePolicy.Rules {
		if f.job.Spec.PodFailurePolicy.Rules[i].Action == action {
			return true
		}
	}
	return false
}

func (f *jobFacts) perIndex() bool { return f.job.Spec.BackoffLimitPerIndex != nil }

// limit is backoffLimitPerIndex, where it is set.
func (f *jobFacts) limit() int32 { return orZero(f.job.Spec.BackoffLimitPerIndex) }

// unfinished are the indexes in neither list.
func (f *jobFacts) unfinished() indexes.Set {
	return indexes.Range(0, f.completions-1).Minus(f.completed.Union(f.failed))
}

// rulesOf tells the version from /version or, without that, from what the object
// shows of its age; never simply the newest where it shows an older one.
func rulesOf(seen *evidence.Job) controller.Rules {
	var major, minor int
	if n, _ := fmt.Sscanf(strings.TrimPrefix(seen.ServerVersion, "v"), "%d.%d", &major, &minor); n == 2 && major == 1 {
		return controller.Rules{Minor: min(minor, controller.Newest)}
	}
	return controller.Rules{Minor: age(seen)}
}

// age is the newest minor version that can have written the object.
func age(seen *evidence.Job) int {
	job := seen.Job
	switch {
	case isAsWritten(job) && !hasControllerUIDLabel(job):
		return 26 // the label came with 1.27
	case isAsWritten(job) && job.Spec.PodReplacementPolicy == nil:
		return 28 // the API server sets it from 1.29 on
	case isDecidedWithoutInterim(job):
		return 30 // from 1.31 on every decision leaves FailureTarget or SuccessCriteriaMet
	}
	return controller.Newest
}

// isAsWritten: the object is as an API server wrote it, with its defaults. People
// take them away, and snapshots of ours do.
func isAsWritten(job *batchv1.Job) bool {
	return job.UID != "" && job.Spec.Suspend != nil && job.Spec.BackoffLimit != nil && job.Spec.Template.Labels != nil
}

func hasControllerUIDLabel(job *batchv1.Job) bool {
	_, of := job.Spec.Template.Labels[batchv1.ControllerUidLabel]
	return of || job.Spec.ManualSelector != nil && *job.Spec.ManualSelector
}

func isDecidedWithoutInterim(job *batchv1.Job) bool {
	has := func(kind batchv1.JobConditionType) bool { return controller.Condition(job, kind) != nil }
	return has(batchv1.JobFailed) && !has(batchv1.JobFailureTarget) ||
		has(batchv1.JobComplete) && !has(batchv1.JobSuccessCriteriaMet)
}

func orZero(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}
