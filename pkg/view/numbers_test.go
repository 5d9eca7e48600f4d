package view

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view/viewtest"
)

// TestTheGridOfALog is bounded by what a person looks at, not by completions.
func TestTheGridOfALog(t *testing.T) {
	for _, n := range []int32{1, 1000, 100_000, math.MaxInt32} {
		e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: &n}}
		for _, height := range []int{1, 24, 65_535, Unbounded} {
			g := newGrid(newSheet(e, Screen{Height: height}))
			if rows := len(g.rows()); rows > (mostOfGrid+1)/3 || int64(len(g.cells))*g.size < int64(n) {
				t.Errorf("%d indexes on %d lines: %d rows of cells of %d", n, height, rows, g.size)
			}
		}
	}
}

// goFormat is what fmt makes of a mistake.
var goFormat = regexp.MustCompile(`%!|&\{|map\[|<nil>|NaN|[+-]Inf`)

// TestNoNumberOverflows: the largest and the least numbers and times that there
// are, everywhere.
func TestNoNumberOverflows(t *testing.T) {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	for name, number := range map[string]int64{"most": math.MaxInt64, "none": 0, "large": 3_000_000_000} {
		for n, times := range [][]time.Time{{first, last}, {last, first}, {first, first}, {last, last}} {
			e := viewtest.Explanation("name")
			i := 0
			extreme(reflect.ValueOf(e).Elem(), number, func() time.Time { i++; return times[i%2] })
			list := viewtest.List("name")
			extreme(reflect.ValueOf(list).Elem(), number, func() time.Time { i++; return times[i%2] })
			for view, drawn := range everyView(e, list, Screen{Width: 200, Height: 60}) {
				if found := goFormat.FindString(drawn); found != "" {
					t.Errorf("%s of %s, %d: %q", view, name, n, found)
				}
				for _, word := range strings.Fields(drawn) {
					if len(word) > 3 && word[0] == '-' && word[1] >= '1' && word[1] <= '9' {
						t.Errorf("%s of %s, %d: %q is negative", view, name, n, word)
					}
				}
				if strings.Contains(drawn, fmt.Sprint(math.MaxInt64/int64(24*time.Hour))+"d") {
					t.Errorf("%s of %s, %d tells a duration that is only the longest there is", view, name, n)
				}
			}
		}
	}
}

// TestManyFailuresAreSome: their sum is more than an int32.
func TestManyFailuresAreSome(t *testing.T) {
	record := &v1alpha1.IndexFate{Fate: v1alpha1.Failed, Failures: v1alpha1.Failures{Counted: math.MaxInt32, Ignored: math.MaxInt32}}
	if told := render(newSheet(&v1alpha1.Explanation{}, Screen{Width: 200}).outcome(record), false); !strings.Contains(told, "at least 2147483647 counted") {
		t.Errorf("it does not tell them: %s", told)
	}
}

// extreme puts a number, or as much of it as there is room for, into every count,
// but not into those that say how much is drawn.
func extreme(v reflect.Value, number int64, next func() time.Time) {
	if _, is := v.Interface().(metav1.Time); is {
		v.Set(reflect.ValueOf(metav1.NewTime(next())))
		return
	}
	switch v.Kind() {
	case reflect.Int32:
		v.SetInt(min(number, math.MaxInt32))
	case reflect.Int64:
		v.SetInt(number)
	case reflect.Pointer:
		if !v.IsNil() {
			extreme(v.Elem(), number, next)
		}
	case reflect.Slice:
		for i := range v.Len() {
			extreme(v.Index(i), number, next)
		}
	case reflect.Struct:
		if _, is := v.Interface().(v1alpha1.IndexFate); is {
			extreme(v.FieldByName("Attempts"), number, next)
			extreme(v.FieldByName("Failures"), number, next)
			extreme(v.FieldByName("RetryTime"), number, next)
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				extreme(v.Field(i), number, next)
			}
		}
	}
}
