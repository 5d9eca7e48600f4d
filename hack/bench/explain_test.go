package bench

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// BenchmarkReplay: what is not linear shows between 10,000 and 100,000 indexes.
func BenchmarkReplay(b *testing.B) {
	for _, job := range []struct{ indexes, attempts int32 }{{10_000, 3}, {100_000, 1}, {100_000, 3}, {100_000, 10}} {
		b.Run(fmt.Sprintf("indexes=%d/attempts=%d", job.indexes, job.attempts), func(b *testing.B) {
			seen := Evidence(job.indexes, job.attempts)
			b.ReportAllocs()
			for b.Loop() {
				replay.Explain(seen, seen.ObservedAt)
			}
		})
	}
}

func BenchmarkScreen(b *testing.B) {
	seen := Evidence(100_000, 3)
	explanation := replay.Explain(seen, seen.ObservedAt)
	b.ReportAllocs()
	for b.Loop() {
		view.Text(explanation, view.Screen{Width: 80, Height: 24})
	}
}

func BenchmarkJSON(b *testing.B) {
	seen := Evidence(100_000, 3)
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
