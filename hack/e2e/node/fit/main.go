//go:build linux

// Command fit says why a real node cannot run on this machine, and exits 1 then.
package main

import (
	"fmt"
	"os"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
)

func main() {
	if err := node.Fit(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
