package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
)

// Text that kubectl, klog and cluster-info dump write beside objects: "2>&1" puts it
// among them, and no object has a line that begins so.
var (
	foreignLine = regexp.MustCompile(`^(Error from server|error: |Warning: |Unable to connect|The connection to the server|No resources found|[IWEF]\d{4} \d\d:\d\d:\d\d\.)`)
	logsBegin   = []byte("==== START logs ")
	logsEnd     = []byte("==== END logs ")
)

// Texts that people take for objects.
var (
	describeText = regexp.MustCompile(`^Name: +\S`)
	tableText    = regexp.MustCompile(`^(NAMESPACE +)?NAME +[A-Z]`)

	errDescribe = errors.New("it is the text of kubectl describe, which leaves out what is needed")
	errTable    = errors.New("it is the table of kubectl get, which leaves out what is needed")
	errWatch    = errors.New("it is what kubectl get --output-watch-events prints, which does not say what is there now")
)

// longestLine is how much of a line is looked at.
const longestLine = 256

// skipForeign reads over the lines that are no objects, and stops before the first
// that may be.
func (d *decoder) skipForeign(s *source) error {
	for {
		if _, err := s.firstByte(); err != nil {
			return err
		}
		begin, _ := s.Peek(longestLine)
		line, _, _ := bytes.Cut(begin, []byte("\n"))
		switch {
		case bytes.HasPrefix(line, logsBegin):
			if err := d.skipLogs(s); err != nil {
				return err
			}
		case foreignLine.Match(line):
			d.skipped(line)
			if err := s.skipLine(); err != nil {
				return err
			}
		case describeText.Match(line):
			return errDescribe
		case tableText.Match(line):
			return errTable
		default:
			return nil
		}
	}
}

// skipLogs reads over what a container wrote, which may look like anything.
func (d *decoder) skipLogs(s *source) error {
	for {
		begin, _ := s.Peek(len(logsEnd))
		isEnd := bytes.Equal(begin, logsEnd)
		if err := s.skipLine(); err != nil || isEnd {
			return err
		}
	}
}

// skipLine reads to the end of the line, however long it is.
func (s *source) skipLine() error {
	for {
		_, isPrefix, err := s.ReadLine()
		s.meter.reset()
		if err != nil || !isPrefix {
			return err
		}
	}
}

// textError is about a line that is neither an object nor known beside one.
func textError(line []byte, number int) error {
	return fmt.Errorf("line %d is no object: %q", number, bytes.TrimSpace(line[:min(len(line), 60)]))
}
