package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// allCauses asks for every cause, one after the other.
const allCauses = "all"

// causeOf is the place of the cause that was typed: its number on the screen, its
// ID, or a beginning of the ID that no other has.
func causeOf(causes []v1alpha1.Signature, typed string) (int, error) {
	if len(causes) == 0 {
		return 0, fmt.Errorf("there is no cause %s: no failed attempt of this Job is known\nhint: leave out --cause", typed)
	}
	if n, err := strconv.Atoi(typed); err == nil {
		if n < 1 || n > len(causes) {
			return 0, fmt.Errorf("there is no cause %s\nhint: this Job has causes 1 to %d", typed, len(causes))
		}
		return n - 1, nil
	}
	var begun []int
	for i := range causes {
		if typed != "" && strings.HasPrefix(causes[i].ID, strings.ToLower(typed)) {
			begun = append(begun, i)
		}
	}
	switch len(begun) {
	case 0:
		return 0, fmt.Errorf("there is no cause %q\nhint: a cause goes by its ID, such as %s, or by its number, 1 to %d", typed, causes[0].ID, len(causes))
	case 1:
		return begun[0], nil
	}
	return 0, fmt.Errorf("%d causes begin with %q: %s\nhint: type more of the ID", len(begun), typed, idsOf(causes, begun))
}

func idsOf(causes []v1alpha1.Signature, places []int) string {
	ids := make([]string, len(places))
	for i, n := range places {
		ids[i] = causes[n].ID
	}
	return strings.Join(ids, ", ")
}
