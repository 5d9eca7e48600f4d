package cmd

import (
	"fmt"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// choice is what --index or --cause name: both together the indexes of the cause
// that are among them.
type choice struct {
	indexes   indexes.Set
	isByIndex bool
	cause     int // counts from 1; 0 for none
}

// isOfAll: nothing was chosen.
func (c choice) isOfAll() bool { return !c.isByIndex && c.cause == 0 }

// rows are the indexes that were chosen, nil for none.
func (c choice) rows() *indexes.Set {
	if c.isOfAll() {
		return nil
	}
	return &c.indexes
}

func (o *explainOptions) chosen(explanation *v1alpha1.Explanation) (choice, error) {
	var completions int32
	if explanation.Spec.Completions != nil {
		completions = *explanation.Spec.Completions
	}
	var chosen choice
	if o.cause != "" && o.cause != allCauses {
		n, err := causeOf(explanation.Signatures, o.cause)
		if err != nil {
			return choice{}, err
		}
		chosen.cause = n + 1
		chosen.indexes, _ = indexes.ParseStatus(explanation.Signatures[n].Indexes, completions)
	}
	if o.index == "" {
		return chosen, nil
	}
	typed, err := indexes.Parse(o.index, completions)
	if err != nil {
		return choice{}, err
	}
	chosen.isByIndex = true
	if chosen.cause == 0 {
		chosen.indexes = typed
		return chosen, nil
	}
	if chosen.indexes = chosen.indexes.Intersect(typed); chosen.indexes.Empty() {
		return choice{}, fmt.Errorf("cause %s did not hit index %s\nhint: it hit %s", o.cause, o.index, explanation.Signatures[chosen.cause-1].Indexes)
	}
	return chosen, nil
}

// only keeps the records of the chosen indexes; one that stands for a run is
// cut to the part that was chosen.
func only(fates []v1alpha1.IndexFate, chosen indexes.Set) []v1alpha1.IndexFate {
	kept := []v1alpha1.IndexFate{}
	for i := range fates {
		for _, part := range indexes.Range(fates[i].Index, fates[i].Last()).Intersect(chosen).Intervals() {
			fate := fates[i]
			fate.Index, fate.LastIndex = part.First, nil
			if part.Last != part.First {
				fate.LastIndex = new(part.Last)
			}
			kept = append(kept, fate)
		}
	}
	return kept
}
