package cluster

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/randfill"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// TestOpenPage holds what is taken out of a page against client-go's decoder,
// for pods that have anything anywhere.
func TestOpenPage(t *testing.T) {
	fill := randfill.New().RandSource(rand.NewSource(1)).NilChance(.3).NumElements(1, 3).Funcs(
		func(t *metav1.Time, r randfill.Continue) { *t = metav1.Unix(r.Int63n(1<<32), 0) },
		func(*metav1.FieldsV1, randfill.Continue) {},
	)
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7", Continue: "next"}}
	for range 50 {
		var pod corev1.Pod
		fill.Fill(&pod)
		list.Items = append(list.Items, pod)
	}
	for _, next := range []string{"next", ""} {
		list.Continue = next
		body := clustertest.Encode(list, runtime.ContentTypeProtobuf)
		decoded, err := runtime.Decode(clustertest.Decoder, body)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []evidence.Attempt
		for i := range decoded.(*corev1.PodList).Items {
			want = append(want, evidence.Reduce(&decoded.(*corev1.PodList).Items[i]))
		}
		page, err := openPage(body)
		if err != nil {
			t.Fatal(err)
		}
		if page.next != next {
			t.Errorf("the next page is %q, want %q", page.next, next)
		}
		i := 0
		if err := page.each(func(pod *corev1.Pod) error {
			if whole := &decoded.(*corev1.PodList).Items[i]; belongs("a", pod) != belongs("a", whole) || !slices.EqualFunc(pod.OwnerReferences, whole.OwnerReferences, func(a, b metav1.OwnerReference) bool { return cmp.Equal(a, b) }) {
				t.Errorf("pod %d: the owners differ", i)
			}
			got = append(got, evidence.Reduce(pod))
			i++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestOpenPageCutOff: wherever a page ends too early, it is no page.
func TestOpenPageCutOff(t *testing.T) {
	list := &corev1.PodList{ListMeta: metav1.ListMeta{Continue: "next"}}
	for pod := range bench.Pods(2, 1) {
		list.Items = append(list.Items, *pod)
	}
	body := clustertest.Encode(list, runtime.ContentTypeProtobuf)
	for end := len(protobufMagic); end < len(body)-len("\x1a\x00\x22\x00"); end++ {
		if _, err := openPage(body[:end]); err == nil {
			t.Fatalf("%d of %d bytes were taken for a whole page", end, len(body))
		}
	}
}

// TestPageCutOffWithin: a list that ends too early in an envelope that does not.
func TestPageCutOffWithin(t *testing.T) {
	list := &corev1.PodList{}
	for pod := range bench.Pods(2, 1) {
		list.Items = append(list.Items, *pod)
	}
	raw, err := list.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < list.Items[1].Size(); cut++ {
		envelope := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: "PodList"}, Raw: raw[:len(raw)-cut]}
		body, err := envelope.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		page, err := openPage(append(slices.Clone(protobufMagic), body...))
		if err == nil {
			err = page.each(func(*corev1.Pod) error { return nil })
		}
		if err == nil {
			t.Fatalf("without its last %d bytes it was taken for a whole list", cut)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	list := &corev1.PodList{}
	for pod := range bench.Pods(500, 1) {
		list.Items = append(list.Items, *pod)
	}
	body := clustertest.Encode(list, runtime.ContentTypeProtobuf)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		page, err := openPage(body)
		if err != nil {
			b.Fatal(err)
		}
		if err := page.each(func(pod *corev1.Pod) error { evidence.Reduce(pod); return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPageWhole is the same page through client-go's decoder.
func BenchmarkPageWhole(b *testing.B) {
	list := &corev1.PodList{}
	for pod := range bench.Pods(500, 1) {
		list.Items = append(list.Items, *pod)
	}
	body := clustertest.Encode(list, runtime.ContentTypeProtobuf)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := runtime.Decode(clustertest.Decoder, body); err != nil {
			b.Fatal(err)
		}
	}
}
