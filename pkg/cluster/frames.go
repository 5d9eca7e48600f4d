package cluster

import (
	"encoding/binary"
	"io"
	"net/http"
	"strings"
)

// frames ends a watch whose next event is larger, or has more parts, than any
// object: client-go reads an event whole, however long it is.
func frames(response *http.Response) io.ReadCloser {
	if strings.Contains(response.Header.Get("Content-Type"), "protobuf") {
		return &protobufFrames{ReadCloser: response.Body}
	}
	return &jsonFrames{ReadCloser: response.Body}
}

// jsonFrames are JSON objects one after the other.
type jsonFrames struct {
	io.ReadCloser
	end  valueEnd
	size int // of what was read of one; 0 between two
}

func (f *jsonFrames) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	for rest := p[:n]; len(rest) > 0; {
		if f.size == 0 {
			f.end = valueEnd{}
		}
		read, ended := f.end.find(rest)
		switch f.size += read; {
		case f.size > maxObject:
			return n, errTooLarge
		case f.end.parts > maxParts:
			return n, errTooManyParts
		case ended:
			f.size = 0
		}
		rest = rest[read:]
	}
	return n, err
}

// protobufFrames are messages after their lengths. Each is read whole, as
// client-go does, and handed on when its parts have been counted.
type protobufFrames struct {
	io.ReadCloser
	buffer, rest []byte
}

const ofLength = 4

func (f *protobufFrames) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *protobufFrames) next() error {
	var length [ofLength]byte
	if _, err := io.ReadFull(f.ReadCloser, length[:]); err != nil {
		return err
	}
	size := int64(binary.BigEndian.Uint32(length[:]))
	if size > maxObject {
		return errTooLarge
	}
	f.buffer = append(f.buffer[:0], length[:]...)
	f.buffer = append(f.buffer, make([]byte, size)...)
	if _, err := io.ReadFull(f.ReadCloser, f.buffer[ofLength:]); err != nil {
		return err
	}
	f.rest = f.buffer
	if size > harmless && protobufParts(f.buffer[ofLength:]) > maxParts {
		return errTooManyParts
	}
	return nil
}
