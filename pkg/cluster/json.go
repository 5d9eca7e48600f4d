package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// jsonReader takes JSON apart into the values of its outer lists and objects.
// It finds where a value ends and nothing more: whoever decodes the value sees
// whether it is JSON. encoding/json's own Decoder scans every byte three times,
// which for a gigabyte of pods is most of the time.
type jsonReader struct {
	*bufio.Reader
	buffer []byte // of the value that was read last
	parts  int    // that it has
}

func newJSONReader(text []byte) *jsonReader {
	return &jsonReader{Reader: bufio.NewReader(bytes.NewReader(text))}
}

// next is the first byte that is no white space, left unread.
func (r *jsonReader) next() (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return b, r.UnreadByte()
	}
}

// expect reads a byte that must come next.
func (r *jsonReader) expect(want byte) error {
	b, err := r.next()
	if err != nil {
		return err
	}
	if b != want {
		return fmt.Errorf("there is %s in place of %s", beginning(b), beginning(want))
	}
	_, err = r.Discard(1)
	return err
}

// each calls visit for every element up to the bracket that closes; the one
// that opens was read. visit must read the element.
func (r *jsonReader) each(closing byte, visit func() error) error {
	for first := true; ; first = false {
		b, err := r.next()
		if err != nil {
			return err
		}
		if b == closing && first {
			_, err := r.Discard(1)
			return err
		}
		if !first {
			if _, err := r.Discard(1); err != nil {
				return err
			}
			switch b {
			case closing:
				return nil
			case ',':
			default:
				return fmt.Errorf("invalid character %q after an element", b)
			}
		}
		if err := visit(); err != nil {
			return err
		}
	}
}

// fields calls visit for every field of an object, with the first byte of its value,
// which visit must read.
func (r *jsonReader) fields(visit func(key string, opening byte) error) error {
	if err := r.expect('{'); err != nil {
		return err
	}
	return r.each('}', func() error {
		key, err := r.key()
		if err != nil {
			return err
		}
		opening, err := r.next()
		if err != nil {
			return err
		}
		return visit(key, opening)
	})
}

// key reads the name of a field and its colon.
func (r *jsonReader) key() (string, error) {
	raw, err := r.value()
	if err != nil {
		return "", err
	}
	var key string
	if err := json.Unmarshal(raw, &key); err != nil {
		return "", err
	}
	return key, r.expect(':')
}

// value reads a value to its end. It is good until the next one is read.
func (r *jsonReader) value() ([]byte, error) {
	first, err := r.next()
	if err != nil {
		return nil, err
	}
	r.buffer = r.buffer[:0]
	end := valueEnd{bare: first != '{' && first != '[' && first != '"'}
	for {
		if _, err := r.Peek(1); err != nil {
			if end.bare && errors.Is(err, io.EOF) && len(r.buffer) > 0 {
				return r.buffer, nil
			}
			return nil, err
		}
		part, err := r.Peek(r.Buffered())
		if err != nil {
			return nil, err
		}
		n, ended := end.find(part)
		r.buffer = append(r.buffer, part[:n]...)
		if _, err := r.Discard(n); err != nil {
			return nil, err
		}
		if r.parts = end.parts; r.parts > maxParts {
			return nil, errTooManyParts
		}
		if ended {
			if len(r.buffer) == 0 {
				return nil, errors.New("a value is missing")
			}
			return r.buffer, nil
		}
	}
}

// valueEnd looks for the end of a value that comes in parts.
type valueEnd struct {
	depth, parts      int
	inString, escaped bool
	bare              bool // a number, true, false or null: it ends before what cannot be of it
}

// find is how many bytes of part belong to the value, and whether it ends there.
func (v *valueEnd) find(part []byte) (n int, ended bool) {
	for i := 0; i < len(part); i++ {
		if v.inString {
			switch c := part[i]; {
			case v.escaped:
				v.escaped = false
			case c == '\\':
				v.escaped = true
			case c == '"':
				if v.inString = false; v.depth == 0 {
					return i + 1, true
				}
			}
			continue
		}
		switch part[i] {
		case '"':
			v.inString = true
		case '{', '[':
			v.depth++
			v.parts++
		case '}', ']':
			if v.bare {
				return i, true
			}
			if v.depth--; v.depth == 0 {
				return i + 1, true
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if v.bare {
				return i, true
			}
			if part[i] == ',' {
				v.parts++
			}
		}
	}
	return len(part), false
}
