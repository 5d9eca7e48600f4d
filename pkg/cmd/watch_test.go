package cmd

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

func exampleLook(t *testing.T) look {
	t.Helper()
	seen, err := cluster.ReadFiles(context.Background(), []string{examples + "/c-preempted-failed-retried.yaml"}, nil, "", cluster.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	return look{explanation: replay.Explain(seen, seen.ObservedAt)}
}

func newLiveScreen(over bool) *liveScreen {
	return &liveScreen{
		result: explainOptions{command: func(job string) []string { return []string{"kubectl", "indexjob", "explain", job} }},
		isOver: func(*v1alpha1.Explanation) bool { return over },
		live:   live{now: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }},
	}
}

// update gives a message to the screen, and tells whether it quits.
func (s *liveScreen) update(message tea.Msg) (quits bool) {
	_, command := s.Update(message)
	return command != nil
}

func TestTheLiveScreenFits(t *testing.T) {
	s := newLiveScreen(false)
	s.update(exampleLook(t))
	for _, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 40, Height: 10}, {Width: 200, Height: 60}, {Width: 24, Height: 3}} {
		s.update(size)
		drawn := s.View()
		lines := strings.Split(drawn.Content, "\n")
		if !drawn.AltScreen || len(lines) > size.Height {
			t.Errorf("%dx%d: %d lines", size.Width, size.Height, len(lines))
		}
		for _, line := range lines {
			if len(line) > size.Width {
				t.Errorf("%dx%d: %q is too wide", size.Width, size.Height, line)
			}
		}
		if !strings.HasPrefix(drawn.Content, "FAILED") || lines[len(lines)-1] != "q quits" {
			t.Errorf("%dx%d:\n%s", size.Width, size.Height, drawn.Content)
		}
	}
}

// TestAScreenOfOneLine shows one.
func TestAScreenOfOneLine(t *testing.T) {
	s := newLiveScreen(false)
	s.update(exampleLook(t))
	s.update(tea.WindowSizeMsg{Width: 80, Height: 1})
	if got := s.View().Content; !strings.HasPrefix(got, "FAILED") || strings.Contains(got, "\n") {
		t.Errorf("live:\n%s", got)
	}
	for height, want := range map[int]int{1: 1, 2: 1, 3: 2, 24: 23} {
		flags := newExplainFlags(newConnectionFlags())
		flags.Filenames = []string{"absent.yaml"}
		options, err := flags.toOptions(nil, terminal.Terminal{OutIsTTY: true, Width: 80, Height: height, LookupEnv: func(string) (string, bool) { return "", false }})
		if err != nil || options.screen.Height != want {
			t.Errorf("of %d lines it takes %d, want %d (%v)", height, options.screen.Height, want, err)
		}
		options.command = func(job string) []string { return nil }
		if drawn := options.draw(exampleLook(t).explanation, choice{}, nil); strings.Count(drawn, "\n") > want {
			t.Errorf("%d lines of %d", strings.Count(drawn, "\n"), want)
		}
	}
}

func TestTheLiveScreenIsLeft(t *testing.T) {
	s := newLiveScreen(false)
	if s.update(look{}) || s.update(exampleLook(t)) || s.update(tea.KeyPressMsg{Code: 'x', Text: "x"}) {
		t.Error("it is left by itself")
	}
	if !s.update(tea.KeyPressMsg{Code: 'q', Text: "q"}) || s.interrupted || s.over {
		t.Error("q does not quit")
	}
	if !s.update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}) || !s.interrupted {
		t.Error("Ctrl-C does not interrupt")
	}
	if over := newLiveScreen(true); !over.update(exampleLook(t)) || !over.over {
		t.Error("a finished Job does not end it")
	}
}

// What was seen stays on the screen while the server cannot be read.
func TestTheLiveScreenTellsTrouble(t *testing.T) {
	s := newLiveScreen(false)
	s.update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if got := s.View().Content; !strings.HasSuffix(got, "reading ...") {
		t.Errorf("at first:\n%s", got)
	}
	s.update(exampleLook(t))
	sure := s.now()
	s.now = func() time.Time { return sure.Add(12 * time.Second) }
	s.update(look{trouble: errors.New("connection refused\x1b[2J"), sureAt: sure})
	got := s.View().Content
	if !strings.HasPrefix(got, "FAILED") || !strings.Contains(got, "\nas of 12s ago; ") || !strings.Contains(got, "trying again: connection refused") || strings.Contains(got, "\x1b") {
		t.Errorf("in trouble:\n%s", got)
	}
}
