// Package upstream is the Job controller's own functions, as
// k8s.io/kubernetes/pkg/controller/job has them, reached by go:linkname.
//
// Each is named as upstream names it, with a capital letter. The types that
// upstream keeps to itself are mirrored in the same way, field by field. The
// linker notices a function that is gone; the test of this package notices a
// signature or a layout that has moved, which the linker would not.
package upstream
