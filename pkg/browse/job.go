package browse

import (
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
	banner        view.Banner
	// typed are the keys that came before there was anything to act on.
	typed []tea.KeyPressMsg

	filter filter
	marks  marks
	// only are the indexes that filter and marks leave, nil for all of them.
	only *indexes.Set
}

func (j *job) take(look Look) {
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

// hold holds the picture still, or lets it go on.
func (j *job) hold() {
	j.isHeld = !j.isHeld
	if !j.isHeld {
		j.show()
	}
}
