package cluster

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Annotations of a List that say how it was read.
const (
	AnnotationObservedAt    = "indexjob/observedAt"
	AnnotationServerVersion = "indexjob/serverVersion"
	// AnnotationGaps makes a List a snapshot: it lists all that could not be
	// read, so that whatever else is absent was not there.
	AnnotationGaps = "indexjob/gaps"
	// AnnotationRead names the kinds that were read, "pods,events", and
	// AnnotationPartial those of them of which some may be missing.
	AnnotationRead    = "indexjob/read"
	AnnotationPartial = "indexjob/partial"
	// AnnotationOrder is the order in which the Job and its pods were read,
	// AnnotationEventsOrder that of the events and the pods. The items stand in
	// that order, too, which shows nothing where there are none.
	AnnotationOrder       = "indexjob/order"
	AnnotationEventsOrder = "indexjob/eventsOrder"
)

// WriteSnapshot writes evidence as a v1 List that ReadFiles reads back as the
// same evidence, and kubectl as well. It holds only what is named in
// snapshot_objects.go. Messages, which anybody's program may have filled with
// anything, are left out unless asked for.
//
// The List is JSON with one object a line: it is written as fast as it is read,
// and whoever wants to know what is in it before giving it away has grep.
func WriteSnapshot(w io.Writer, seen *evidence.Job, messages bool) error {
	s := snapshot{Job: seen, messages: messages}
	metadata, err := json.Marshal(metav1.ObjectMeta{Annotations: s.annotations()})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w) // which remembers its first error until Flush
	fmt.Fprintf(out, `{"apiVersion":"v1","kind":"List","metadata":%s,"items":[`, metadata)
	comma := ""
	for object := range s.objects {
		line, err := json.Marshal(object)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n%s", comma, line)
		comma = ","
	}
	fmt.Fprint(out, "\n]}\n")
	return out.Flush()
}
