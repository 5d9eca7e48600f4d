package cluster

import (
	"fmt"
	"reflect"
	"time"
	"unsafe"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Whatever we are given to read, we take 512 MiB of memory at most. Three bounds
// keep that, whoever writes the bytes: how large one object is, how many parts it
// has, both seen before it is parsed; and how much is kept of all of them.
const (
	// maxObject bounds the bytes of a single object, ten times what etcd holds. What
	// is larger is no object, or is meant to exhaust us.
	maxObject = 16 << 20
	// maxParts bounds its fields, elements and levels: one of two bytes can become a
	// container, which takes hundreds. Of what fits into etcd none has as many.
	maxParts = 1 << 17
	// maxKept bounds what is kept, and becomes of it in the Explanation. A Job of
	// 100,000 indexes has room for three attempts of each.
	maxKept = 352 << 20
	// maxPage bounds what a page of a list is decoded to.
	maxPage = 128 << 20
)

var (
	errTooLarge     = fmt.Errorf("an object is larger than %d MiB", maxObject>>20)
	errTooManyParts = fmt.Errorf("an object has more than %d fields, elements and levels", maxParts)
	errTooMuch      = fmt.Errorf("what it holds takes more than %d MiB of memory", maxKept>>20)
)

// budget is how much may still be kept.
type budget struct{ left int64 }

func (b *budget) keep(bytes int64) error {
	if b.left -= bytes; b.left < 0 {
		return errTooMuch
	}
	return nil
}

const (
	// leastOfObject is for knowing that there was one: what never ends is too much
	// at last.
	leastOfObject = 64
	// ofAttempt is its record, its place among the others, and its facts and its
	// record in the Explanation, which together are no larger.
	ofAttempt = 3*int64(unsafe.Sizeof(evidence.Attempt{})) + leastOfObject
	// ofListed is what a byte of completedIndexes may become: every other of
	// its indexes is a run, and so is what lies between.
	ofListed = 200
)

// job keeps one, and what becomes of its lists.
func (b *budget) job(job *batchv1.Job) error { return b.keep(ofJob(job)) }

func ofJob(job *batchv1.Job) int64 {
	listed := len(job.Status.CompletedIndexes)
	if failed := job.Status.FailedIndexes; failed != nil {
		listed += len(*failed)
	}
	inPlace := 2 * int64(unsafe.Sizeof(*job)) // among the Jobs, and among their versions
	return inPlace + footprint(reflect.ValueOf(job)) + ofListed*int64(listed)
}

func (b *budget) event(event *evidence.Event) error {
	return b.keep(3*leastOfObject + footprint(reflect.ValueOf(event))) // its place among the others, too
}

// attempts keeps some more that a reducer made, which had kept so much before.
func (b *budget) attempts(n int, reducer *evidence.Reducer, before int64) error {
	return b.keep(int64(n)*ofAttempt + reducer.Kept() - before)
}

// footprint is how much memory a value takes with all that it holds, about.
func footprint(v reflect.Value) (bytes int64) {
	switch v.Kind() {
	case reflect.String:
		return int64(v.Len())
	case reflect.Pointer:
		if !v.IsNil() {
			bytes = int64(v.Type().Elem().Size()) + footprint(v.Elem())
		}
	case reflect.Slice:
		bytes = int64(v.Cap()) * int64(v.Type().Elem().Size())
		for i := range v.Len() {
			bytes += footprint(v.Index(i))
		}
	case reflect.Map:
		each := int64(v.Type().Key().Size()+v.Type().Elem().Size()) + leastOfObject
		for entries := v.MapRange(); entries.Next(); {
			bytes += each + footprint(entries.Key()) + footprint(entries.Value())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return 0 // all have the same location
		}
		for i := range v.NumField() {
			bytes += footprint(v.Field(i))
		}
	}
	return bytes
}
