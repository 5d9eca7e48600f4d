package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

func TestProgress(t *testing.T) {
	var screen strings.Builder
	now := time.Unix(0, 0)
	at := terminal.Terminal{Err: &screen, ErrIsTTY: true, Now: func() time.Time { return now }}
	tell := newProgress(at)
	tell(500, false)
	now = now.Add(patience)
	tell(1000, false)
	tell(1500, false)
	tell(1500, true)
	tell(1500, true)
	if want := "\r\x1b[K1000 pods read\r\x1b[K1500 pods read\r\x1b[K"; screen.String() != want {
		t.Errorf("%q, want %q", screen.String(), want)
	}
	at.ErrIsTTY = false
	if newProgress(at) != nil {
		t.Error("nobody looks, and is told")
	}
}
