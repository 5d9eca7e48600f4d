package cmd

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// TestBrowseRestoresTheTerminal: however the interactive screen is left, and whatever
// became of the server meanwhile, it ends within a second, the terminal is as it was,
// and nothing runs on.
func TestBrowseRestoresTheTerminal(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, test := range []struct {
		name   string
		args   []string
		stalls string // the resource that the server never answers for
		shows  string
		meet   func(*clustertest.Server) // what happens to the server then
		told   string                    // what the screen says of it
		end    func(keyboard *os.File, interrupt func())
		want   int
	}{
		{name: "q", args: []string{"running"}, shows: "RUNNING", end: press("q")},
		{name: "y", args: []string{"running"}, shows: "RUNNING", end: press("y")},
		{name: "Ctrl-C", args: []string{"running"}, shows: "RUNNING", end: press("\x03"), want: exitInterrupted},
		{name: "a signal", args: []string{"running"}, shows: "RUNNING", end: stop, want: exitInterrupted},
		{name: "the table", shows: "Indexed Jobs of namespace default", end: press("q")},
		{name: "files", args: []string{"-f", example}, shows: "FAILED", end: press("q")},
		{name: "a frozen server", args: []string{"running"}, stalls: "pods", shows: "reading", end: press("q")},
		{name: "a frozen server and a signal", args: []string{"running"}, stalls: "pods", shows: "reading", end: stop, want: exitInterrupted},
		{name: "a table that does not come", stalls: "jobs", shows: "reading", end: press("\x03"), want: exitInterrupted},
		{
			name: "a killed server", args: []string{"running"}, shows: "RUNNING", told: "the server cannot be read", end: press("q"),
			meet: func(s *clustertest.Server) { s.CloseClientConnections(); s.Listener.Close() },
		},
		{
			name: "a server that freezes", args: []string{"running"}, shows: "RUNNING", told: "as of ", end: press("q"),
			meet: func(s *clustertest.Server) { s.On("jobs", clustertest.Forever, clustertest.Stall) },
		},
		{
			name: "a Job that is deleted", args: []string{"running"}, shows: "RUNNING", told: "The Job was deleted", end: press("q"),
			meet: func(s *clustertest.Server) { s.Remove("jobs", "default/running") },
		},
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
				ended <- run(ctx, screen.terminal(), append([]string{"browse", "--kubeconfig", config}, test.args...))
			}()
			screen.await(t, test.shows)
			if test.meet != nil {
				test.meet(server)
				screen.await(t, test.told)
			}
			begin := time.Now()
			test.end(screen.master, interrupt)
			if status := <-ended; status != test.want {
				t.Errorf("exit status %d, want %d", status, test.want)
			}
			if took := time.Since(begin); took > time.Second {
				t.Errorf("it took %s", took)
			}
			if after := screen.modes(t); !reflect.DeepEqual(after, before) {
				t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
			}
			isLeft(t, screen.close(t))
			if found := server.Violations(); len(found) > 0 {
				t.Error(found)
			}
		})
	}
}

// isLeft holds that all that was asked of a terminal is taken back.
func isLeft(t *testing.T, drawn string) {
	t.Helper()
	for _, pair := range [][2]string{{entersScreen, leavesScreen}, {hidesCursor, showsCursor}, {"\x1b[?1002h", "\x1b[?1002l"}, {"\x1b[?1006h", "\x1b[?1006l"}} {
		if strings.LastIndex(drawn, pair[0]) < 0 || strings.LastIndex(drawn, pair[1]) < strings.LastIndex(drawn, pair[0]) {
			t.Errorf("%q is not taken back by %q:\n%q", pair[0], pair[1], drawn)
		}
	}
}

// TestBrowseFromTheTableToALog and back again, by keys alone.
func TestBrowseFromTheTableToALog(t *testing.T) {
	objects, err := clustertest.LoadFile(examples + "/a-two-indexes-fail.yaml")
	if err != nil {
		t.Fatal(err)
	}
	server := clustertest.New(objects...)
	defer server.Close()
	defer server.CloseClientConnections()
	server.Write("default/two-indexes-fail-1-4qjr8/main", "the second attempt\x1b[2J\n")
	server.Write("default/two-indexes-fail-1-z7q47/main", "the first attempt\n")
	config := kubeconfigOf(t, server)
	screen := newScreen(t)
	ended := make(chan int, 1)
	go func() { ended <- run(t.Context(), screen.terminal(), []string{"browse", "--kubeconfig", config}) }()
	for _, step := range []struct{ keys, shows string }{
		{"", "two-indexes-fail"},
		{"\r", "succeeded on its first attempt"},
		{"n\r", "limit exceeded"},
		{"l", `the second attempt\x1b[2J`},
		{"[", "first"},
		{"\x1b", "main exited 1; 2 counted failures"},
	} {
		screen.forget()
		press(step.keys)(screen.master, nil)
		screen.await(t, step.shows)
	}
	press("y")(screen.master, nil)
	if status := <-ended; status != 0 {
		t.Errorf("exit status %d", status)
	}
	drawn := screen.close(t)
	if !strings.HasSuffix(drawn, "kubectl indexjob explain two-indexes-fail --kubeconfig "+config+" --index 1\r\n") {
		t.Errorf("the command is not left behind: %q", drawn[max(0, len(drawn)-300):])
	}
}

