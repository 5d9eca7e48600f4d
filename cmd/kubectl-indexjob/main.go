// Command kubectl-indexjob explains what became of every index of an Indexed Job.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/indexjob/kubectl-indexjob/pkg/cmd"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first Ctrl-C ends whatever is waited for, a second one everything.
	context.AfterFunc(ctx, stop)
	os.Exit(cmd.Run(ctx, terminal.FromOS(), os.Args[1:]))
}
