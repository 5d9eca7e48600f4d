//go:build unix

package cmd

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// jobsSeen is a look at so many Jobs, one of which has a hostile name.
func jobsSeen(n int) jobsLook {
	var jobs []batchv1.Job
	for i := range n {
		job := runningJob()
		job.Name, job.UID = fmt.Sprintf("running-%d", i), types.UID(fmt.Sprint(i))
		if i == 0 {
			job.Name = "a\x1b[2J\x1b]0;owned\a\nb" + strings.Repeat("\u202e", 9) + strings.Repeat("long", 90)
		}
		jobs = append(jobs, *job)
	}
	return jobsLook{list: replay.Summarize(jobs, noon)}
}

func newLiveTable() *liveTable {
	return &liveTable{live: live{now: func() time.Time { return noon }}, options: listOptions{namespace: "default"}}
}

func (s *liveTable) update(message tea.Msg) (quits bool) {
	_, command := s.Update(message)
	return command != nil
}

func TestTheLiveTableFits(t *testing.T) {
	for _, columns := range []view.Columns{{}, {Namespace: true, Wide: true}, {NoTitles: true}} {
		for _, jobs := range []int{0, 1, 5, 400} {
			s := newLiveTable()
			s.options.columns = columns
			s.update(jobsSeen(jobs))
			for _, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 200, Height: 50}, {Width: 40, Height: 10}, {Width: 24, Height: 3}, {Width: 80, Height: 1}} {
				s.update(size)
				drawn := s.View()
				lines := strings.Split(drawn.Content, "\n")
				if !drawn.AltScreen || len(lines) > size.Height {
					t.Errorf("%d Jobs on %dx%d: %d lines", jobs, size.Width, size.Height, len(lines))
				}
				for _, line := range lines {
					if len(line) > size.Width {
						t.Errorf("%d Jobs on %dx%d: %q is too wide", jobs, size.Width, size.Height, line)
					}
				}
				if size.Height > 1 && lines[len(lines)-1] != "q quits" || strings.Contains(drawn.Content, "\x1b") {
					t.Errorf("%d Jobs on %dx%d:\n%s", jobs, size.Width, size.Height, drawn.Content)
				}
			}
		}
	}
}

func TestTheLiveTableCountsWhatDoesNotFit(t *testing.T) {
	s := newLiveTable()
	s.update(jobsSeen(400))
	s.update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if got := s.View().Content; !strings.HasPrefix(got, "NAME ") || !strings.HasSuffix(got, "\nand 379 more Jobs: 379 Running\nq quits") {
		t.Errorf("got\n%s", got)
	}
}

func TestTheLiveTableIsLeft(t *testing.T) {
	s := newLiveTable()
	if s.update(jobsSeen(3)) || s.update(tea.KeyPressMsg{Code: 'x', Text: "x"}) {
		t.Error("it is left by itself")
	}
	if !s.update(tea.KeyPressMsg{Code: 'q', Text: "q"}) || !s.update(tea.KeyPressMsg{Code: tea.KeyEscape}) || s.interrupted {
		t.Error("q or Esc does not quit")
	}
	if !s.update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}) || !s.interrupted {
		t.Error("Ctrl-C does not interrupt")
	}
}

// What was seen stays in the table while the server cannot be read, and is told of
// what time it is.
func TestTheLiveTableTellsTrouble(t *testing.T) {
	s := newLiveTable()
	s.update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if got := s.View().Content; !strings.HasSuffix(got, "reading ...") {
		t.Errorf("at first:\n%s", got)
	}
	s.update(jobsSeen(0))
	if got := s.View().Content; got != "No Indexed Jobs found in namespace default.\nq quits" {
		t.Errorf("of nothing:\n%s", got)
	}
	s.update(jobsSeen(2))
	s.now = func() time.Time { return noon.Add(12 * time.Second) }
	troubled := jobsSeen(2)
	troubled.trouble, troubled.sureAt = errors.New("connection refused\x1b[2J"), noon
	s.update(troubled)
	if got := s.View().Content; !strings.HasPrefix(got, "NAME ") || !strings.Contains(got, "\nas of 12s ago; ") || !strings.Contains(got, "trying again: connection refused") || strings.Contains(got, "\x1b") {
		t.Errorf("in trouble:\n%s", got)
	}
	s.update(jobsSeen(2))
	if got := s.View().Content; !strings.HasSuffix(got, "\nq quits") {
		t.Errorf("after trouble:\n%s", got)
	}
}
