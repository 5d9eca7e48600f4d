package view

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Trouble says that a server cannot be read, and how old what is shown may be, if
// anything is shown.
func Trouble(why string, isShown bool, age time.Duration) string {
	why = bare(why)
	if !isShown {
		return "The server cannot be read, trying again: " + why
	}
	return "as of " + v1alpha1.Duration(age) + " ago; the server cannot be read, trying again: " + why
}
