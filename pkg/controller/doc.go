// Package controller is the Job controller's rules for Indexed Jobs as a pure
// function: what one sync makes of a Job and its pods.
//
// # A sync
//
// [Sync] takes a [State], which is all that a sync finds, and gives an
// [Outcome], which is all that it does. Time is a parameter; there is no client
// and no clock, and nothing is guessed. The same state always has the same
// outcome, in whatever order the pods come.
//
//	rules := controller.Rules{Minor: controller.Newest}
//	pods := controller.NewReckoner(job, rules).Pods(attempts)
//	outcome := controller.Sync(controller.State{Job: job, Pods: pods, Now: now, Rules: rules})
//	if len(outcome.Criteria) > 0 {
//		fmt.Println("the next sync ends the Job:", outcome.Criteria[0].Reason)
//	}
//
// What if is the same question over another state: without some pod, with
// another limit, a minute later. Nothing else is needed for it.
//
// # Memory and chance
//
// Two things keep a sync from being a function of what an API server shows.
// The controller remembers: its backoff record, pods it has not seen yet,
// finalizers it has sent away. These are in the State, and their zero values are
// those of a controller that has just started. And it leaves some choices to
// the order of its cache, which is that of a Go map: those are Outcome.Chances,
// each with the pods among which it chooses, and State.Choose follows any of
// them. A Job whose Outcome has no Chances, and at most one pod in
// Criterion.Pods, has no other.
//
// # Files
//
// One file holds one concern. Where upstream has a file for it, the name is
// upstream's; its job_controller.go, which has most, is divided after its
// functions and what these write:
//
//	job_controller.go          State, Outcome, Sync
//	controller_ref_manager.go  which pods are the Job's
//	sync_job.go                what ends a Job, in order
//	manage_job.go              which pods are created and deleted
//	tracking_utils.go          the finalizer, and what it counts for
//	job_status.go              both writes to the status
//	validation.go              which of them the API server refuses
//	indexed_job_utils.go       the lists of indexes, counts carried over, duplicates
//	backoff_utils.go           when a pod ended, and how long one waits for the next
//	pod_failure_policy.go, success_policy.go, job_conditions.go, defaults.go
//	controller_utils.go        which of two pods is the first to go
//	pod.go                     a pod with what the rules make of it by itself
//	rules.go                   where versions differ, 1.28 to 1.37
//
// Comments say why, and which function of k8s.io/kubernetes v1.37.2 does the
// same; docs/job-semantics.md has the facts. The code is ours, written from
// those. hack/oracle holds it against upstream's own: whole syncs against whole
// syncs, a million at a time.
//
// # Limits
//
// Feature gates are as each version has them by default; a field that a Job
// bears is honoured, since only a server that knows it lets it through. Left out
// are API errors and conflicts, Workloads and PodGroups (the gate
// WorkloadWithJob), metrics and events, and Jobs that are not Indexed. Before
// 1.37.2 a minor version is taken for its last patch.
package controller
