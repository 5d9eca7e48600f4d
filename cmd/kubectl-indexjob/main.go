// Command kubectl-indexjob explains what became of every index of an Indexed Job.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/indexjob/kubectl-indexjob/pkg/cmd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first Ctrl-C ends whatever is waited for, a second one everything.
	context.AfterFunc(ctx, stop)
	os.Exit(cmd.Main(ctx, os.Args[1:]))
}
