package view

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
)

// mostUnpacked is how much a browser may have to unpack.
const mostUnpacked = 24 << 20

// pack is data for the script: gzip in the letters of base64url, none of which has to
// be escaped anywhere. It never gets longer than its room.
type pack struct {
	room     int
	buffer   bytes.Buffer
	gzip     *gzip.Writer
	pending  int // bytes that may not have come to the buffer yet
	unpacked int
}

func newPack(room int) *pack {
	p := &pack{room: room}
	p.gzip = gzip.NewWriter(&p.buffer)
	return p
}

// gzipEnd is what closing may add: a header, a last block and a trailer.
const gzipEnd = 64

// add adds bytes, unless there is no room for them. What does not get shorter by
// packing gets longer by 5 bytes in 65,535.
func (p *pack) add(data []byte) bool {
	most := func() int {
		raw := p.pending + len(data)
		return base64.RawURLEncoding.EncodedLen(p.buffer.Len() + raw + raw>>10 + gzipEnd)
	}
	if most() > p.room {
		_ = p.gzip.Flush() // a buffer takes everything
		p.pending = 0
	}
	if most() > p.room || p.unpacked+len(data) > mostUnpacked {
		return false
	}
	_, _ = p.gzip.Write(data)
	p.pending += len(data)
	p.unpacked += len(data)
	return true
}

// addLine adds an object as JSON on a line of its own.
func (p *pack) addLine(object any) bool { return p.add(append(marshalled(object), '\n')) }

func (p *pack) text() string {
	_ = p.gzip.Close()
	return base64.RawURLEncoding.EncodeToString(p.buffer.Bytes())
}

// addAll adds a whole in pieces, each of which may find the room that packing those
// before it left. Where it fails the pack is of no use any more.
func (p *pack) addAll(data []byte) bool {
	for len(data) > 0 {
		n := min(len(data), 1<<15)
		if !p.add(data[:n]) {
			return false
		}
		data = data[n:]
	}
	return true
}

// packed is a whole, empty if there is no room for it.
func packed(data []byte, room int) string {
	p := newPack(room)
	if !p.addAll(data) {
		return ""
	}
	return p.text()
}

func marshalled(object any) []byte {
	data, err := json.Marshal(object)
	if err != nil {
		panic(err) // no field of the contract can fail to marshal
	}
	return data
}
