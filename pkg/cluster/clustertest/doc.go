// Package clustertest is an API server for tests, as net/http/httptest is a web
// server for them: it serves Jobs, pods, logs and events over real HTTP to the
// real client, pages lists, and misbehaves as it is told. Whatever is not GET it
// refuses and remembers.
package clustertest
