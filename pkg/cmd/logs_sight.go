package cmd

import (
	"sync"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// logSight is a Job at one instant, and those of its pods whose logs are wanted.
type logSight struct {
	look
	pods map[string]*evidence.Attempt // by name
}

// mainContainer is the one whose log is printed where none was named.
func (s *logSight) mainContainer() string {
	template := &s.seen.Job.Spec.Template
	return evidence.MainContainer(template.Annotations, template.Spec.Containers)
}

// news holds the latest sight for all who wait for another.
type news struct {
	mu      sync.Mutex
	now     logSight
	changed chan struct{}
}

func (n *news) post(now logSight) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.now = now
	if n.changed != nil {
		close(n.changed)
	}
	n.changed = make(chan struct{})
}

// latest is the sight of now, and what is closed when there is another.
func (n *news) latest() (logSight, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now, n.changed
}

// stageOf is the stage of a log. Of an index that is over no container will start.
func (s *logSight) stageOf(source logSource) logStage {
	if s.gone {
		return logEnded
	}
	container := source.container
	if container == "" {
		container = s.mainContainer()
	}
	stage := stageOf(s.pods[source.pod], container)
	if record := s.explanation.RecordOf(source.index); stage != logOpen && (record == nil || isOver(s.explanation, record)) {
		return logEnded
	}
	return stage
}
