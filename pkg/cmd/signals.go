package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long a command may take to end by itself once it was told to.
const grace = 500 * time.Millisecond

// underSignals runs a command, whose context ends with the first SIGINT or
// SIGTERM. What no context ends (a FIFO that nobody opens, a pipe that nobody
// empties, a credential plugin that does not listen, a long computation) is left
// to the end of the process, which comes after the grace or at a second signal.
func underSignals(command func(context.Context) int) (status int) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan int, 1)
	go func() { ended <- command(ctx) }()
	select {
	case status := <-ended:
		return status
	case told := <-signals:
		cancel()
		select {
		case <-ended:
		case <-signals:
		case <-time.After(grace):
		}
		return 128 + int(told.(syscall.Signal)) // as shells count
	}
}