// forget begins anew, and returns what was drawn before.
func (s *screen) forget() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.drawn.Reset()
	return s.drawn.String()
}

// TestASignalRestoresABrowsedTerminalThatNobodyReads is as that of explain --watch.
func TestASignalRestoresABrowsedTerminalThatNobodyReads(t *testing.T) {
	server := clustertest.New(runningJob())
	defer server.Close()
	defer server.CloseClientConnections()
	screen := newScreen(t)
	before := screen.modes(t)
	c := program(t, server, "browse", "running")
	c.Stdin, c.Stdout, c.Stderr = screen.slave, screen.slave, screen.slave
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	screen.await(t, "RUNNING")
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

// shellOn runs a script in a session of its own, of which the screen is the terminal.
func (s *screen) shellOn(t *testing.T, server *clustertest.Server, script string) *exec.Cmd {
	t.Helper()
	c := program(t, server)
	shell := exec.CommandContext(t.Context(), "sh", "-c", script)
	shell.Dir, shell.Env = c.Dir, c.Env
	shell.Stdin, shell.Stdout, shell.Stderr = s.slave, s.slave, s.slave
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	return shell
}

// TestBrowseIsSuspended by Ctrl-Z, in a shell with job control, and comes back.
func TestBrowseIsSuspended(t *testing.T) {
	server := clustertest.New(runningJob())
	defer server.Close()
	defer server.CloseClientConnections()
	screen := newScreen(t)
	before := screen.modes(t)
	shell := screen.shellOn(t, server, "set -m; kubectl-indexjob browse running; echo now suspended; read go; fg; echo now left")
	screen.await(t, "RUNNING")
	press("\x1a")(screen.master, nil)
	screen.await(t, "now suspended")
	isLeft(t, screen.forget())
	if modes := screen.modes(t); modes.Lflag != before.Lflag || modes.Iflag != before.Iflag {
		t.Errorf("suspended, the terminal was\n%+v and is\n%+v", before, modes)
	}
	if err := unix.IoctlSetWinsize(int(screen.slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}); err != nil {
		t.Fatal(err)
	}
	press("\n")(screen.master, nil)
	screen.await(t, "RUNNING")
	press("q")(screen.master, nil)
	screen.await(t, "now left")
	if err := shell.Wait(); err != nil {
		t.Error(err)
	}
	if after := screen.modes(t); !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
	}
	isLeft(t, screen.close(t))
}

// TestBrowseIsNotSuspended where no shell would bring it back.
func TestBrowseIsNotSuspended(t *testing.T) {
	server := clustertest.New(runningJob())
	defer server.Close()
	defer server.CloseClientConnections()
	for _, script := range []string{"exec kubectl-indexjob browse running", "kubectl-indexjob browse running; true"} {
		screen := newScreen(t)
		shell := screen.shellOn(t, server, script)
		screen.await(t, "RUNNING")
		press("\x1a")(screen.master, nil)
		screen.await(t, "it is not suspended")
		press("q")(screen.master, nil)
		if err := shell.Wait(); err != nil {
			t.Error(err)
		}
		isLeft(t, screen.close(t))
	}
}

// TestBrowseReadsKeysBesideAFile that comes by the way of the keyboard.
func TestBrowseReadsKeysBesideAFile(t *testing.T) {
	server := clustertest.New()
	defer server.Close()
	file, err := filepath.Abs(example)
	if err != nil {
		t.Fatal(err)
	}
	screen := newScreen(t)
	before := screen.modes(t)
	shell := screen.shellOn(t, server, "cat '"+file+"' | kubectl-indexjob browse -f -")
	screen.await(t, "FAILED")
	press("q")(screen.master, nil)
	if err := shell.Wait(); err != nil {
		t.Error(err)
	}
	if after := screen.modes(t); !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
	}
	isLeft(t, screen.close(t))
}

// TestAStormOfSizes leaves the terminal as it was.
func TestAStormOfSizes(t *testing.T) {
	server := clustertest.New()
	defer server.Close()
	file, err := filepath.Abs(large)
	if err != nil {
		t.Fatal(err)
	}
	screen := newScreen(t)
	before := screen.modes(t)
	shell := screen.shellOn(t, server, "exec kubectl-indexjob browse -f '"+file+"'")
	screen.await(t, "RUNNING")
	random := rand.New(rand.NewPCG(18, 18))
	for range 300 {
		size := &unix.Winsize{Row: uint16(random.IntN(60)), Col: uint16(random.IntN(220))}
		if err := unix.IoctlSetWinsize(int(screen.slave.Fd()), unix.TIOCSWINSZ, size); err != nil {
			t.Fatal(err)
		}
		press(string("\rcnflpj"[random.IntN(7)]))(screen.master, nil)
	}
	if err := unix.IoctlSetWinsize(int(screen.slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	press("?")(screen.master, nil)
	screen.await(t, "WHAT IT DOES")
	press("qq")(screen.master, nil)
	if err := shell.Wait(); err != nil {
		t.Error(err)
	}
	if after := screen.modes(t); !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal was\n%+v and is\n%+v", before, after)
	}
	isLeft(t, screen.close(t))
}
