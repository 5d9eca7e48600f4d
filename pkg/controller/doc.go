// Package controller is the Job controller's rules for Indexed Jobs as pure
// functions: what one sync makes of a Job and its pods.
//
//	rules := controller.Rules{Minor: controller.Newest}
//	pods := controller.NewReckoner(job, rules).Pods(attempts)
//	outcome := controller.Sync(controller.State{Job: job, Pods: pods, Now: now, Rules: rules})
//	if len(outcome.Criteria) > 0 {
//		fmt.Println("the next sync ends the Job:", outcome.Criteria[0].Reason)
//	}
//
// It sees no client, no operating system and no clock: the time is a parameter.
// One file holds one concern and is named as upstream names it; comments say
// which function of k8s.io/kubernetes decides the same, and since when.
// docs/job-semantics.md has the facts. The functions are ours, written from
// those facts, and hack/oracle holds them against upstream's own, whole syncs
// against whole syncs.
//
// What the controller keeps in memory is part of the State: its backoff record.
// What it leaves to chance is a set in the Outcome, such as the pods of which any
// may be named in the message of a FailJob rule. What a sync would do without
// some pod is Sync over the pods without it.
package controller
