package oracle

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/onesync"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// One sync of ours against one of the real controller: both writes to the
// status, what becomes of every pod, and when it looks again. Where the
// controller leaves something to chance, its outcome must be one of ours.
func TestSync(t *testing.T) {
	comparison{
		cases:    50_000,
		generate: (*generator).state,
		compare:  onlyListed(syncBranches, compareSync(newController(t))),
		branches: syncBranches,
	}.run(t)
}

// onlyListed leaves out the branches of the other tests.
func onlyListed(branches map[string]int, compare func(*Case, func(string)) string) func(*Case, func(string)) string {
	return func(c *Case, saw func(string)) string {
		return compare(c, func(branch string) {
			if _, listed := branches[branch]; listed {
				saw(branch)
			}
		})
	}
}

func newController(t *testing.T) *onesync.Controller {
	t.Helper()
	real, err := onesync.New()
	if err != nil {
		t.Fatal(err)
	}
	return real
}

func compareSync(real *onesync.Controller) func(*Case, func(string)) string {
	return func(c *Case, saw func(string)) string {
		result, err := real.Sync(onesync.Snapshot{
			Job: c.Job, Pods: c.Pods, Now: c.Now, Failures: c.Memory.Failures, LastFailure: c.Memory.LastFailure,
			Unobserved: c.Memory.Unobserved, Removing: c.Memory.Removing,
		})
		if err != nil {
			return err.Error()
		}
		theirs := effectsOfResult(&result)
		state, pods := readState(c)
		state.Choose = likeUpstream(&result)
		outcome := controller.Sync(state)
		ours := effectsOfOutcome(&outcome, c)
		if ours != theirs && !someChoiceGives(state, c, theirs) {
			return differ("the sync", theirs, ours)
		}
		if difference := compareMessages(&result, &outcome, pods); difference != "" {
			return difference
		}
		if result.Err != nil && !isRefused(&result) {
			return "upstream ends in an error: " + result.Err.Error()
		}
		sawSync(c, &outcome, &result, saw)
		return ""
	}
}

func isRefused(result *onesync.Result) bool {
	return slices.ContainsFunc(result.Refusals, func(err error) bool { return err != nil })
}

// readState is the case as evidence has it: pods that another controller has, or
// that nobody has and the selector does not match, are none of the Job's.
func readState(c *Case) (controller.State, map[string]*corev1.Pod) {
	selector, err := metav1.LabelSelectorAsSelector(c.Job.Spec.Selector)
	if err != nil {
		panic(err)
	}
	byName := map[string]*corev1.Pod{}
	reckoner := controller.NewReckoner(c.Job, rules)
	state := controller.State{
		Job: c.Job, Now: c.Now, Rules: rules, Unobserved: c.Memory.Unobserved,
		Backoff: controller.BackoffRecord{Failures: c.Memory.Failures, LastFailure: evidence.InstantOf(c.Memory.LastFailure)},
	}
	for _, pod := range c.Pods {
		owner := metav1.GetControllerOfNoCopy(pod)
		matches := selector.Matches(labels.Set(pod.Labels))
		if owner != nil && owner.UID != c.Job.UID || owner == nil && !matches {
			continue
		}
		attempt, reckoned := evidence.Reduce(pod), &controller.Pod{}
		reckoner.Reckon(&attempt, reckoned)
		reckoned.Unselected = !matches
		reckoned.Removing = slices.Contains(c.Memory.Removing, pod.UID)
		state.Pods = append(state.Pods, reckoned)
		byName[pod.Name] = pod
	}
	return state, byName
}

// likeUpstream chooses as the real controller did, as far as that can be seen.
func likeUpstream(result *onesync.Result) func(controller.Choice) int {
	taken := takenBy(result)
	return func(c controller.Choice) int {
		at := slices.IndexFunc(c.Among, func(pod *controller.Pod) bool {
			switch c.What {
			case controller.ChoiceKept:
				return !slices.Contains(result.Deleted, pod.Name)
			case controller.ChoiceDeleted:
				return slices.Contains(result.Deleted, pod.Name)
			case controller.ChoiceTaken:
				return taken(pod)
			}
			return !slices.Contains(result.Stripped, pod.Name)
		})
		if at < 0 && c.What == controller.ChoiceTaken { // a success, of which no UID is written down
			at = slices.IndexFunc(c.Among, (*controller.Pod).Succeeded)
		}
		return max(0, at)
	}
}

// takenBy tells the pods that were accounted for: their finalizers were patched
// away, a second time those that were deleted without a count. Where the status
// was refused only it tells.
func takenBy(result *onesync.Result) func(*controller.Pod) bool {
	counted := map[types.UID]bool{}
	if len(result.Refusals) > 0 && result.Refusals[0] != nil {
		for _, uid := range result.Statuses[0].UncountedTerminatedPods.Failed {
			counted[uid] = true
		}
		return func(pod *controller.Pod) bool { return counted[pod.UID] }
	}
	patches, twice := map[string]int{}, false
	for _, name := range result.Stripped {
		patches[name]++
		twice = twice || patches[name] > 1
	}
	return func(pod *controller.Pod) bool {
		if twice && slices.Contains(result.Deleted, pod.Name) {
			return patches[pod.Name] > 1
		}
		return patches[pod.Name] > 0
	}
}

// someChoiceGives tries every choice there is. In a crowd they are too many, but
// what the real controller chose there can be seen.
func someChoiceGives(state controller.State, c *Case, theirs effects) bool {
	script := []int{}
	for tries := 0; script != nil && tries*(10+len(c.Pods)) < 20_000; tries++ {
		var widths []int
		state.Choose = func(choice controller.Choice) int {
			widths = append(widths, len(choice.Among))
			if len(widths) > len(script) {
				script = append(script, 0)
			}
			return script[len(widths)-1]
		}
		outcome := controller.Sync(state)
		if effectsOfOutcome(&outcome, c) == theirs {
			return true
		}
		script = nextScript(script[:len(widths)], widths)
	}
	return false
}

// nextScript counts up, the last choice first; nil once all have been tried.
func nextScript(script, widths []int) []int {
	for i := len(script) - 1; i >= 0; i-- {
		if script[i]++; script[i] < widths[i] {
			return script[:i+1]
		}
	}
	return nil
}

// compareMessages: a FailJob rule names any pod of ours, and the rule of
// successPolicy is the same.
func compareMessages(result *onesync.Result, outcome *controller.Outcome, pods map[string]*corev1.Pod) string {
	if len(result.Statuses) == 0 || len(outcome.Criteria) == 0 || outcome.First == nil {
		return ""
	}
	met := outcome.Criteria[0]
	for _, condition := range result.Statuses[0].Conditions {
		if condition.Status != corev1.ConditionTrue || condition.Reason != met.Reason || condition.Type != batchv1.JobFailureTarget && condition.Type != batchv1.JobSuccessCriteriaMet {
			continue
		}
		var want []string
		switch met.Reason {
		case batchv1.JobReasonPodFailurePolicy:
			for _, pod := range met.Pods {
				want = append(want, failJobMessage(pods[pod.Name], pod.Match))
			}
		case batchv1.JobReasonSuccessPolicy:
			want = []string{fmt.Sprintf("Matched rules at index %d", met.Rule)}
		default:
			continue
		}
		if !slices.Contains(want, condition.Message) {
			return differ("the message of "+string(condition.Type), condition.Message, strings.Join(want, ", or "))
		}
	}
	return ""
}
