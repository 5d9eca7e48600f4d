package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// maxLine is how long a line of a log may get; a longer one is broken, so that
// a log without line breaks takes no more memory than that.
const maxLine = 1 << 20

// logPrinter writes lines of several logs, each line whole.
type logPrinter struct {
	mu       sync.Mutex
	out, err io.Writer
	prefixed bool
	color    bool
	printed  int // logs that could be opened
}

func (p *logPrinter) print(source logSource, open func() (io.ReadCloser, error)) error {
	stream, err := open()
	var none *cluster.NoLog
	switch {
	case errors.As(err, &none):
		return p.none(source, none.Because)
	case err != nil:
		return err
	}
	defer stream.Close()
	p.opened()
	line := func(text string, _ bool) error { return p.line(source, text) }
	rest, err := eachLine(stream, line)
	if broken := (*brokenLog)(nil); errors.As(err, &broken) {
		return fmt.Errorf("reading a log to its end: %w\nhint: try again; --since leaves out what was read already", broken.error)
	}
	if err == nil && rest != "" {
		err = line(rest, true)
	}
	return err
}

func (p *logPrinter) opened() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.printed++
}

// line writes a line of a log.
func (p *logPrinter) line(source logSource, text string) error {
	prefix := ""
	if p.prefixed {
		prefix = view.LogPrefix(source.index, source.attempt, p.color)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := io.WriteString(p.out, prefix+terminal.SanitizeLog(text)+"\n")
	return err
}

// none says why an attempt has no log.
func (p *logPrinter) none(source logSource, because string) error {
	return p.note(source.String() + ": no log: " + because)
}

// note writes a line beside the logs.
func (p *logPrinter) note(words string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := fmt.Fprintln(p.err, terminal.SanitizeLine(words))
	return err
}

// brokenLog is why a log could not be read to its end.
type brokenLog struct{ error }

// Unwrap lets callers see what it is.
func (b *brokenLog) Unwrap() error { return b.error }

// eachLine hands over the lines of a log, those that are too long piece by piece.
// It returns what comes after the last line break.
func eachLine(stream io.Reader, take func(text string, isBegin bool) error) (rest string, err error) {
	isBegin := true
	for reader := bufio.NewReaderSize(stream, maxLine); ; {
		line, err := reader.ReadSlice('\n')
		isPiece := errors.Is(err, bufio.ErrBufferFull)
		switch text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"); {
		case errors.Is(err, io.EOF):
			return text, nil
		case err != nil && !isPiece:
			return text, &brokenLog{err}
		default:
			if err := take(text, isBegin); err != nil {
				return "", err
			}
		}
		isBegin = !isPiece
	}
}
