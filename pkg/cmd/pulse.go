package cmd

import (
	"context"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/indexjob/kubectl-indexjob/pkg/browse"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
)

// betweenBeats is how long a server is not asked whether it still answers, and how
// long it may take to: a watch of one that froze is as silent as that of a Job that
// does not change, and client-go takes 45 seconds to tell.
const betweenBeats = 3 * time.Second

// pulse says whether a server still answers, for whoever watches and hears nothing.
type pulse struct {
	client *cluster.Client
	now    func() time.Time

	mu     sync.Mutex
	err    error
	sureAt time.Time
}

// beat reads the Job again and again until ctx ends.
func (p *pulse) beat(ctx context.Context, job browse.JobKey) {
	for pause(ctx, betweenBeats) {
		begin := p.now()
		asking, cancel := context.WithTimeout(ctx, betweenBeats)
		_, err := p.client.Job(asking, job.Namespace, job.Name)
		cancel()
		if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
			err = nil // that is an answer
		}
		p.mu.Lock()
		if p.err = err; err == nil {
			p.sureAt = begin
		}
		p.mu.Unlock()
	}
}

// feel is until when no news is missing, and why some may be since, if it may.
func (p *pulse) feel() (sureAt time.Time, silence error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sureAt, p.err
}
