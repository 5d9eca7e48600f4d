package cmd

import (
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// logChoice is what was typed to choose attempts.
type logChoice struct {
	index   string
	attempt int32 // 0 for all
	failed  bool
	cause   string
}

// logSelection is that choice, of one Job.
type logSelection struct {
	logChoice
	indexes indexes.Set
	// signature is the ID of the cause, empty for any: it stays where numbers move.
	signature string
}

// of is the choice as it is of a Job.
func (c logChoice) of(e *v1alpha1.Explanation) (logSelection, error) {
	completions := int32(0)
	if e.Spec.Completions != nil {
		completions = *e.Spec.Completions
	}
	s := logSelection{logChoice: c, indexes: indexes.Range(0, completions-1)}
	if c.index != "" {
		var err error
		if s.indexes, err = indexes.Parse(c.index, completions); err != nil {
			return s, err
		}
	} else if !c.failed && c.cause == "" && completions > 1 {
		return s, fmt.Errorf("job %s has %d indexes, and none was chosen\nhint: --index 2 chooses by index, --failed all attempts that failed", e.Metadata.Name, completions)
	}
	if c.cause != "" {
		n, err := causeOf(e.Signatures, c.cause)
		if err != nil {
			return s, err
		}
		s.signature = e.Signatures[n].ID
	}
	return s, nil
}

func (s *logSelection) wants(a *v1alpha1.Attempt) bool {
	failed := (a.Decision != "" || a.Phase == corev1.PodFailed) && a.Decision != v1alpha1.DecisionRemoved
	return (s.attempt == 0 || a.Number == s.attempt) && (!s.failed || failed) && (s.signature == "" || a.Signature == s.signature)
}

// none is the error where no attempt was chosen.
func (s *logSelection) none(e *v1alpha1.Explanation) error {
	first, _ := s.indexes.First()
	return fmt.Errorf("%s\nhint: kubectl indexjob explain %s --index %d lists the attempts of an index", s.whyNone(e), terminal.Quote(e.Metadata.Name), first)
}

// whyNone says why no attempt was chosen.
func (s *logSelection) whyNone(e *v1alpha1.Explanation) string {
	of, has := nameOf(s.indexes), "has"
	if s.indexes.Len() > 1 {
		has = "have"
	}
	switch {
	case s.index == "" && (s.failed || s.signature != ""):
		of = "job " + e.Metadata.Name
	case s.attempt == 0 && !s.failed && s.signature == "" && haveNotStarted(e, s.indexes):
		return of + " " + has + " not started"
	}
	attempt := "attempt"
	if s.failed || s.signature != "" {
		attempt = "failed attempt"
	}
	if s.attempt > 0 {
		attempt += fmt.Sprintf(" %d", s.attempt)
	}
	if s.signature != "" {
		attempt += " of cause " + s.signature
	}
	return "no " + attempt + " of " + of + " is known"
}

// nameOf names indexes in a sentence.
func nameOf(set indexes.Set) string {
	if set.Len() == 1 {
		return "index " + set.String()
	}
	return "indexes " + set.String()
}

// haveNotStarted: none of the indexes has had a pod.
func haveNotStarted(e *v1alpha1.Explanation, chosen indexes.Set) bool {
	return !slices.ContainsFunc(e.Fates, func(record v1alpha1.IndexFate) bool {
		started := record.Fate != v1alpha1.Waiting && record.Fate != v1alpha1.NeverStarted
		return started && !chosen.Intersect(indexes.Range(record.Index, record.Last())).Empty()
	})
}

// logSource is an attempt whose log is wanted.
type logSource struct {
	index, attempt int32
	pod            string
	container      string
	gone           string // why it has no log any more
	ran            bool   // one of its containers has, so far as is known
}

// String is how messages name it.
func (s logSource) String() string {
	return fmt.Sprintf("index %d, attempt %d", s.index, s.attempt)
}

// sourceOf is the log of an attempt: of the container that failed, unless one was
// named.
func sourceOf(coverage v1alpha1.Coverage, index int32, a *v1alpha1.Attempt, container string) logSource {
	s := logSource{
		index: index, attempt: a.Number, pod: a.Pod, container: container, gone: coverage.WithoutPod(a),
		ran: a.Ran != nil || a.Restarts != nil && *a.Restarts > 0 || a.Source != v1alpha1.SourcePod,
	}
	if s.container == "" && a.Failure != nil {
		s.container = a.Failure.Container
	}
	return s
}

// sources are the logs of the attempts that are meant, in order.
func (o *logsOptions) sources(e *v1alpha1.Explanation) ([]logSource, error) {
	selection, err := o.choice.of(e)
	if err != nil {
		return nil, err
	}
	var sources []logSource
	for i := range e.Fates {
		record := &e.Fates[i]
		if !selection.indexes.Has(record.Index) {
			continue
		}
		for n := range record.Attempts {
			if a := &record.Attempts[n]; selection.wants(a) {
				sources = append(sources, sourceOf(e.Evidence.Coverage, record.Index, a, o.request.Container))
			}
		}
	}
	if len(sources) == 0 {
		return nil, selection.none(e)
	}
	return sources, nil
}

// noLogOf says why there is none. Who keeps pods keeps logs, if they ever ran.
func noLogOf(sources []logSource) error {
	if !slices.ContainsFunc(sources, func(s logSource) bool { return s.ran }) {
		return errors.New("no container of these attempts has run, so that none wrote a log")
	}
	return errors.New("no log of these attempts is left\nhint: a log goes with its pod; keep failed pods, or ship logs elsewhere")
}
