package view

import (
	"cmp"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// kind is one letter of the grid: a fate and, where they are worth telling
// apart, the reasons for it.
type kind struct {
	letter byte
	fate   v1alpha1.Fate
	// reasons are those of this kind; none stands for every other reason.
	reasons []string
	// word stands in the legend behind a count, phrase in a row of its own.
	word, phrase string
	ink          ink
	part         part
}

// part is what an index of a kind has to do with the outcome of the Job.
type part uint8

const (
	ordinary part = iota // nothing to tell
	explains             // it tells why the Job is as it is
	follows              // it became so by what others did, or by the cluster
)

// kinds is every letter there is, in the order of the legend.
var kinds = []kind{
	{'.', v1alpha1.Succeeded, []string{v1alpha1.ReasonFirstAttempt}, "first try", "succeeded at once", good, ordinary},
	{'r', v1alpha1.Succeeded, []string{v1alpha1.ReasonAfterRetries}, "retried", "succeeded, retried", saved, explains},
	{'i', v1alpha1.Succeeded, []string{v1alpha1.ReasonAfterIgnored}, "ignored", "succeeded, ignored", saved, explains},
	{'a', v1alpha1.Succeeded, []string{v1alpha1.ReasonAfterRestart}, "began anew", "succeeded, began anew", saved, explains},
	{'o', v1alpha1.Succeeded, nil, "succeeded", "succeeded", good, ordinary},
	{'J', v1alpha1.Stopped, []string{v1alpha1.ReasonFailJobRule}, "failed the Job", "failed the Job", bad, explains},
	{'X', v1alpha1.Failed, []string{v1alpha1.ReasonBackoffExceeded}, "limit", "limit exceeded", bad, explains},
	{'F', v1alpha1.Failed, []string{v1alpha1.ReasonFailIndexRule}, "FailIndex", "FailIndex, no retry", given, explains},
	{'x', v1alpha1.Failed, nil, "failed", "failed", bad, explains},
	{'f', v1alpha1.Stopped, []string{v1alpha1.ReasonAfterFailure}, "stopped after failure", "stopped after failure", bad, explains},
	{'s', v1alpha1.Stopped, nil, "stopped", "stopped", gray, follows},
	{'>', v1alpha1.Running, nil, "running", "running", busy, ordinary},
	{'b', v1alpha1.BackingOff, nil, "backoff", "waits for its retry", held, explains},
	{'t', v1alpha1.Terminating, nil, "terminating", "terminating", held, explains},
	{'p', v1alpha1.Pending, nil, "pending", "pending", held, follows},
	{'-', v1alpha1.Waiting, nil, "waiting", "waiting", plain, ordinary},
	{'_', v1alpha1.NeverStarted, nil, "never started", "never started", plain, ordinary},
	{'u', v1alpha1.Unfinished, nil, "unfinished", "unfinished", plain, follows},
	{'?', v1alpha1.Unknown, nil, "unknown", "unknown", plain, follows},
}

// worstFirst decides which letter a cell of many indexes shows.
const worstFirst = "JFXxfbtp?us>-_iaro."

// stroke is what a cell of a timeline shows: how an attempt ended, or what it was
// doing. Behind them come the letters of the fates.
type stroke uint8

// The strokes, in the order in which the worst one wins a cell. Those up to
// endSucceeded are ends, which are always seen.
const (
	endFailed stroke = iota
	endIgnored
	endRemoved
	endSucceeded
	strokeUnknown
	strokeTerminating
	strokeBackoff
	strokePending
	strokeInit
	strokeRunning
	noStroke
	firstFateStroke
)

var strokes = [noStroke + 1]struct {
	letter byte
	word   string
	ink    ink
}{
	endFailed:         {'!', "failed, counted", bad},
	endIgnored:        {'~', "failed, ignored", held},
	endRemoved:        {'/', "removed", gray},
	endSucceeded:      {'+', "succeeded", good},
	strokeUnknown:     {'?', "not known", plain},
	strokeTerminating: {'t', "terminating", plain},
	strokeBackoff:     {'b', "backoff", faint},
	strokePending:     {'p', "pending", faint},
	strokeInit:        {'n', "init", faint},
	strokeRunning:     {'=', "running", plain},
	noStroke:          {' ', "", plain},
}

// legendOfStrokes is their order in a legend: as an attempt goes through them.
var legendOfStrokes = []stroke{
	strokePending, strokeInit, strokeRunning, strokeBackoff, strokeTerminating, strokeUnknown,
	endFailed, endIgnored, endRemoved, endSucceeded,
}

// fateStroke is the letter of a kind of fate.
func fateStroke(k uint8) stroke { return firstFateStroke + stroke(k) }

func (s stroke) isEnd() bool { return s <= endSucceeded || s >= firstFateStroke }

// drawn is the stroke in its ink.
func (s stroke) drawn() span {
	if s >= firstFateStroke {
		return letterOf(uint8(s - firstFateStroke))
	}
	return span{string(strokes[s].letter), strokes[s].ink}
}

// ink is what a piece of text is drawn with where there is colour. The eight
// plain ANSI colours alone: the bright ones are other colours or none in
// common themes, and the user's theme decides how each one looks.
type ink uint8

const (
	plain ink = iota
	bold
	faint
	good  // succeeded at once
	saved // succeeded, but not at once
	bad   // failed
	given // failed since a rule gave it up
	busy  // running
	held  // something holds it up
	gray  // cut off
)

// styles keep the letters readable on a dark and on a light ground, since they
// choose both sides of the contrast. White is dark gray in some light themes:
// what is gray reverses the terminal's own two colours instead.
var styles = map[ink]lipgloss.Style{
	bold:  lipgloss.NewStyle().Bold(true),
	faint: lipgloss.NewStyle().Faint(true),
	good:  lipgloss.NewStyle().Foreground(lipgloss.Black).Background(lipgloss.Green),
	saved: lipgloss.NewStyle().Foreground(lipgloss.Black).Background(lipgloss.Cyan),
	bad:   lipgloss.NewStyle().Foreground(lipgloss.BrightWhite).Background(lipgloss.Red).Bold(true),
	given: lipgloss.NewStyle().Foreground(lipgloss.BrightWhite).Background(lipgloss.Magenta).Bold(true),
	busy:  lipgloss.NewStyle().Foreground(lipgloss.BrightWhite).Background(lipgloss.Blue),
	held:  lipgloss.NewStyle().Foreground(lipgloss.Black).Background(lipgloss.Yellow),
	gray:  lipgloss.NewStyle().Reverse(true),
}

// paint is how an ink looks on a page, on light paper and on dark: its ground and the
// letter on it. A letter of no ground stands on that of the page.
type paint struct {
	name        string
	light, dark [2]string // ground, letter
}

// paints are in the order of ink. What is ordinary is pale there, since a page has the
// room to show a hundred times as much of it.
var paints = []paint{
	plain: {"plain", [2]string{"#e9ebef", "#4a5261"}, [2]string{"#2a303a", "#a9b2c0"}},
	bold:  {"bold", [2]string{"", "#16191f"}, [2]string{"", "#f2f4f7"}},
	faint: {"faint", [2]string{"#f3f4f6", "#5d6675"}, [2]string{"#1d222a", "#96a0af"}},
	good:  {"good", [2]string{"#d3ebd9", "#1f5c36"}, [2]string{"#1d4030", "#9ad8b0"}},
	saved: {"saved", [2]string{"#bfe3ea", "#0d5060"}, [2]string{"#144a57", "#9adbe8"}},
	bad:   {"bad", [2]string{"#c62f3d", "#ffffff"}, [2]string{"#cf3f4c", "#ffffff"}},
	given: {"given", [2]string{"#8c3fae", "#ffffff"}, [2]string{"#9d55bd", "#ffffff"}},
	busy:  {"busy", [2]string{"#2c64c4", "#ffffff"}, [2]string{"#3a6fc9", "#ffffff"}},
	held:  {"held", [2]string{"#f5d987", "#5c4300"}, [2]string{"#6b5210", "#ffe6a3"}},
	gray:  {"gray", [2]string{"#5b6371", "#ffffff"}, [2]string{"#7a8392", "#0e1116"}},
}

// paper is what a page is made of besides.
var paper = []struct{ name, light, dark string }{
	{"ground", "#ffffff", "#12151a"},
	{"raised", "#f7f8fa", "#191d24"},
	{"edge", "#dfe2e8", "#2c323c"},
	{"text", "#1d222b", "#dde1e8"},
	{"quiet", "#5d6675", "#96a0af"},
	{"link", "#1f57b8", "#84b1f7"},
}

// strokeLooks are how strokes that last look on a page: as high as they matter.
var strokeLooks = map[stroke]struct {
	name, light, dark string
	height            int
}{
	strokeUnknown:     {"unknown", "#eceef2", "#262c35", 13},
	strokeTerminating: {"terminating", "#c9a227", "#a3821c", 11},
	strokeBackoff:     {"backoff", "#aab2c0", "#566072", 3},
	strokePending:     {"pending", "#d5dae2", "#3a4350", 5},
	strokeInit:        {"init", "#a9bfe6", "#3d5582", 7},
	strokeRunning:     {"running", "#5b87d6", "#4c78c6", 11},
}

// chosenInk, with another ink, is of what the cursor stands on: the reverse of what
// is drawn around it, which no colour is needed to see.
const chosenInk ink = 1 << 7

// styleOf is how an ink is drawn, if it is drawn at all.
func styleOf(i ink, color bool) (style lipgloss.Style, drawn bool) {
	if color {
		style, drawn = styles[i&^chosenInk]
	}
	if i&chosenInk == 0 {
		return style, drawn
	}
	return style.Reverse(!style.GetReverse()).Bold(true), true
}

// KeyStyle tells a key from what it does.
func KeyStyle(color bool) lipgloss.Style {
	style, _ := styleOf(bold, color)
	return style
}

// logStyles tell the lines of one index from those of its neighbours, as stern tells
// pods: by the foreground alone, since most of the line is not ours. Red is left
// out, which means failed elsewhere.
var logStyles = []lipgloss.Style{
	lipgloss.NewStyle().Foreground(lipgloss.Cyan),
	lipgloss.NewStyle().Foreground(lipgloss.Green),
	lipgloss.NewStyle().Foreground(lipgloss.Magenta),
	lipgloss.NewStyle().Foreground(lipgloss.Yellow),
	lipgloss.NewStyle().Foreground(lipgloss.Blue),
}

// stateInks are for the first word of the screen.
var stateInks = map[v1alpha1.State]ink{
	v1alpha1.StateRunning:    busy,
	v1alpha1.StateSuspended:  held,
	v1alpha1.StateManifest:   held,
	v1alpha1.StateNoStatus:   held,
	v1alpha1.StateFailing:    bad,
	v1alpha1.StateFailed:     bad,
	v1alpha1.StateSucceeding: good,
	v1alpha1.StateComplete:   good,
}

// kindsOf lists the kinds of a fate by their place in kinds.
var kindsOf = func() map[v1alpha1.Fate][]uint8 {
	of := map[v1alpha1.Fate][]uint8{}
	for n, k := range kinds {
		of[k.fate] = append(of[k.fate], uint8(n))
	}
	return of
}()

// badness ranks each kind: 0 is the worst.
var badness = func() []int {
	ranks := make([]int, len(kinds))
	for n, k := range kinds {
		ranks[n] = strings.IndexByte(worstFirst, k.letter)
	}
	return ranks
}()

// kindsWorstFirst is the order of rows and of counts.
var kindsWorstFirst = func() []uint8 {
	order := make([]uint8, len(kinds))
	for n := range order {
		order[n] = uint8(n)
	}
	slices.SortStableFunc(order, func(a, b uint8) int { return cmp.Compare(badness[a], badness[b]) })
	return order
}()

// unknownKind is of an index that no record tells of, noKind of a cell none of whose
// indexes is to be shown.
var (
	unknownKind = uint8(len(kinds) - 1)
	noKind      = uint8(len(kinds))
)

// kindOf is the place in kinds of a fate and its reason.
func kindOf(fate v1alpha1.Fate, reason string) uint8 {
	for _, n := range kindsOf[fate] {
		if reasons := kinds[n].reasons; reasons == nil || slices.Contains(reasons, reason) {
			return n
		}
	}
	return unknownKind
}
