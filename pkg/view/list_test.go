package view

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// The archive is a JobSummaryList and every drawing of it. Their names say how
// they are made: "list 80", "list 0 wide namespace".
func TestList(t *testing.T) {
	const path = "testdata/list/jobs.txtar"
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := &v1alpha1.JobSummaryList{}
	if err := yaml.UnmarshalStrict(archive.Files[0].Data, list); err != nil {
		t.Fatal(err)
	}
	hold(t, path, archive, func(drawing string) string {
		words := strings.Fields(drawing)
		width, err := strconv.Atoi(words[1])
		if err != nil {
			t.Fatal(err)
		}
		has := func(word string) bool { return strings.Contains(drawing, word) }
		columns := Columns{Namespace: has("namespace"), Wide: has("wide"), NoTitles: has("bare")}
		return visible(List(list, columns, Screen{Width: width, Color: has("color")}))
	})
}

func TestTheBarIsFullAndShowsEveryKind(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 6))
	for range 2000 {
		shares := make([]share, 4)
		for i := range shares {
			if random.IntN(3) > 0 {
				shares[i].n = random.Int64N(1 << random.IntN(31))
			}
		}
		cells := min(total(shares), 4+random.Int64N(30))
		given := apportion(shares, cells, total(shares))
		told := fmt.Sprintf("%v in %d cells: %v", shares, cells, given)
		if total(given) != cells {
			t.Errorf("%s: not full", told)
		}
		for i := range shares {
			if (given[i].n == 0) != (shares[i].n == 0) {
				t.Errorf("%s: what there is has a cell, and nothing else", told)
			}
			for j := range shares {
				if shares[i].n > shares[j].n && given[i].n < given[j].n {
					t.Errorf("%s: more has fewer", told)
				}
			}
		}
	}
}
