package bench

import "testing"

// TestPods: what is measured is what was promised.
func TestPods(t *testing.T) {
	seen, size := map[[2]string]bool{}, 0
	for pod := range Pods(100, 3) {
		seen[[2]string{pod.Annotations["batch.kubernetes.io/job-completion-index"], pod.Annotations["batch.kubernetes.io/job-index-failure-count"]}] = true
		size += pod.Size()
	}
	if len(seen) != 300 {
		t.Errorf("%d attempts, want 300", len(seen))
	}
	if mean := size / 300; mean < 2800 || mean > 3400 {
		t.Errorf("a pod has %d bytes on the wire, want about 3 KB", mean)
	}
}
