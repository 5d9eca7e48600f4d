package cmd

import (
	"errors"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// A Job is read again once, and only where that may tell otherwise.
func TestAContradictionIsReadAgainOnce(t *testing.T) {
	of := func(result v1alpha1.Result) *v1alpha1.Explanation {
		return &v1alpha1.Explanation{Agreement: v1alpha1.Agreement{Result: result}}
	}
	disagrees := look{explanation: of(v1alpha1.Disagrees)}
	for name, test := range map[string]struct {
		first look
		err   error
		reads int
	}{
		"agrees":              {look{explanation: of(v1alpha1.Agrees)}, nil, 1},
		"cannot tell":         {look{explanation: of(v1alpha1.CannotTell)}, nil, 1},
		"disagrees":           {disagrees, nil, 2},
		"disagrees, and gone": {look{explanation: disagrees.explanation, gone: true}, nil, 1},
		"not read whole yet":  {look{}, nil, 1},
		"cannot be read":      {look{}, errors.New("forbidden"), 1},
	} {
		reads := 0
		got, err := settled(func() (look, error) {
			reads++
			return test.first, test.err
		})
		if reads != test.reads || got != test.first || !errors.Is(err, test.err) {
			t.Errorf("%s: %d reads, want %d; %v, %v", name, reads, test.reads, got, err)
		}
	}
}
