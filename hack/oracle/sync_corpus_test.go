package oracle

import (
	"encoding/json"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Every moment of the corpus is a snapshot, too: what real clusters of five
// versions had, in the hands of the newest controller. It is looked at as it was
// seen, a second and some minutes later, by a controller that has just started
// and by one that still waits to see its pods.
func TestSyncOfTheCorpus(t *testing.T) {
	recordings, err := recording.ReadDir("../recording/testdata")
	if err != nil {
		t.Fatal(err)
	}
	compare, moments, syncs := compareSync(newController(t)), 0, 0
	for _, r := range recordings {
		for _, moment := range r.Moments {
			c, err := caseOf(moment)
			if err != nil {
				t.Fatalf("%s, %s: %v", r.Name, moment.Name, err)
			}
			if c == nil {
				continue // the Job is gone
			}
			moments++
			for _, later := range []int{0, 1, 300} {
				for _, unobserved := range []bool{false, true} {
					at := c.copy()
					at.Now, at.Memory.Unobserved = c.Now.Add(time.Duration(later)*time.Second), unobserved
					syncs++
					if difference := compare(at, ignoreBranch); difference != "" {
						t.Errorf("%s, %s, %d s later, unobserved %t:\n%s", r.Name, moment.Name, later, unobserved, difference)
					}
				}
			}
		}
	}
	t.Logf("%d moments of %d recordings, %d syncs", moments, len(recordings), syncs)
	if moments < 200 {
		t.Errorf("the corpus has only %d moments", moments)
	}
}

// caseOf is the Job and the pods of a moment, nil where there is no Job.
func caseOf(moment recording.Moment) (*Case, error) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := yaml.Unmarshal(moment.Evidence, &list); err != nil {
		return nil, err
	}
	c := &Case{Now: moment.ObservedAt.Time}
	for _, item := range list.Items {
		var kind metav1.TypeMeta
		if err := json.Unmarshal(item, &kind); err != nil {
			return nil, err
		}
		var object any
		switch kind.Kind {
		case "Job":
			c.Job = &batchv1.Job{}
			object = c.Job
		case "Pod":
			c.Pods = append(c.Pods, &corev1.Pod{})
			object = c.Pods[len(c.Pods)-1]
		default:
			continue
		}
		if err := json.Unmarshal(item, object); err != nil {
			return nil, err
		}
	}
	if c.Job == nil {
		return nil, nil
	}
	return c, nil
}
