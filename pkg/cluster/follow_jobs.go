package cluster

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

// JobsSighting is how the followed Jobs look at one instant.
type JobsSighting struct {
	// Listing is all that is known. Its Jobs are shared with other sightings.
	Listing *Listing
	// Trouble is why news may be missing, nil where all is well. The follower
	// goes on trying. SureAt is until when none is missing.
	Trouble error
	SureAt  time.Time
}

// JobsFollower keeps watching the Jobs of a namespace, or of all, until it is
// stopped.
type JobsFollower struct {
	client              *Client
	namespace, selector string
	stop                context.CancelFunc
	running             sync.WaitGroup
	news                news

	mu      sync.Mutex
	jobs    map[types.NamespacedName]followedJob
	trouble error
	// silent is that the server does not answer, sureAt until when no news is missing.
	silent error
	sureAt time.Time
	// kept is how much memory the Jobs take, and tooMuch that it became too much.
	kept    budget
	tooMuch error
	// indexed are the Indexed Jobs in order, nil once one of them has changed.
	indexed []batchv1.Job
}

// followedJob is the latest version of a Job.
type followedJob struct {
	uid   types.UID
	job   *batchv1.Job // nil for one that is not Indexed
	bytes int64
}

// FollowJobs reads the Jobs that List would read and begins to watch them, until
// Stop: the Jobs alone, not their pods. What goes wrong after the first reading is
// overcome, as by Follow.
func (c *Client) FollowJobs(ctx context.Context, namespace, selector string) (*JobsFollower, error) {
	f := &JobsFollower{
		client: c, namespace: namespace, selector: selector,
		news: newNews(),
		jobs: map[types.NamespacedName]followedJob{},
		kept: budget{maxKept}, sureAt: c.now(),
	}
	version, err := f.list(ctx)
	if err != nil {
		return nil, explainList(namespace, err)
	}
	ctx, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	f.news.tell() // also that there is no Job
	s := f.stream(version)
	f.running.Go(func() { s.run(ctx) })
	f.running.Go(func() { f.askForAnswers(ctx) })
	return f, nil
}

// Stop ends the following and waits until it has.
func (f *JobsFollower) Stop() {
	f.stop()
	f.running.Wait()
}

