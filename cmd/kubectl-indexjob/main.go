// Command kubectl-indexjob explains what became of every index of an Indexed Job.
package main

import (
	"os"

	"github.com/indexjob/kubectl-indexjob/pkg/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:])) }
