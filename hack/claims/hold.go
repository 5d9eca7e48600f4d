package claims

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// Read takes the moment as the plugin reads a file, with the instant and the
// server's version as a client has them. It is nil where the Job was gone.
func Read(r *recording.Recording, m recording.Moment) (*evidence.Job, error) {
	if !bytes.Contains(m.Evidence, []byte("\n- apiVersion: batch/v1\n")) {
		return nil, nil
	}
	seen, err := cluster.ReadFiles(context.Background(), []string{"-"}, bytes.NewReader(m.Evidence), "", cluster.Reference{})
	if err != nil {
		return nil, fmt.Errorf("reading moment %s of %s: %w", m.Name, r.Name, err)
	}
	seen.ObservedAt = m.ObservedAt.Truncate(time.Second)
	seen.ServerVersion = r.Ledger.KubernetesVersion
	seen.Gaps = nil
	return seen, nil
}

// Hold explains every moment of the recording, whole and with evidence lost in
// many ways, and returns what is wrong about what is said.
func Hold(r *recording.Recording, seeds uint64) []string {
	var wrong []string
	for _, m := range r.Moments {
		whole, err := Read(r, m)
		if err != nil {
			wrong = append(wrong, err.Error())
		}
		if whole == nil {
			continue
		}
		for _, w := range wrongAbout(r, m, whole) {
			wrong = append(wrong, m.Name+": "+w)
		}
		wrong = append(wrong, holdThinned(r, m, whole, seeds)...)
	}
	return wrong
}

func wrongAbout(r *recording.Recording, m recording.Moment, seen *evidence.Job) []string {
	e := replay.Explain(seen, seen.ObservedAt)
	wrong := append(Check(e, &r.Ledger, m), CheckTimeline(e, &r.Ledger)...)
	if e.Agreement.Result == v1alpha1.Disagrees {
		wrong = append(wrong, fmt.Sprintf("disagrees: %v", e.Agreement.Differences))
	}
	return wrong
}

// holdThinned stops at the first loss that makes a claim wrong.
func holdThinned(r *recording.Recording, m recording.Moment, whole *evidence.Job, seeds uint64) []string {
	for seed := range seeds {
		for _, keepEvents := range []bool{true, false} {
			for _, loss := range Losses {
				wrong := wrongAbout(r, m, loss.From(whole, keepEvents, seed))
				for i := range wrong {
					wrong[i] = fmt.Sprintf("%s without %s, events %v, seed %d: %s", m.Name, loss.Name, keepEvents, seed, wrong[i])
				}
				if len(wrong) > 0 {
					return wrong
				}
			}
		}
	}
	return nil
}
