package cluster

import (
	"bufio"
	"encoding/json"
	"io"
	"math/rand"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/randfill"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// TestJSONReader holds where values end against encoding/json, byte by byte.
func TestJSONReader(t *testing.T) {
	for _, text := range []string{
		`[]`, `[1]`, `[ 1 , 2.5e-7,true , null ]`, `["a,]\"", "\\", "{"]`, `[{"a":[{}, [[]], "]"]},{}]`, " [\n\t-0 \r\n]",
	} {
		var want, got []string
		var elements []json.RawMessage
		if err := json.Unmarshal([]byte(text), &elements); err != nil {
			t.Fatal(err)
		}
		for _, e := range elements {
			want = append(want, string(e))
		}
		r := &jsonReader{Reader: bufio.NewReader(iotest.OneByteReader(strings.NewReader(text)))}
		if err := r.expect('['); err != nil {
			t.Fatal(err)
		}
		if err := r.each(']', func() error {
			value, err := r.value()
			got = append(got, string(value))
			return err
		}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, text := range []string{`[,]`, `[1,]`, `[1 2]`, `[1`, `[`, `["`, `[{]`, ``} {
		r := newJSONReader([]byte(text))
		err := r.expect('[')
		if err == nil {
			err = r.each(']', func() error {
				value, err := r.value()
				if err == nil && !json.Valid(value) {
					return io.ErrUnexpectedEOF
				}
				return err
			})
		}
		if err == nil {
			t.Errorf("%q was taken for a list", text)
		}
	}
}

// TestFilePod holds the fields that are read of a file's pods against the API's
// own type, for pods that have anything anywhere.
func TestFilePod(t *testing.T) {
	fill := randfill.New().RandSource(rand.NewSource(1)).NilChance(.3).NumElements(1, 3).Funcs(
		func(t *metav1.Time, r randfill.Continue) { *t = metav1.Unix(r.Int63n(1<<32), 0) },
		func(*metav1.FieldsV1, randfill.Continue) {},
	)
	for range 50 {
		var pod, whole corev1.Pod
		fill.Fill(&pod)
		raw, err := json.Marshal(&pod)
		if err != nil {
			t.Fatal(err)
		}
		kind := metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
		var read filePod
		if err := decodeObject(kind, raw, &read); err != nil {
			t.Fatal(err)
		}
		if err := decodeObject(kind, raw, &whole); err != nil {
			t.Fatal(err)
		}
		got := read.pod()
		if diff := cmp.Diff(evidence.Reduce(&whole), evidence.Reduce(got)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(whole.OwnerReferences, got.OwnerReferences); diff != "" {
			t.Error(diff)
		}
		if got.Namespace != whole.Namespace || got.ResourceVersion != whole.ResourceVersion || !cmp.Equal(got.Labels, whole.Labels) {
			t.Errorf("pod %s has other metadata", whole.Name)
		}
	}
}
