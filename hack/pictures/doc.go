// Command pictures draws the screens of the README into docs/pictures: Jobs of
// hack/examples, explained, as SVG. Nothing but this repository goes into them.
package main
