package cluster

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestWhatIsKeptIsBounded holds of input that never ends that it does, whatever it
// is made of, and that what was kept of it takes no more memory than was allowed.
func TestWhatIsKeptIsBounded(t *testing.T) {
	const most = 2 << 20
	job := fmt.Sprintf(jobLine, "1")
	for name, object := range map[string]func(i int) string{
		"pods":     numbered(`{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"%d"}}`),
		"own pods": numbered(`{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"%d","ownerReferences":[{"kind":"Job","uid":"u","controller":true}]}}`),
		"pods that say much": numbered(`{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"%d"},"spec":{"nodeName":"%[1]d"},"status":{"message":"` + strings.Repeat("x", 500) +
			`%[1]d","conditions":[{},{"message":"%[1]d"}],"containerStatuses":[{},{"state":{"terminated":{"message":"%[1]d"}}},{"name":"%[1]d"}]}}`),
		"pods of one word":   numbered(`{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"u%[1]d"},"status":{"conditions":[{},{},{},{},{},{},{},{}],"containerStatuses":[{},{},{},{},{},{},{},{}]}}`),
		"ways to end":        numbered(`{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"u%d"},"status":{"containerStatuses":[{"state":{"terminated":{"exitCode":%[1]d}}}]}}`),
		"families":           numbered(`{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"%d","labels":{"%[1]d":"","a":"b"}}}`),
		"jobs":               numbered(`{"kind":"Job","apiVersion":"batch/v1","metadata":{"uid":"%d"},"spec":{"template":{"spec":{"containers":[{},{"env":[{},{}]}]}}}}`),
		"versions of a job":  numbered(`{"kind":"Job","apiVersion":"batch/v1","metadata":{"uid":"u","resourceVersion":"%d"}}`),
		"events":             numbered(`{"kind":"Event","apiVersion":"v1","metadata":{"uid":"%d"},"message":"%[1]d","involvedObject":{"kind":"Job"}}`),
		"namespaces":         numbered(`{"kind":"Event","apiVersion":"v1","metadata":{"namespace":"%d"}}`),
		"kinds":              numbered(`{"kind":"K%d","apiVersion":"v1"}`),
		"the same for ever":  numbered(`{}`),
		"lists":              numbered(`{"kind":"List","items":[],"metadata":{}}`),
		"gaps of a snapshot": numbered(`{"kind":"List","items":[],"metadata":{"annotations":{"` + AnnotationGaps + `":"[{\"kind\":\"%d\"},{}]"}}}`),
		"yaml":               numbered("\n---\nkind: K%d\n"),
	} {
		t.Run(name, func(t *testing.T) {
			objects := newFileObjects("")
			objects.budget.left = most
			runtime.GC()
			before := heap()
			first := job
			if strings.HasPrefix(object(0), "\n") {
				first = ""
			}
			err := objects.read(t.Context(), "-", &endless{rest: first, next: object})
			if !errors.Is(err, errTooMuch) {
				t.Errorf("error %v", err)
			}
			runtime.GC()
			if kept := int64(heap()) - int64(before); kept > most+1<<20 {
				t.Errorf("%d KiB are kept of %d", kept>>10, most>>10)
			} else {
				t.Logf("%d KiB are kept of %d", kept>>10, most>>10)
			}
			runtime.KeepAlive(objects)
		})
	}
}

func numbered(format string) func(int) string {
	return func(i int) string {
		return strings.TrimSuffix(fmt.Sprintf(format, i), fmt.Sprintf("%%!(EXTRA int=%d)", i))
	}
}

// endless is one object after the other.
type endless struct {
	rest string
	next func(i int) string
	n    int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.rest = e.next(e.n)
		e.n++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

var _ io.Reader = (*endless)(nil)
