package cluster

import (
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
	// object is given each object, and list the metadata of each List.
	object func(metav1.TypeMeta, []byte) error
	list   func(metav1.ObjectMeta)
}

// decode reads a whole source.
func (d *decoder) decode(s *source) error {
	first, err := s.firstByte()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case first == '{' || first == '[':
		return d.jsonDocuments(s)
	}
	return d.yamlDocuments(s)
}

// jsonDocuments reads JSON documents that follow one another.
func (d *decoder) jsonDocuments(s *source) error {
	stream := json.NewDecoder(s)
	for {
		opening, err := stream.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case opening == json.Delim('['):
			err = d.items(stream, metav1.TypeMeta{}, s.meter.reset, 0)
		case opening == json.Delim('{'):
			err = d.document(stream, s.meter.reset, 0)
		default:
			err = fmt.Errorf("it holds the bare value %v", opening)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errCutOff
		}
		if err != nil {
			return err
		}
	}
}

// document reads the rest of an object whose brace is open: a List item by
// item, anything else whole. kubectl sorts keys, so that the items come before
// it is known what they are items of.
func (d *decoder) document(stream *json.Decoder, reset func(), depth int) error {
	fields := map[string]json.RawMessage{}
	isList := false
	for stream.More() {
		token, err := stream.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if key == "items" && depth < maxNesting {
			opening, err := stream.Token()
			if err != nil {
				return err
			}
			if opening == json.Delim('[') {
				isList = true
				if err := d.items(stream, itemType(typeOf(fields)), reset, depth); err != nil {
					return err
				}
				continue
			}
			if opening != nil {
				return fmt.Errorf("its items are no list")
			}
			continue
		}
		var value json.RawMessage
		if err := stream.Decode(&value); err != nil {
			return err
		}
		fields[key] = value
	}
	if _, err := stream.Token(); err != nil {
		return err
	}
	reset()
	kind := typeOf(fields)
	if isList || strings.HasSuffix(kind.Kind, "List") {
		d.listMetadata(fields["metadata"])
		return nil
	}
	whole, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return d.object(kind, whole)
}

// items reads the rest of a list whose bracket is open.
func (d *decoder) items(stream *json.Decoder, inherited metav1.TypeMeta, reset func(), depth int) error {
	for stream.More() {
		var raw json.RawMessage
		if err := stream.Decode(&raw); err != nil {
			return err
		}
		if err := d.item(raw, inherited, depth+1); err != nil {
			return err
		}
		reset()
	}
	_, err := stream.Token()
	return err
}

// item takes one object as JSON. The items of a raw PodList do not say that
// they are pods: then the type is inherited from the list.
func (d *decoder) item(raw []byte, inherited metav1.TypeMeta, depth int) error {
	var kind metav1.TypeMeta
	if err := utiljson.Unmarshal(raw, &kind); err != nil {
		return fmt.Errorf("it holds something that is no Kubernetes object: %w", err)
	}
	if kind.Kind == "" {
		kind = inherited
	}
	if kind.Kind != "List" && !strings.HasSuffix(kind.Kind, "List") {
		return d.object(kind, raw)
	}
	if depth >= maxNesting {
		return fmt.Errorf("it has Lists within Lists, %d deep", depth)
	}
	stream := json.NewDecoder(bytes.NewReader(raw))
	if _, err := stream.Token(); err != nil {
		return err
	}
	return d.document(stream, func() {}, depth)
}

func (d *decoder) listMetadata(raw []byte) {
	var metadata metav1.ObjectMeta
	if len(raw) > 0 && utiljson.Unmarshal(raw, &metadata) == nil {
		d.list(metadata)
	}
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
