package view

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// mostRows is how many unusual indexes get a row each.
const mostRows = 8

// unusual are the records that deserve a row: those that explain the Job and,
// where there is room, those that follow from it. Many says that they are too
// many, so that causes should be told instead.
func (s sheet) unusual() (records []*v1alpha1.IndexFate, tooMany bool) {
	var telling, others []*v1alpha1.IndexFate
	for i := range s.Fates {
		record := &s.Fates[i]
		switch k := kinds[kindOf(record.Fate, record.Reason)]; {
		case k.telling:
			telling = append(telling, record)
		case k.ink == held || k.ink == gray:
			others = append(others, record)
		}
		if len(telling) > mostRows {
			return nil, true
		}
	}
	if len(telling)+len(others) <= mostRows {
		telling = append(telling, others...)
	}
	slices.SortStableFunc(telling, func(a, b *v1alpha1.IndexFate) int {
		return cmp.Compare(badness[kindOf(a.Fate, a.Reason)], badness[kindOf(b.Fate, b.Reason)])
	})
	return telling, false
}

// unusualTable has a row per unusual index.
func (s sheet) unusualTable(records []*v1alpha1.IndexFate) table {
	t := table{columns: []column{
		{title: "INDEX"},
		{title: "FATE", spare: 1, brief: true},
		{title: "ATTEMPTS", spare: 2},
		{title: "WHY", least: 24},
	}}
	for _, record := range records {
		k := kindOf(record.Fate, record.Reason)
		t.rows = append(t.rows, []line{
			{text(runOf(record.Index, record.Last()))},
			{letterOf(k), text(" " + kinds[k].phrase)},
			{text(attemptsInShort(record))},
			{text(record.Message)},
		})
	}
	return t
}

// runOf writes a run of indexes as the controller does.
func runOf(first, last int32) string {
	if first == last {
		return decimal(first)
	}
	return decimal(first) + "-" + decimal(last)
}

// attemptsInShort says how each attempt ended: "1, 1, ok". Neighbours that
// ended alike are counted.
func attemptsInShort(record *v1alpha1.IndexFate) string {
	var parts []string
	for i := 0; i < len(record.Attempts); {
		word, n := attemptWord(&record.Attempts[i]), 0
		for ; i < len(record.Attempts) && attemptWord(&record.Attempts[i]) == word; i++ {
			n++
		}
		switch {
		case n > 2:
			parts = append(parts, word+" x"+decimal(int32(n)))
		case n == 2:
			parts = append(parts, word, word)
		default:
			parts = append(parts, word)
		}
	}
	return strings.Join(parts, ", ")
}

func attemptWord(a *v1alpha1.Attempt) string {
	switch {
	case a.Source != v1alpha1.SourcePod:
		return "gone"
	case a.Phase == corev1.PodSucceeded:
		return "ok"
	case a.Failure != nil && a.Failure.Condition == string(corev1.DisruptionTarget):
		return "disrupted"
	case a.Failure != nil && a.Failure.ExitCode != nil:
		return decimal(*a.Failure.ExitCode)
	case a.Failure != nil && a.Failure.Reason != "":
		return a.Failure.Reason
	case a.Failure != nil && a.Failure.Condition != "":
		return a.Failure.Condition
	case a.Terminating != nil && *a.Terminating:
		return "terminating"
	case a.Phase == "":
		return "unknown"
	}
	return strings.ToLower(string(a.Phase))
}
