package view

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// Screen is what a view is drawn for.
type Screen struct {
	// Width and Height are in cells. Where no size is known: 80 and 24.
	Width, Height int
	// Color asks for ANSI-16 colours.
	Color bool
	// Location is where times are told; nil means UTC, marked Z.
	Location *time.Location
}

// Text is the one screen that answers `explain`.
func Text(e *v1alpha1.Explanation, screen Screen) string { return "" }

// Trace tells the attempts of the chosen indexes one by one.
func Trace(e *v1alpha1.Explanation, chosen indexes.Set, screen Screen) string { return "" }

// Cause tells one signature in full; n counts from 1 as on the screen.
func Cause(e *v1alpha1.Explanation, n int, screen Screen) (string, error) { return "", nil }
