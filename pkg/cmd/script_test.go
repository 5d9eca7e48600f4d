package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kubectl-indexjob": func() { os.Exit(Main(os.Args[1:])) },
		"deaf":             func() { os.Exit(underSignals(deaf)) },
	})
}

const examples = "../../hack/examples"

// TestScript runs the real program against an API server of its own in each
// script, which the script fills and breaks with the command server:
//
//	server load FILE...            serve these objects
//	server remove RESOURCE NAME    serve namespace/name no longer
//	server write CONTAINER TEXT    add to the log of namespace/pod/container
//	server fault RESOURCE FAULT N  meet the next N requests for it with a fault, or all with N = -1
//	server watches end|forget|cut  end open watches, forget what they were told, or cut them
//	server logs end|rotate NAME    end logs that are followed, or let go of what one holds
//	server await TEXT              wait for a request with that text
//	server requests N TEXT         there were N requests with that text
//
// status N ARGS runs the program and wants an exit status; tells FILE TEXT waits
// until a program that runs in the background has written a text.
//
// Whatever is not GET fails the script.
func TestScript(t *testing.T) {
	absolute, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			server := clustertest.New()
			env.Values["server"] = server
			env.Setenv("EXAMPLES", absolute)
			env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, "kubeconfig"))
			env.Setenv("URL", server.URL)
			env.Defer(func() {
				server.CloseClientConnections()
				server.Close()
				if violations := server.Violations(); len(violations) > 0 {
					t.Errorf("the server was sent %q", violations)
				}
			})
			return os.WriteFile(filepath.Join(env.WorkDir, "kubeconfig"), []byte(fmt.Sprintf(kubeconfig, server.URL)), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": command,
			"status": exitedWith,
			"tells":  tells,
		},
	})
}

// kubeconfigOf names a file that leads to a server.
func kubeconfigOf(t *testing.T, server *clustertest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(fmt.Sprintf(kubeconfig, server.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const kubeconfig = `apiVersion: v1
kind: Config
current-context: test
contexts:
- name: test
  context: {cluster: test, user: test, namespace: default}
clusters:
- name: test
  cluster: {server: %q}
users:
- name: test
  user: {}
`

var faults = map[string]clustertest.Fault{
	"pass":    clustertest.Pass,
	"forbid":  clustertest.Forbid,
	"expire":  clustertest.Expire,
	"busy":    clustertest.Busy,
	"hours":   clustertest.BusyFor(3600),
	"break":   clustertest.Break,
	"stall":   clustertest.Stall,
	"endless": clustertest.Endless,
	"html":    clustertest.HTML,
	"lost":    clustertest.NodeLost,
	"waits":   clustertest.NotStarted,
	"warn":    clustertest.Warn("batch/v1 Job is \u202efine, this is a test"),
}

func command(ts *testscript.TestScript, neg bool, args []string) {
	server := ts.Value("server").(*clustertest.Server)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: server load|remove|fault|await|requests ...")
	}
	switch verb, args := args[0], args[1:]; verb {
	case "load":
		for _, file := range args {
			objects, err := clustertest.LoadFile(ts.MkAbs(file))
			ts.Check(err)
			server.Put(objects...)
		}
	case "fault":
		times, err := strconv.Atoi(args[2])
		ts.Check(err)
		fault, ok := faults[args[1]]
		if args[1] == "cut" {
			fault, ok = server.Cut, true
		}
		if !ok {
			ts.Fatalf("no fault %s", args[1])
		}
		server.On(args[0], times, fault)
	case "write":
		text, err := strconv.Unquote(`"` + args[1] + `"`)
		ts.Check(err)
		server.Write(args[0], text)
	case "remove":
		server.Remove(args[0], args[1])
	case "watches":
		switch args[0] {
		case "end":
			server.EndWatches()
		case "forget":
			server.Forget()
		case "cut":
			server.CloseClientConnections()
		default:
			ts.Fatalf("watches end, forget or are cut")
		}
	case "logs":
		switch args[0] {
		case "end":
			server.EndLogs()
		case "rotate":
			server.Rotate(args[1])
		default:
			ts.Fatalf("logs end or are rotated")
		}
	case "await":
		server.Await(args[0])
	case "requests":
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		got := 0
		for _, request := range server.Requests() {
			if strings.Contains(request, args[1]) {
				got++
			}
		}
		if got != want {
			ts.Fatalf("%d requests with %s, want %d:\n%s", got, args[1], want, strings.Join(server.Requests(), "\n"))
		}
	default:
		ts.Fatalf("no server command %s", verb)
	}
}

// exitedWith runs the program and wants an exit status: status 2 explain ...
func exitedWith(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("kubectl-indexjob", args[1:]...)
	got := 0
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// tells waits until a file holds a text.
func tells(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tells FILE TEXT")
	}
	var data []byte
	for range 1000 {
		data, _ = os.ReadFile(ts.MkAbs(args[0]))
		if strings.Contains(string(data), args[1]) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not tell %q:\n%s", args[0], args[1], data)
}
