package controlplane

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports stay below Linux's ephemeral range, which begins at 32768: there an
// outgoing connection of anybody could take ours while a process restarts.
const firstPort, lastPort = 20000, 32000

// freePort returns a port of the loopback interface that nobody listens on.
// Another process may still be faster; then the start is tried again.
func freePort() (int, error) {
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		return port, listener.Close()
	}
	return 0, errors.New("find a free port on 127.0.0.1: a hundred tries failed")
}
