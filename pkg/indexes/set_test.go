package indexes

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestStringCompressesRunsOfThreeAndMore(t *testing.T) {
	for _, test := range []struct {
		set  Set
		want string
	}{
		{Set{}, ""},
		{Of(0), "0"},
		{Of(1, 0), "0,1"},
		{Of(2, 0, 1), "0-2"},
		{Of(0, 3, 4, 5, 7, 8, 7), "0,3-5,7,8"},
		{Range(math.MaxInt32-2, math.MaxInt32), "2147483645-2147483647"},
	} {
		if got := test.set.String(); got != test.want {
			t.Errorf("%v: got %q, want %q", test.set.Intervals(), got, test.want)
		}
	}
}

func TestParseStatusReadsAsTheController(t *testing.T) {
	for _, test := range []struct {
		name, text  string
		completions int32
		want        string
		ok          bool
	}{
		{"empty", "", 5, "", true},
		{"plain", "0,3-4", 5, "0,3,4", true},
		{"a corrupt fragment is skipped", "0,x,3", 5, "0,3", false},
		{"a corrupt end is skipped", "0,2-x,3", 5, "0,3", false},
		{"what lies above completions stops the reading", "0,7,1", 5, "0", true},
		{"the last interval is clipped", "2-9", 5, "2-4", true},
		{"beyond int32 it is above completions", "99999999999,3", 5, "", true},
		{"a negative index is corrupt", "-3,4", 5, "4", false},
		{"adjacent intervals merge", "0-1,2-3", 5, "0-3", true},
		{"intervals that descend are corrupt", "5,3", 9, "3,5", false},
		{"intervals that overlap are corrupt", "1-4,3-5", 9, "1-5", false},
		{"an interval that runs backwards is corrupt", "5-3", 9, "", false},
		{"no completions, no indexes", "0", 0, "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			set, ok := ParseStatus(test.text, test.completions)
			if set.String() != test.want || ok != test.ok {
				t.Errorf("got %q, %v, want %q, %v", set, ok, test.want, test.ok)
			}
		})
	}
}

func TestParseRefusesWhatIsNoIndexOfTheJob(t *testing.T) {
	for _, text := range []string{"", "x", "3-", "-3", "5-3", "3,,4", "10", "8-10", "99999999999"} {
		if set, err := Parse(text, 10); err == nil {
			t.Errorf("%q was read as %q", text, set)
		}
	}
	set, err := Parse("7-9, 3", 10)
	if err != nil || set.String() != "3,7-9" {
		t.Errorf("got %q, %v", set, err)
	}
}

// The laws of sets, on random ones, against membership index by index.
func TestSetsKeepTheLaws(t *testing.T) {
	const n = 40
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a, inA := randomSet(random, n)
		b, inB := randomSet(random, n)
		var size int64
		for i := int32(0); i < n; i++ {
			if a.Has(i) != inA[i] {
				t.Fatalf("%q has %d: %v", a, i, a.Has(i))
			}
			if a.Union(b).Has(i) != (inA[i] || inB[i]) || a.Intersect(b).Has(i) != (inA[i] && inB[i]) || a.Minus(b).Has(i) != (inA[i] && !inB[i]) {
				t.Fatalf("%q, %q: wrong at %d", a, b, i)
			}
			if inA[i] {
				size++
			}
		}
		if a.Len() != size {
			t.Fatalf("%q has length %d, want %d", a, a.Len(), size)
		}
		if parsed, ok := ParseStatus(a.String(), n); !ok || parsed.String() != a.String() {
			t.Fatalf("%q was read as %q", a, parsed)
		}
		if taken := a.Take(3); taken.Len() != min(3, size) || !taken.Minus(a).Empty() {
			t.Fatalf("three of %q: %q", a, taken)
		}
	}
}

func randomSet(random *rand.Rand, n int32) (Set, map[int32]bool) {
	in := map[int32]bool{}
	var members []int32
	for range random.IntN(12) {
		i := random.Int32N(n)
		in[i] = true
		members = append(members, i)
	}
	return Of(members...), in
}

func TestTheWholeRangeOfInt32(t *testing.T) {
	all := Range(0, math.MaxInt32)
	if all.Len() != 1<<31 || !all.Minus(all).Empty() || all.Minus(Of(5)).String() != "0-4,6-2147483647" {
		t.Errorf("length %d, without 5: %q", all.Len(), all.Minus(Of(5)))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("0,3-7", int32(10))
	f.Fuzz(func(t *testing.T, text string, completions int32) {
		if set, err := Parse(text, completions); err == nil {
			again, err := Parse(set.String(), completions)
			if err != nil || again.String() != set.String() {
				t.Errorf("%q, read as %q, is read again as %q, %v", text, set, again, err)
			}
		}
		set, _ := ParseStatus(text, completions)
		if again, ok := ParseStatus(set.String(), completions); !ok || again.String() != set.String() {
			t.Errorf("%q, read as %q, is read again as %q", text, set, again)
		}
	})
}
