package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

const (
	entersScreen = "\x1b[?1049h"
	leavesScreen = "\x1b[?1049l"
	hidesCursor  = "\x1b[?25l"
	showsCursor  = "\x1b[?25h"
)

// TestTheTerminalIsRestored: however the live screen ends, on a terminal as
// Linux has them, it ends within a second, the terminal is as it was, and
// nothing runs on.
func TestTheTerminalIsRestored(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	watch, list := []string{"explain", "running", "--watch"}, []string{"list", "--watch"}
	for _, test := range []struct {
		name   string
		args   []string
		stalls string // the resource that the server never answers for
		shows  string // what is on the screen when it is to end
		end    func(keyboard *os.File, interrupt func())
		want   int
	}{
		{"q", watch, "", "q quits", press("q"), 0},
		{"Ctrl-C", watch, "", "q quits", press("\x03"), exitInterrupted},
		{"a signal", watch, "", "q quits", stop, exitInterrupted},
		{"Ctrl-C before anything was read", watch, "pods", "reading", press("\x03"), exitInterrupted},
		{"q before anything was read", watch, "pods", "reading", press("q"), 0},
		{"q in the table", list, "", "q quits", press("q"), 0},
		{"Esc in the table", list, "", "q quits", press("\x1b"), 0},
		{"Ctrl-C in the table", list, "", "q quits", press("\x03"), exitInterrupted},
		{"a signal in the table", list, "", "q quits", stop, exitInterrupted},
		{"a signal before anything was read", watch, "pods", "reading", stop, exitInterrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := clustertest.New(runningJob())
			defer server.Close()
			defer server.CloseClientConnections()
			if test.stalls != "" {
				server.On(test.stalls, clustertest.Forever, clustertest.Stall)
			}
			config := kubeconfigOf(t, server)
			screen := newScreen(t)
			before := screen.modes(t)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			ended := make(chan int, 1)
			go func() {
				ended <- run(ctx, screen.terminal(), append(test.args, "--kubeconfig", config))
			}()
			screen.await(t, test.shows)
			if reflect.DeepEqual(screen.modes(t), before) {
				t.Error("keys are not read one by one: the test proves nothing")
			}
			begin := time.Now()
			test.end(screen.master, interrupt)
			status := <-ended
			if took := time.Since(begin); took > time.Second {
				t.Errorf("it took %s", took)
			}
			if status != test.want {
				t.Errorf("exit status %d, want %d", status, test.want)
			}
			if after := screen.modes(t); !reflect.DeepEqual(after, before) {
				t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
			}
			drawn := screen.close(t)
			for _, pair := range [][2]string{{entersScreen, leavesScreen}, {hidesCursor, showsCursor}} {
				if strings.LastIndex(drawn, pair[0]) < 0 || strings.LastIndex(drawn, pair[1]) < strings.LastIndex(drawn, pair[0]) {
					t.Errorf("%q is not taken back by %q:\n%q", pair[0], pair[1], drawn)
				}
			}
		})
	}
}

// TestASignalRestoresATerminalThatNobodyReads: bubbletea hangs in its farewell.
func TestASignalRestoresATerminalThatNobodyReads(t *testing.T) {
	for _, args := range [][]string{{"explain", "running", "--watch"}, {"list", "--watch"}} {
		t.Run(args[0], func(t *testing.T) { testASignalRestores(t, args) })
	}
}

func testASignalRestores(t *testing.T, args []string) {
	t.Helper()
	server := clustertest.New(runningJob())
	defer server.Close()
	defer server.CloseClientConnections()
	screen := newScreen(t)
	before := screen.modes(t)
	c := program(t, server, args...)
	c.Stdin, c.Stdout, c.Stderr = screen.slave, screen.slave, screen.slave
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	screen.await(t, "q quits")
	screen.mu.Lock() // whoever looks waits
	screen.fill(t)
	end(t, c, syscall.SIGTERM)
	after := screen.modes(t)
	screen.mu.Unlock()
	screen.close(t)
	if !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
	}
}

// TestALiveScreenEndsWithItsError, which is shown where the screen was.
func TestALiveScreenEndsWithItsError(t *testing.T) {
	screen := newScreen(t)
	before, failed := screen.modes(t), errors.New("what it holds is too much")
	first := true
	err := play(t.Context(), screen.terminal(), false, newLiveTable(), telling(func(context.Context) (tea.Msg, error) {
		if first {
			first = false
			return jobsSeen(3), nil
		}
		return nil, failed
	}))
	if !errors.Is(err, failed) {
		t.Errorf("it ended with %v", err)
	}
	if after := screen.modes(t); !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
	}
	screen.close(t)
}

// TestATerminalIsAsItWas once a live screen is left that cannot leave by itself.
func TestATerminalIsAsItWas(t *testing.T) {
	screen := newScreen(t)
	before := screen.modes(t)
	restore := asItWas(screen.terminal())
	if _, err := term.MakeRaw(int(screen.slave.Fd())); err != nil {
		t.Fatal(err)
	}
	restore()
	if after := screen.modes(t); !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
	}
	drawn := screen.close(t)
	if !strings.Contains(drawn, leavesScreen) || !strings.Contains(drawn, showsCursor) {
		t.Errorf("drawn %q", drawn)
	}
}

func press(keys string) func(*os.File, func()) {
	return func(keyboard *os.File, _ func()) { _, _ = keyboard.WriteString(keys) }
}

// stop is what main makes of a signal.
func stop(_ *os.File, interrupt func()) { interrupt() }

// screen is a pseudo-terminal of 80 by 24: a program has the slave, and
// somebody at the master types and looks.
type screen struct {
	master, slave *os.File
	read          sync.WaitGroup

	mu    sync.Mutex
	drawn bytes.Buffer
	news  chan struct{}
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	s := &screen{master: master, slave: slave, news: make(chan struct{})}
	s.read.Go(s.look)
	return s
}

// look reads what is drawn until nobody can draw any more.
func (s *screen) look() {
	for part := make([]byte, 4096); ; {
		n, err := s.master.Read(part)
		s.mu.Lock()
		s.drawn.Write(part[:n])
		close(s.news)
		s.news = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) terminal() terminal.Terminal {
	return terminal.Terminal{
		In: s.slave, Out: s.slave, Err: s.slave, OutIsTTY: true, ErrIsTTY: true, Width: 80, Height: 24,
		LookupEnv: func(string) (string, bool) { return "", false }, Now: time.Now,
	}
}

// fill writes until there is no room for more.
func (s *screen) fill(t *testing.T) {
	t.Helper()
	fd, err := unix.Open(s.slave.Name(), unix.O_WRONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for idle := 0; idle < 5; { // what looks may take one part more
		if _, err := unix.Write(fd, []byte("........")); err != nil {
			idle++
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (s *screen) modes(t *testing.T) unix.Termios {
	t.Helper()
	modes, err := unix.IoctlGetTermios(int(s.slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *modes
}

// await waits until a text was drawn.
func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	tooLong := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		drawn, news := s.drawn.String(), s.news
		s.mu.Unlock()
		if strings.Contains(drawn, text) {
			return
		}
		select {
		case <-news:
		case <-tooLong:
			t.Fatalf("%q was not drawn:\n%q", text, drawn)
		}
	}
}

// close returns all that was drawn.
func (s *screen) close(t *testing.T) string {
	t.Helper()
	if err := s.slave.Close(); err != nil {
		t.Error(err)
	}
	s.read.Wait() // a terminal that nobody has open ends
	if err := s.master.Close(); err != nil {
		t.Error(err)
	}
	return s.drawn.String()
}
