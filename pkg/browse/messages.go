package browse

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// JobKey names a Job.
type JobKey struct{ Namespace, Name string }

// Look is news of the Job that is open.
type Look struct {
	Of JobKey
	At time.Time
	// Explanation is nil while not everything has been read: then the last one stays.
	Explanation *v1alpha1.Explanation
	// Gone: the Job was deleted, or another of its name has taken its place.
	Gone bool
	// Trouble is why news may be missing, empty where all is well. SureAt is until when
	// none is.
	Trouble string
	SureAt  time.Time
}

// Jobs is news of the table of Jobs.
type Jobs struct {
	At   time.Time
	List *v1alpha1.JobSummaryList
	// Trouble is why news may be missing, empty where all is well. SureAt is until when
	// none is.
	Trouble string
	SureAt  time.Time
}

// Tick is the time, about once a second.
type Tick time.Time

// Log is news of a log that is followed.
type Log struct {
	// Number is that of the FollowLog that asked for it.
	Number int
	// Lines as they were written.
	Lines []string
	// Words are about the log itself: why there is none, or that it broke off.
	Words string
	// Opened: it could be read, whether there are lines in it or not.
	Opened bool
	// Ended: nothing comes any more.
	Ended bool
}

// What a Model asks for, as messages that its commands return: whoever runs it
// takes them out of the stream of messages, and answers with those above.
type (
	// OpenJob asks for Looks at a Job, instead of those at any other.
	OpenJob struct{ Job JobKey }
	// CloseJob: nobody looks at the Job any more.
	CloseJob struct{}
	// FollowLog asks for the log of an attempt, instead of any other.
	FollowLog struct {
		Number         int
		Index, Attempt int32
	}
	// CloseLog: nobody reads the log any more.
	CloseLog struct{}
)
