package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// writeHint asks for the Job last: a Job that was read after its pods counts
// none of them that is still to come.
const writeHint = "write it with: kubectl get events,pods,job -o yaml"

// lessHint is for who has more than we take.
const lessHint = "give one Job and its pods alone, written with -o json; kubectl indexjob snapshot NAME -o FILE writes the least"

// FileOption tells of files what they do not tell themselves.
type FileOption func(*fileObjects)

// Partial: pods and events may be missing from the files.
func Partial() FileOption { return func(o *fileObjects) { o.isPartial = true } }

// Recursive: directories are read with those below them.
func Recursive() FileOption { return func(o *fileObjects) { o.isRecursive = true } }

// ReadFiles reads what kubectl printed, from files and, for "-", standard
// input, and keeps what belongs to the Job that is meant. A namespace, unless
// empty, hides all others. What stands in the files is taken for whole, in the
// order in which it was read.
func ReadFiles(ctx context.Context, names []string, stdin io.Reader, namespace string, reference Reference, options ...FileOption) (*evidence.Job, error) {
	objects := newFileObjects(namespace)
	for _, option := range options {
		option(objects)
	}
	for _, name := range names {
		if err := objects.read(ctx, name, stdin); err != nil {
			return nil, err
		}
	}
	where := strings.Join(names, ", ")
	if where == "-" {
		where = "standard input"
	}
	job, err := objects.choose(reference, where)
	if err != nil {
		return nil, err
	}
	if err := checkJob(job); err != nil {
		return nil, err
	}
	return objects.evidence(job)
}

func (o *fileObjects) read(ctx context.Context, name string, stdin io.Reader) error {
	title := name
	if name == "-" {
		title = "standard input"
	} else if info, err := os.Stat(name); err == nil && info.IsDir() {
		return o.readFolder(ctx, name)
	}
	s, err := open(ctx, name, stdin)
	if err != nil {
		return fmt.Errorf("reading %s: %w", title, err)
	}
	defer s.Close()
	switch {
	case isTar(s):
		return o.readTar(ctx, title, s)
	case isZip(s):
		return o.readZip(ctx, name)
	}
	return o.readSource(ctx, title, s)
}

func (o *fileObjects) readSource(ctx context.Context, title string, s *source) error {
	o.file++
	before := o.total()
	d := &decoder{object: o.object, list: o.list, skipped: o.skip, hold: o.budget.keep}
	err := d.decode(s)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errCutOff), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reading %s: it is cut off after %s\nhint: it was not written to its end; %s", title, count(o.total()-before, "object", "objects"), writeHint)
	case errors.Is(err, errTooMuch):
		return fmt.Errorf("reading %s: %w\nhint: %s", title, err, lessHint)
	case err != nil:
		return fmt.Errorf("reading %s: %s\nhint: %s", title, oneLine(plainly(err)), writeHint)
	}
	return nil
}

func (o *fileObjects) total() int {
	n := len(o.jobs) + len(o.attempts) + len(o.events)
	for _, others := range o.others {
		n += others
	}
	return n
}

func (o *fileObjects) object(kind metav1.TypeMeta, raw []byte) error {
	o.position++
	if err := o.budget.keep(leastOfObject); err != nil {
		return err
	}
	switch kind {
	case metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}:
		var job batchv1.Job
		if err := decodeObject(kind, raw, &job); err != nil {
			return err
		}
		return o.addJob(&job)
	case metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}:
		var pod filePod
		if err := decodeObject(kind, raw, &pod); err != nil {
			return err
		}
		return o.addPod(pod.pod())
	case metav1.TypeMeta{APIVersion: "v1", Kind: "Event"}:
		var event corev1.Event
		if err := decodeObject(kind, raw, &event); err != nil {
			return err
		}
		return o.addEvent(&event)
	case metav1.TypeMeta{APIVersion: "events.k8s.io/v1", Kind: "Event"}:
		var event eventsv1.Event
		if err := decodeObject(kind, raw, &event); err != nil {
			return err
		}
		return o.addEvent(olderEvent(&event))
	default:
		if err := decodeObject(kind, raw, &struct{}{}); err != nil {
			return err
		}
		return o.addOther(describe(kind))
	}
}

// describe names a kind that tells us nothing; a Job of another group needs to
// be told from ours.
func describe(kind metav1.TypeMeta) string {
	switch kind.Kind {
	case "":
		return kindless
	case "Job", "Pod", "Event":
		if kind.APIVersion == "" {
			return kind.Kind + " without an apiVersion"
		}
		return kind.Kind + " of " + kind.APIVersion
	}
	return kind.Kind
}

// decodeObject fills a typed object; an error names the object, if it can.
func decodeObject(kind metav1.TypeMeta, raw []byte, into any) error {
	err := utiljson.Unmarshal(raw, into)
	if err == nil {
		return nil
	}
	var named struct{ Metadata json.RawMessage }
	var metadata struct{ Namespace, Name string }
	_ = json.Unmarshal(raw, &named)
	_ = json.Unmarshal(named.Metadata, &metadata)
	return fmt.Errorf("%s: %w", strings.TrimSpace(kind.Kind+" "+qualified(metadata.Namespace, metadata.Name)), err)
}

// oneLine takes line breaks out of a parser's message.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
