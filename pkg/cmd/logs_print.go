package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
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
		p.mu.Lock()
		defer p.mu.Unlock()
		_, err := fmt.Fprintln(p.err, terminal.SanitizeLine(source.String()+": no log: "+none.Because))
		return err
	case err != nil:
		return err
	}
	defer stream.Close()
	p.mu.Lock()
	p.printed++
	p.mu.Unlock()
	prefix := ""
	if p.prefixed {
		prefix = view.LogPrefix(source.index, source.attempt, p.color)
	}
	return p.copy(prefix, stream)
}

func (p *logPrinter) copy(prefix string, stream io.Reader) error {
	for reader := bufio.NewReaderSize(stream, maxLine); ; {
		line, _, err := reader.ReadLine()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading a log to its end: %w\nhint: try again; --since leaves out what was read already", err)
		}
		if err := p.line(prefix + terminal.SanitizeLog(string(line)) + "\n"); err != nil {
			return err
		}
	}
}

func (p *logPrinter) line(text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := io.WriteString(p.out, text)
	return err
}
