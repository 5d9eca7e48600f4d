package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// harmless is how large a message may be without its parts being counted: what is
// made of it fits into memory, whatever it is.
const harmless = 64 << 10

// checkParts counts the parts of one object before it is decoded.
func checkParts(object []byte) error {
	switch {
	case len(object) <= harmless:
		return nil
	case len(object) > maxObject:
		return errTooLarge
	case bytes.HasPrefix(object, protobufMagic):
		if protobufParts(object) > maxParts {
			return errTooManyParts
		}
		return nil
	}
	_, err := newJSONReader(object).value()
	return err
}

// protobufParts is how many fields a message has, and all within it, at most: a
// text that could be a message is taken for one.
func protobufParts(message []byte) (parts int) {
	within := [][]byte{message}
	for len(within) > 0 && parts <= maxParts {
		message, within = bytes.TrimPrefix(within[len(within)-1], protobufMagic), within[:len(within)-1]
		// What a decoder stumbles over comes after what it has made already.
		_ = eachField(message, func(f field) error {
			if parts++; parts > maxParts {
				return errTooManyParts
			}
			if len(f.value) > 0 {
				within = append(within, f.value)
			}
			return nil
		})
	}
	return parts
}

// decodeList decodes a list item by item: decoded whole, two bytes take as much as
// a Job does.
func decodeList(body []byte, list runtime.Object, newObject func() runtime.Object) error {
	var items []runtime.Object
	var metadata metav1.ListMeta
	page := budget{maxPage}
	add := func(decode func(runtime.Object) error) error {
		object := newObject()
		if err := decode(object); err != nil {
			return err
		}
		items = append(items, object)
		return page.keep(footprint(reflect.ValueOf(object)))
	}
	decode := decodeJSONList
	if bytes.HasPrefix(body, protobufMagic) {
		decode = decodeProtobufList
	}
	if err := decode(body, &metadata, add); err != nil {
		return fmt.Errorf("decoding a page: %w", err)
	}
	if accessor, err := meta.ListAccessor(list); err == nil {
		accessor.SetContinue(metadata.Continue)
		accessor.SetResourceVersion(metadata.ResourceVersion)
	}
	return meta.SetList(list, items)
}

// addItem is given how to decode the next item.
type addItem func(decode func(runtime.Object) error) error

func decodeProtobufList(body []byte, metadata *metav1.ListMeta, add addItem) error {
	kind, list, err := openEnvelope(body)
	if err != nil {
		return err
	}
	if err := checkList(kind); err != nil {
		return err
	}
	return eachField(list, func(f field) error {
		switch f.number {
		case listMetadata:
			return metadata.Unmarshal(f.value)
		case listItems:
			if len(f.value) > harmless && protobufParts(f.value) > maxParts {
				return errTooManyParts
			}
			return add(func(object runtime.Object) error {
				return object.(interface{ Unmarshal([]byte) error }).Unmarshal(f.value)
			})
		}
		return nil
	})
}

func decodeJSONList(body []byte, metadata *metav1.ListMeta, add addItem) error {
	stream := newJSONReader(body)
	var kind metav1.TypeMeta
	err := stream.fields(func(key string, opening byte) error {
		if key == "items" && opening == '[' {
			_, _ = stream.Discard(1) // it was just looked at
			return stream.each(']', func() error {
				raw, err := stream.value()
				if err != nil {
					return err
				}
				return add(func(object runtime.Object) error { return utiljson.Unmarshal(raw, object) })
			})
		}
		raw, err := stream.value()
		if err != nil {
			return err
		}
		switch key {
		case "items":
			if string(raw) != "null" {
				return errNoList
			}
		case "metadata":
			return json.Unmarshal(raw, metadata)
		case "kind":
			return json.Unmarshal(raw, &kind.Kind)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return checkList(kind)
}

// checkList: nothing else is taken for an empty list.
func checkList(kind metav1.TypeMeta) error {
	if !strings.HasSuffix(kind.Kind, "List") {
		return fmt.Errorf("it is no list but %s", describe(kind))
	}
	return nil
}
