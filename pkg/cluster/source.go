package cluster

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/text/encoding/unicode"
)

// chunk is how much is read at a time.
const chunk = 64 << 10

// source is one evidence file, open: unpacked, in UTF-8, and metered.
type source struct {
	*bufio.Reader
	io.Closer
	meter *meter
}

// open opens a file, or standard input for "-".
func open(ctx context.Context, name string, stdin io.Reader) (*source, error) {
	if name == "-" {
		return newSource(ctx, io.NopCloser(stdin))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w\nhint: -f takes files, directories, or - for standard input", err)
	}
	return newSource(ctx, file)
}

// newSource reads on. Gzip and UTF-16, which PowerShell's ">" writes, are read as
// if they were not there.
func newSource(ctx context.Context, file io.ReadCloser) (*source, error) {
	s := &source{meter: &meter{left: maxObject}, Closer: file}
	reader := io.Reader(file)
	if ctx.Done() != nil {
		reader = &interruptible{ctx: ctx, source: reader, buffer: make([]byte, chunk)}
	}
	buffered := bufio.NewReaderSize(reader, chunk)
	reader = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("unpacking it: %w\nhint: it begins like a gzip file; pack it again", err)
		}
		buffered = bufio.NewReader(unpacked)
		reader = buffered
	}
	switch mark, _ := buffered.Peek(3); {
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		reader = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(buffered)
	case bytes.Equal(mark, []byte{0xef, 0xbb, 0xbf}):
		_, _ = buffered.Discard(len(mark)) // they were just peeked at
	}
	s.meter.source = reader
	s.Reader = bufio.NewReaderSize(s.meter, chunk)
	return s, nil
}

// firstByte is the first one that is no white space, left unread.
func (s *source) firstByte() (byte, error) {
	for {
		b, err := s.ReadByte()
		if err != nil {
			return 0, err
		}
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return b, s.UnreadByte()
	}
}

// line is the number of the line that is read next.
func (s *source) line() int {
	unread, _ := s.Peek(s.Buffered())
	return 1 + s.meter.lines - bytes.Count(unread, []byte("\n"))
}

// meter gives up where a single object grows beyond all bounds. It counts lines.
type meter struct {
	source io.Reader
	left   int
	lines  int
}

func (m *meter) reset() { m.left = maxObject }

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errTooLarge
	}
	n, err := m.source.Read(p)
	m.left -= n
	m.lines += bytes.Count(p[:n], []byte("\n"))
	return n, err
}

// interruptible ends a read when the context does: standard input and pipes
// may keep us waiting for ever.
type interruptible struct {
	ctx    context.Context
	source io.Reader
	buffer []byte
}

func (r *interruptible) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	part := r.buffer[:min(len(p), len(r.buffer))]
	go func() {
		n, err := r.source.Read(part)
		done <- result{n, err}
	}()
	select {
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	case got := <-done:
		return copy(p, part[:got.n]), got.err
	}
}
