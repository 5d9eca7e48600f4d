package view_test

import (
	"encoding/json"
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

func BenchmarkText(b *testing.B) {
	seen := bench.Evidence(100_000, 3)
	explanation := replay.Explain(seen, seen.ObservedAt)
	b.ReportAllocs()
	for b.Loop() {
		view.Text(explanation, nil, view.Screen{Width: 80, Height: 24})
	}
}

func BenchmarkJSON(b *testing.B) {
	seen := bench.Evidence(100_000, 3)
	explanation := replay.Explain(seen, seen.ObservedAt)
	b.ReportAllocs()
	for b.Loop() {
		text, err := json.Marshal(explanation)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(text)))
	}
}
