package cmd

import (
	"fmt"
	"io"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// patience is how long a person waits before being told how far it is.
const patience = time.Second

// progress counts on a person's screen the pods that are read.
type progress struct {
	out   io.Writer
	now   func() time.Time
	start time.Time
	shown bool
}

// newProgress is what to tell of each page, nil where nobody looks.
func newProgress(t terminal.Terminal) func(pods int, done bool) {
	if !t.ErrIsTTY {
		return nil
	}
	p := &progress{out: t.Err, now: t.Now, start: t.Now()}
	return p.tell
}

const eraseLine = "\r\x1b[K"

func (p *progress) tell(pods int, done bool) {
	switch {
	case done && p.shown:
		fmt.Fprint(p.out, eraseLine)
		p.shown = false
	case !done && p.now().Sub(p.start) >= patience:
		fmt.Fprintf(p.out, "%s%d pods read", eraseLine, pods)
		p.shown = true
	}
}
