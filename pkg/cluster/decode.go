package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// errCutOff: the input ends in the middle of something.
var errCutOff = errors.New("it is cut off")

// maxNesting bounds Lists within Lists; kubectl writes one level.
const maxNesting = 4

// decoder streams the objects of evidence files, whatever their format.
type decoder struct {
	// object is given each object, and list the type and metadata of each List. The
	// bytes of an object are good until the next one.
	object func(metav1.TypeMeta, []byte) error
	list   func(metav1.TypeMeta, metav1.ObjectMeta) error
	// skipped is given each line beside the objects that was read over, hold how many
	// bytes have to be kept until their List says what they are.
	skipped func([]byte)
	hold    func(bytes int64) error
	// kindless are items whose List has not said yet what they are.
	kindless [][]byte

	text   bytes.Reader
	peeked jsonReader // of text
}

// decode reads a whole source.
func (d *decoder) decode(s *source) error {
	if err := d.skipForeign(s); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	first, err := s.firstByte()
	switch {
	case err != nil:
		return err
	case first == '{' || first == '[':
		return d.jsonDocuments(s)
	}
	return d.yamlDocuments(s)
}

// jsonDocuments reads JSON documents that follow one another.
func (d *decoder) jsonDocuments(s *source) error {
	stream := &jsonReader{Reader: s.Reader}
	for {
		if err := d.skipForeign(s); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		opening, err := stream.next()
		switch {
		case err != nil:
		case opening == '[':
			err = d.array(stream, s.meter.reset)
		case opening == '{':
			err = d.document(stream, s.meter.reset, 0)
		default:
			begin, _ := s.Peek(longestLine)
			line, _, _ := bytes.Cut(begin, []byte("\n"))
			err = textError(line, s.line())
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errCutOff
		}
		if err != nil {
			return err
		}
	}
}

// array reads a list of objects that no List holds.
func (d *decoder) array(stream *jsonReader, reset func()) error {
	before := len(d.kindless)
	if err := d.items(stream, metav1.TypeMeta{}, reset, 0); err != nil {
		return err
	}
	return d.tellKind(before, metav1.TypeMeta{})
}

// tellKind passes on the items that waited for it, which need not say what they are.
func (d *decoder) tellKind(from int, kind metav1.TypeMeta) error {
	waited := d.kindless[from:]
	d.kindless = d.kindless[:from]
	for _, raw := range waited {
		if err := d.object(kind, raw); err != nil {
			return err
		}
		if err := d.hold(-int64(len(raw))); err != nil {
			return err
		}
	}
	return nil
}

// document reads an object: a List item by item, anything else whole. kubectl
// sorts keys, so that the items come before it is known what they are items of.
func (d *decoder) document(stream *jsonReader, reset func(), depth int) error {
	fields := map[string]json.RawMessage{}
	isList, parts, before := false, 0, len(d.kindless)
	err := stream.fields(func(key string, opening byte) error {
		if key == "items" && depth < maxNesting && opening == '[' {
			isList = true
			return d.items(stream, itemType(typeOf(fields)), reset, depth)
		}
		raw, err := stream.value()
		if err != nil {
			return err
		}
		if key == "items" && depth < maxNesting {
			if string(raw) != "null" {
				return errNoList
			}
			return nil
		}
		if !json.Valid(raw) {
			return fmt.Errorf("%s: %w", key, json.Unmarshal(raw, new(any)))
		}
		fields[key] = append(json.RawMessage(nil), raw...)
		if parts += 1 + stream.parts; parts > maxParts {
			return errTooManyParts
		}
		return nil
	})
	if err != nil {
		return err
	}
	reset()
	kind := typeOf(fields)
	if isList || strings.HasSuffix(kind.Kind, "List") {
		if err := d.tellKind(before, itemType(kind)); err != nil {
			return err
		}
		return d.listMetadata(kind, fields["metadata"])
	}
	if kind.Kind == "" && fields["type"] != nil && fields["object"] != nil {
		return errWatch
	}
	whole, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return d.object(kind, whole)
}

// items reads a list of objects.
func (d *decoder) items(stream *jsonReader, inherited metav1.TypeMeta, reset func(), depth int) error {
	if err := stream.expect('['); err != nil {
		return err
	}
	return stream.each(']', func() error {
		raw, err := stream.value()
		if err != nil {
			return err
		}
		if err := d.item(raw, inherited, depth+1); err != nil {
			return err
		}
		reset()
		return nil
	})
}

// item takes one object as JSON. The items of a raw PodList do not say that
// they are pods: then the type is inherited from the list.
func (d *decoder) item(raw []byte, inherited metav1.TypeMeta, depth int) error {
	kind, err := d.peekType(raw)
	if err != nil {
		return fmt.Errorf("it holds something that is no Kubernetes object: %w", err)
	}
	if kind.Kind == "" {
		kind = inherited
	}
	if kind.Kind == "" {
		d.kindless = append(d.kindless, bytes.Clone(raw))
		return d.hold(int64(len(raw)))
	}
	if kind.Kind != "List" && !strings.HasSuffix(kind.Kind, "List") {
		return d.object(kind, raw)
	}
	if depth >= maxNesting {
		return fmt.Errorf("it has Lists within Lists, %d deep", depth)
	}
	return d.document(newJSONReader(raw), func() {}, depth)
}

// errNoList: items of nothing.
var errNoList = errors.New("its items are no list")

// errFound ends a search.
var errFound = errors.New("found")

// peekType reads of an object what it is. kubectl writes that first, so that
// seldom more than the first two fields need be looked at.
func (d *decoder) peekType(raw []byte) (kind metav1.TypeMeta, err error) {
	if d.peeked.Reader == nil {
		d.peeked.Reader = bufio.NewReaderSize(nil, 256)
	}
	d.text.Reset(raw)
	d.peeked.Reset(&d.text)
	err = d.peeked.fields(func(key string, _ byte) error {
		value, err := d.peeked.value()
		if err != nil {
			return err
		}
		switch key {
		case "apiVersion":
			err = json.Unmarshal(value, &kind.APIVersion)
		case "kind":
			err = json.Unmarshal(value, &kind.Kind)
		}
		if err == nil && kind.APIVersion != "" && kind.Kind != "" {
			return errFound
		}
		return err
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return kind, err
}

// listMetadata passes on what a List says of itself, after its items.
func (d *decoder) listMetadata(kind metav1.TypeMeta, raw []byte) error {
	var metadata metav1.ObjectMeta
	if len(raw) > 0 && utiljson.Unmarshal(raw, &metadata) != nil {
		metadata = metav1.ObjectMeta{}
	}
	return d.list(kind, metadata)
}

func typeOf(fields map[string]json.RawMessage) metav1.TypeMeta {
	var kind metav1.TypeMeta
	_ = json.Unmarshal(fields["kind"], &kind.Kind)
	_ = json.Unmarshal(fields["apiVersion"], &kind.APIVersion)
	return kind
}

// itemType is what the items of a PodList are.
func itemType(list metav1.TypeMeta) metav1.TypeMeta {
	list.Kind = strings.TrimSuffix(list.Kind, "List")
	return list
}
