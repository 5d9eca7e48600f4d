// Package krew walks a new user's path as it stands: the archives that `make
// snapshot` or `make dist` built, krew's own validator, a real krew and a real
// kubectl, and a first answer; or go install, from a module proxy in a folder. It
// needs no cluster and no index of krew's.
package krew
