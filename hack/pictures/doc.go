// Command pictures draws the screens of the README into docs/pictures: the Jobs
// of hack/examples and the one of hack/bigjob, explained, as SVG. Nothing but
// this repository goes into them.
package main
