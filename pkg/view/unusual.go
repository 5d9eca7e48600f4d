package view

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// mostRows is how many rows of unusual indexes there are, and mostAlike how many
// indexes they may tell of.
const mostRows, mostAlike = 8, 200

// row is an unusual index, or all that are told alike.
type row struct {
	of     indexes.Set
	record *v1alpha1.IndexFate
}

// unusual are the rows that the screen tells: of the indexes that explain the Job
// and, where there is room, of those that follow from it. Where they are many none
// has one: causes tell of them.
func (s sheet) unusual() []row {
	var explaining, following []*v1alpha1.IndexFate
	for i := range s.Fates {
		record := &s.Fates[i]
		switch kinds[kindOf(record.Fate, record.Reason)].part {
		case explains:
			explaining = append(explaining, record)
		case follows:
			following = append(following, record)
		}
		if len(explaining) > mostAlike {
			return nil
		}
	}
	rows := toldAlike(explaining)
	if len(rows) > mostRows {
		return nil
	}
	if alike := toldAlike(following); len(rows)+len(alike) <= mostRows {
		rows = append(rows, alike...)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.badness(), b.badness()) })
	return rows
}

func (r row) kind() uint8 { return kindOf(r.record.Fate, r.record.Reason) }

func (r row) badness() int { return badness[r.kind()] }

// toldAlike puts records into one row that differ in their index alone.
func toldAlike(records []*v1alpha1.IndexFate) []row {
	type told struct {
		kind              uint8
		attempts, message string
	}
	var order []told
	first, of := map[told]*v1alpha1.IndexFate{}, map[told][]indexes.Interval{}
	for _, record := range records {
		key := told{kindOf(record.Fate, record.Reason), attemptsInShort(record), record.Message}
		if first[key] == nil {
			first[key] = record
			order = append(order, key)
		}
		of[key] = append(of[key], indexes.Interval{First: record.Index, Last: record.Last()})
	}
	var rows []row
	for _, key := range order {
		rows = append(rows, row{indexes.FromIntervals(of[key]), first[key]})
	}
	return rows
}

// unusualTable tells the rows.
func (s sheet) unusualTable(rows []row) table {
	t := table{columns: []column{
		{title: "INDEX"},
		{title: "FATE", spare: 1, brief: true},
		{title: "ATTEMPTS", spare: 2},
		{title: "WHY", least: 24},
	}}
	for _, r := range rows {
		t.rows = append(t.rows, []line{
			{text(inShort(r.of.String(), 14))},
			{letterOf(r.kind()), text(" " + kinds[r.kind()].phrase)},
			{text(attemptsInShort(r.record))},
			{text(r.record.Message)},
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
			parts = append(parts, word+" x"+decimal(n))
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
	case a.Decision == v1alpha1.DecisionRemoved:
		return "removed"
	case a.Source != v1alpha1.SourcePod:
		return "gone"
	case a.Phase == corev1.PodSucceeded:
		return "ok"
	case a.Failure != nil && a.Failure.Condition == string(corev1.DisruptionTarget):
		return "disrupted"
	case a.Failure != nil && a.Failure.FromPod:
		return a.Failure.Reason
	case a.Failure != nil && a.Failure.ExitCode != nil && !a.Failure.Synthesized:
		return decimal(*a.Failure.ExitCode)
	case a.Failure != nil && a.Failure.Synthesized:
		return "lost"
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
