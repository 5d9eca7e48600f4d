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
// they are made: "list 80", "list 0 wide namespace"; "list 80x24 tenfold" is of ten
// times as many Jobs, on a screen of 24 lines.
func TestList(t *testing.T) {
	archive, list := jobsArchive(t)
	hold(t, jobsPath, archive, func(drawing string) string {
		has := func(word string) bool { return strings.Contains(drawing, word) }
		columns := Columns{Namespace: has("namespace"), Wide: has("wide"), NoTitles: has("bare")}
		screen := Screen{Color: has("color")}
		width, height, _ := strings.Cut(strings.Fields(drawing)[1], "x")
		screen.Width, _ = strconv.Atoi(width)
		screen.Height, _ = strconv.Atoi(height)
		if has("tenfold") {
			return visible(List(tenfold(list), columns, screen))
		}
		return visible(List(list, columns, screen))
	})
}

const jobsPath = "testdata/list/jobs.txtar"

func jobsArchive(t *testing.T) (*txtar.Archive, *v1alpha1.JobSummaryList) {
	t.Helper()
	archive, err := txtar.ParseFile(jobsPath)
	if err != nil {
		t.Fatal(err)
	}
	list := &v1alpha1.JobSummaryList{}
	if err := yaml.UnmarshalStrict(archive.Files[0].Data, list); err != nil {
		t.Fatal(err)
	}
	return archive, list
}

// tenfold has each Job ten times, under other names.
func tenfold(list *v1alpha1.JobSummaryList) *v1alpha1.JobSummaryList {
	many := *list
	many.Items = nil
	for _, job := range list.Items {
		for n := range 10 {
			another := job
			another.Metadata.Name += "-" + strconv.Itoa(n)
			many.Items = append(many.Items, another)
		}
	}
	return &many
}

// TestReasonsThatAreShort leave room to other columns.
func TestReasonsThatAreShort(t *testing.T) {
	_, list := jobsArchive(t)
	list.Items = list.Items[4:5] // which has none
	drawn := List(list, Columns{Namespace: true}, Screen{Width: 80})
	if want := "NAMESPACE  NAME   STATE    INDEXES      SUCCEEDED  FAILED  READY  AGE  REASON\n"; !strings.HasPrefix(drawn, want) {
		t.Errorf("got\n%s", drawn)
	}
}

// TestAListTakesNoMoreThanItsHeight, and counts every Job that it does not show.
func TestAListTakesNoMoreThanItsHeight(t *testing.T) {
	_, list := jobsArchive(t)
	list.Items = append(list.Items, v1alpha1.JobSummary{Metadata: v1alpha1.Metadata{Name: "odd"}})
	for height := 1; height < len(list.Items)+4; height++ {
		for _, columns := range []Columns{{}, {NoTitles: true}, {Wide: true}} {
			drawn := List(list, columns, Screen{Width: 80, Height: height})
			lines := strings.Split(strings.TrimSuffix(drawn, "\n"), "\n")
			shown, hidden := len(lines), 0
			if !columns.NoTitles && strings.HasPrefix(drawn, "NAME") {
				shown--
			}
			if last := lines[len(lines)-1]; strings.HasPrefix(last, "and ") {
				shown--
				hidden, _ = strconv.Atoi(strings.Fields(last)[1])
				counted := 0
				for _, word := range strings.Fields(last)[4:] {
					n, _ := strconv.Atoi(word)
					counted += n
				}
				if counted != hidden {
					t.Errorf("%d lines: %s", height, last)
				}
			}
			for _, line := range lines {
				if len(line) > 80 {
					t.Errorf("%d columns: %s", len(line), line)
				}
			}
			if len(lines) > height || shown+hidden != len(list.Items) {
				t.Errorf("%d lines of %d, %d shown and %d counted:\n%s", len(lines), height, shown, hidden, drawn)
			}
		}
	}
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
