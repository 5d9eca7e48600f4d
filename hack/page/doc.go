// Package page opens the page of `--report html=` in a real browser. It is a module
// of its own, so that the plugin does not require what drives a browser.
//
// Everything is served over loopback: no test reaches a network.
package page
