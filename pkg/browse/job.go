package browse

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// job is the Job that is open, and what of it is shown.
type job struct {
	key JobKey
	// latest is what is known, shown what is on the screen: the same, unless the
	// picture is held still.
	latest, shown Look
	isHeld        bool
	isHeldInLog   bool // which ends with the log
	// newsAt is when the last look came of which nothing may be missing.
	newsAt time.Time
	banner view.Banner
	// dropped counts the keys that came too early, until it has been quiet for a while.
	dropped int

	filter filter
	marks  marks
	// only are the indexes that filter and marks leave, nil for all of them.
	only *indexes.Set
}

func (j *job) take(look Look) {
	switch {
	case !look.SureAt.IsZero():
		j.newsAt = look.SureAt
	case look.Trouble == "":
		j.newsAt = look.At
	}
	if look.Explanation == nil {
		look.Explanation = j.latest.Explanation
	} else {
		j.banner.See(look.Explanation)
	}
	j.latest = look
	if !j.isHeld {
		j.show()
	}
}

// haste is how long no key may come, after some that came while the Job was being read,
// until one acts: of what was typed in one go nothing acts, or all does.
const haste = 300 * time.Millisecond

// quiet: for a while no key has come after those that were dropped.
type quiet struct {
	job     *job
	dropped int
}

// drop lets go of a key that was typed too early.
func (j *job) drop() tea.Cmd {
	j.dropped++
	if j.shown.Explanation == nil {
		return nil
	}
	return j.settle()
}

// settle says when it has been quiet.
func (j *job) settle() tea.Cmd {
	after := quiet{j, j.dropped}
	return tea.Tick(haste, func(time.Time) tea.Msg { return after })
}

// show puts on the screen what is known.
func (j *job) show() {
	j.shown = j.latest
	j.choose()
}

// choose reckons anew which indexes are shown.
func (j *job) choose() {
	j.only = nil
	e := j.shown.Explanation
	if e == nil {
		return
	}
	if j.filter != showAll {
		j.only = new(j.filter.of(e))
	}
	if !j.marks.isNone() {
		marked := j.marks.of(e)
		if j.only != nil {
			marked = marked.Intersect(*j.only)
		}
		j.only = &marked
	}
}

// leaveLog lets go on what was held for a log.
func (j *job) leaveLog() {
	if j.isHeld && j.isHeldInLog {
		j.hold()
	}
}

// hold holds the picture still, or lets it go on.
func (j *job) hold() {
	j.isHeld = !j.isHeld
	if !j.isHeld {
		j.show()
	}
}
