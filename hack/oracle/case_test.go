package oracle

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"sort"
	"strconv"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"sigs.k8s.io/yaml"
)

var (
	seed  = flag.Uint64("seed", seedFromEnvironment(), "what the cases are drawn from; ORACLE_SEED says the same")
	scale = flag.Float64("scale", 1, "how many times the usual number of cases")
)

func seedFromEnvironment() uint64 {
	n, err := strconv.ParseUint(os.Getenv("ORACLE_SEED"), 10, 64)
	if err != nil {
		return 1
	}
	return n
}

// Case is what both sides are asked about.
type Case struct {
	Job  *batchv1.Job  `json:"job"`
	Pods []*corev1.Pod `json:"pods,omitempty"`
	Now  time.Time     `json:"now"`
	// Memory is what the controller remembers, where a whole sync is compared.
	Memory Memory `json:"memory,omitzero"`
}

// Memory is what a sync finds beside its cache.
type Memory struct {
	Failures    int32       `json:"failures,omitempty"`
	LastFailure time.Time   `json:"lastFailure,omitzero"`
	Unobserved  bool        `json:"unobserved,omitempty"`
	Removing    []types.UID `json:"removing,omitempty"`
}

func (c *Case) copy() *Case {
	pods := make([]*corev1.Pod, len(c.Pods))
	for i, pod := range c.Pods {
		pods[i] = pod.DeepCopy()
	}
	memory := c.Memory
	memory.Removing = slices.Clone(memory.Removing)
	return &Case{c.Job.DeepCopy(), pods, c.Now, memory}
}

func (c *Case) String() string {
	text, err := yaml.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// comparison is one question, put to both sides many times.
type comparison struct {
	cases    int
	generate func(*generator) *Case
	// compare says how the answers differ, "" where they do not, and calls
	// saw with every branch that the case reaches.
	compare func(c *Case, saw func(branch string)) string
	// branches are those that saw may name, each with how often it must be
	// reached in a full run.
	branches map[string]int
}

func (q comparison) run(t *testing.T) {
	t.Parallel()
	began := time.Now()
	reached := map[string]int{}
	saw := func(branch string) { reached[branch]++ }
	cases := int(float64(q.cases) * *scale)
	for i := range cases {
		c := q.generate(&generator{newSource(*seed, uint64(i))})
		if difference := q.compare(c, saw); difference != "" {
			if len(c.Pods) > 100 { // which would take an hour, and be read by nobody
				t.Fatalf("case %d of seed %d, of %d pods:\n%s", i, *seed, len(c.Pods), difference)
			}
			c = shrink(c, q.differs)
			t.Fatalf("case %d of seed %d, made small:\n%s\n%s", i, *seed, c, q.compare(c, ignoreBranch))
		}
	}
	t.Logf("seed %d: %d cases in %s, no difference", *seed, cases, time.Since(began).Round(time.Millisecond))
	q.checkBranches(t, reached)
}

func (q comparison) differs(c *Case) bool { return q.compare(c, ignoreBranch) != "" }

func ignoreBranch(string) {}

func (q comparison) checkBranches(t *testing.T, reached map[string]int) {
	for _, branch := range sortedKeys(reached) {
		if _, listed := q.branches[branch]; !listed {
			t.Errorf("branch %q is reached but not listed", branch)
		}
	}
	for _, branch := range sortedKeys(q.branches) {
		if want := int(float64(q.branches[branch]) * min(1, *scale)); reached[branch] < want {
			t.Errorf("branch %q: reached %d times, want %d", branch, reached[branch], want)
		}
		t.Logf("%9d  %s", reached[branch], branch)
	}
}

func sortedKeys(m map[string]int) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// quiet is for upstream functions that log what they skip.
var quiet klog.Logger

func differ(what string, upstream, ours any) string {
	return fmt.Sprintf("%s:\n  upstream %v\n  ours     %v", what, upstream, ours)
}