// Next waits for news, or for so long, and returns how the Jobs look then. It
// returns ten times a second at most because of news.
func (f *JobsFollower) Next(ctx context.Context, atMost time.Duration) (JobsSighting, error) {
	if err := f.news.wait(ctx, 0, atMost); err != nil {
		return JobsSighting{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tooMuch != nil {
		return JobsSighting{}, explainList(f.namespace, f.tooMuch)
	}
	return JobsSighting{Listing: f.listing(), Trouble: cmp.Or(f.trouble, f.silent), SureAt: f.sureAt}, nil
}

// listing is made anew only where a Job has changed. The caller holds the lock.
func (f *JobsFollower) listing() *Listing {
	if f.indexed == nil {
		f.indexed = make([]batchv1.Job, 0, len(f.jobs))
		for _, followed := range f.jobs {
			if followed.job != nil {
				f.indexed = append(f.indexed, *followed.job)
			}
		}
		slices.SortFunc(f.indexed, byName)
	}
	return &Listing{Indexed: f.indexed, Others: len(f.jobs) - len(f.indexed), ObservedAt: f.client.instant()}
}

func byName(a, b batchv1.Job) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// stream goes on from the version that was listed first.
func (f *JobsFollower) stream(listed string) *stream {
	jobs := f.client.jobs(f.namespace)
	return &stream{
		list: func(ctx context.Context) (string, error) {
			if version := listed; version != "" {
				listed = ""
				return version, nil
			}
			return f.list(ctx)
		},
		watch: func(ctx context.Context, from metav1.ListOptions) (watch.Interface, error) {
			from.LabelSelector = f.selector
			return jobs.watch(ctx, from)
		},
		check: jobs.check(metav1.ListOptions{}),
		on: func(kind watch.EventType, object runtime.Object) {
			job, ok := object.(*batchv1.Job)
			switch {
			case !ok:
			case kind == watch.Deleted: // or of other labels now
				f.drop(job)
			default:
				_ = f.take(job) // Next tells what is wrong
			}
		},
		trouble: func(err error) { f.setTrouble(plainly(err)) },
		pauses:  pauses,
	}
}

// list reads all Jobs, over what is known of them, and drops those that are not
// there any more. Both versions of all Jobs would be twice the memory.
func (f *JobsFollower) list(ctx context.Context) (version string, err error) {
	var listed map[types.NamespacedName]bool
	begin := func() { listed = map[types.NamespacedName]bool{} }
	begin()
	err = f.client.eachPage(metav1.ListOptions{LabelSelector: f.selector}, func(page metav1.ListOptions) (pageRead, error) {
		list, err := f.client.jobs(f.namespace).list(ctx, page)
		if err != nil {
			return pageRead{}, err
		}
		for i := range list.Items {
			if err := f.take(&list.Items[i]); err != nil {
				return pageRead{}, err
			}
			listed[nameOf(&list.Items[i])] = true
		}
		version = list.ResourceVersion
		return readOf(list), nil
	}, begin)
	if err != nil {
		return "", err
	}
	f.dropOthers(listed)
	return version, nil
}

func nameOf(job *batchv1.Job) types.NamespacedName {
	return types.NamespacedName{Namespace: job.Namespace, Name: job.Name}
}

// take takes a version of a Job. Of one that is not Indexed nothing else is known
// than that it is there.
func (f *JobsFollower) take(job *batchv1.Job) error {
	name := nameOf(job)
	followed := followedJob{uid: job.UID, bytes: leastOfObject + int64(len(name.Namespace)+len(name.Name)+len(job.UID))}
	setDefaults(job)
	if checkJob(job) == nil {
		followed.job = new(lean(job))
		followed.bytes += ofJob(followed.job)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	was, is := f.jobs[name]
	if is && was.uid == job.UID && was.job == nil && followed.job == nil {
		return nil
	}
	f.kept.left += was.bytes
	if err := f.kept.keep(followed.bytes); err != nil {
		f.tooMuch = err
		f.news.tell()
		return err
	}
	f.jobs[name] = followed
	f.changed()
	return nil
}

// drop forgets a Job, unless another has its name by now.
func (f *JobsFollower) drop(job *batchv1.Job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if name := nameOf(job); f.jobs[name].uid == job.UID {
		f.forget(name)
	}
}

func (f *JobsFollower) dropOthers(than map[types.NamespacedName]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.jobs {
		if !than[name] {
			f.forget(name)
		}
	}
}

// forget a Job. The caller holds the lock.
func (f *JobsFollower) forget(name types.NamespacedName) {
	f.kept.left += f.jobs[name].bytes
	delete(f.jobs, name)
	f.changed()
}

// changed makes what is known news. The caller holds the lock.
func (f *JobsFollower) changed() {
	f.indexed = nil
	f.news.tell()
}

// askForAnswers asks for a single Job, again and again, to learn whether the server
// still answers.
func (f *JobsFollower) askForAnswers(ctx context.Context) {
	for idle(ctx, silence) {
		begin := f.client.now()
		err := ask(ctx, f.setSilent, func(ctx context.Context) error {
			_, err := f.client.jobs(f.namespace).list(ctx, metav1.ListOptions{LabelSelector: f.selector, Limit: 1})
			return err
		})
		f.mu.Lock()
		if err == nil && f.trouble == nil {
			f.sureAt = begin
		}
		f.mu.Unlock()
	}
}

func (f *JobsFollower) setSilent(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || f.silent != nil {
		f.silent = err
		f.news.tell()
	}
}

func (f *JobsFollower) setTrouble(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || f.trouble != nil {
		f.trouble = err
		f.news.tell()
	}
}
