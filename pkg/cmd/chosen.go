package cmd

import (
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// chosen is the indexes that --index or --cause name.
func (o *explainOptions) chosen(explanation *v1alpha1.Explanation) (indexes.Set, error) {
	var completions int32
	if explanation.Spec.Completions != nil {
		completions = *explanation.Spec.Completions
	}
	switch {
	case o.index != "":
		return indexes.Parse(o.index, completions)
	case o.cause != "":
		n, err := causeOf(explanation.Signatures, o.cause)
		if err != nil {
			return indexes.Set{}, err
		}
		set, _ := indexes.ParseStatus(explanation.Signatures[n].Indexes, completions)
		return set, nil
	}
	return indexes.Set{}, nil
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
