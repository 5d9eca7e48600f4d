package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
)

// played is a stream against a scripted server: each watch is answered by the
// next of its steps, the last of which stays open.
type played struct {
	stream
	lists int
	// log tells what was asked for and when, told what was handed over.
	log, told []string
	steps     []func(*watch.RaceFreeFakeWatcher) error
}

func play(steps ...func(*watch.RaceFreeFakeWatcher) error) *played {
	p := &played{steps: steps}
	begin := time.Now()
	p.list = func(context.Context) (string, error) {
		p.lists++
		p.log = append(p.log, fmt.Sprintf("list@%v", time.Since(begin).Round(10*time.Millisecond)))
		return fmt.Sprint(p.lists * 100), nil
	}
	p.watch = func(_ context.Context, from metav1.ListOptions) (watch.Interface, error) {
		p.log = append(p.log, fmt.Sprintf("watch %s@%v", from.ResourceVersion, time.Since(begin).Round(10*time.Millisecond)))
		w := watch.NewRaceFreeFake()
		if len(p.steps) == 0 {
			return w, nil
		}
		step := p.steps[0]
		p.steps = p.steps[1:]
		return w, step(w)
	}
	p.on = func(kind watch.EventType, object runtime.Object) {
		p.told = append(p.told, fmt.Sprintf("%s %s", kind, object.(*corev1.Pod).Name))
	}
	p.trouble = func(error) {}
	p.check = func(runtime.Object) error { return nil }
	p.pauses = pauses
	p.pauses.Jitter = 0
	return p
}

func podAt(name, version string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, ResourceVersion: version}}
}

// inBubble runs a stream for 20 seconds of a bubble's time.
func inBubble(t *testing.T, log string, told []string, steps ...func(*watch.RaceFreeFakeWatcher) error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		p := play(steps...)
		p.run(ctx)
		if got := strings.Join(p.log, ", "); got != log {
			t.Errorf("got  %s\nwant %s", got, log)
		}
		if !slices.Equal(p.told, told) {
			t.Errorf("told %q, want %q", p.told, told)
		}
	})
}

func refuse(err error) func(*watch.RaceFreeFakeWatcher) error {
	return func(*watch.RaceFreeFakeWatcher) error { return err }
}

func TestAWatchThatEndsGoesOnFromThere(t *testing.T) {
	inBubble(t, "list@0s, watch 100@0s, watch 117@250ms", []string{"ADDED a", "MODIFIED a"},
		func(w *watch.RaceFreeFakeWatcher) error {
			w.Add(podAt("a", "105"))
			w.Modify(podAt("a", "110"))
			w.Action(watch.Bookmark, podAt("", "117"))
			w.Stop()
			return nil
		})
}

func TestAVersionThatIsForgottenIsListedAnew(t *testing.T) {
	gone := apierrors.NewResourceExpired("too old")
	inBubble(t, "list@0s, watch 100@0s, list@250ms, watch 200@250ms", nil, refuse(gone))
	inBubble(t, "list@0s, watch 100@0s, list@250ms, watch 200@250ms", nil, func(w *watch.RaceFreeFakeWatcher) error {
		status := gone.Status()
		w.Error(&status)
		return nil
	})
}

func TestAServerThatCannotBeReachedIsTriedEverMoreSeldom(t *testing.T) {
	refused := refuse(errors.New("connection refused"))
	inBubble(t, "list@0s, watch 100@0s, watch 100@250ms, watch 100@750ms, watch 100@1.75s, watch 100@3.75s", nil, refused, refused, refused, refused)
}

func TestAServerThatIsInTroubleIsListedAnew(t *testing.T) {
	busy := apierrors.NewGenericServerResponse(http.StatusTooManyRequests, "watch", schema.GroupResource{}, "", "", 0, false)
	inBubble(t, "list@0s, watch 100@0s, list@250ms, watch 200@250ms, list@750ms, watch 300@750ms", nil, refuse(busy), refuse(apierrors.NewInternalError(errors.New("etcd"))))
}

func TestAWatchThatEndsAtOnceIsNoLoop(t *testing.T) {
	ends := func(w *watch.RaceFreeFakeWatcher) error { w.Stop(); return nil }
	inBubble(t, "list@0s, watch 100@0s, watch 100@250ms, watch 100@750ms", nil, ends, ends)
}

// TestAWatchThatTellsSomethingAndEndsIsNoLoop either.
func TestAWatchThatTellsSomethingAndEndsIsNoLoop(t *testing.T) {
	ends := func(w *watch.RaceFreeFakeWatcher) error { w.Add(podAt("a", "105")); w.Stop(); return nil }
	inBubble(t, "list@0s, watch 100@0s, watch 105@250ms, watch 105@750ms, watch 105@1.75s", []string{"ADDED a", "ADDED a", "ADDED a"}, ends, ends, ends)
	forgets := func(w *watch.RaceFreeFakeWatcher) error {
		w.Add(podAt("a", "105"))
		status := apierrors.NewResourceExpired("too old").Status()
		w.Error(&status)
		return nil
	}
	inBubble(t, "list@0s, watch 100@0s, list@250ms, watch 200@250ms, list@750ms, watch 300@750ms", []string{"ADDED a", "ADDED a"}, forgets, forgets)
}

// TestAWatchThatLastedIsOpenedAtOnce, and failures before it count no more.
func TestAWatchThatLastedIsOpenedAtOnce(t *testing.T) {
	lasts := func(w *watch.RaceFreeFakeWatcher) error { time.AfterFunc(3*time.Second, w.Stop); return nil }
	refused := refuse(errors.New("connection refused"))
	inBubble(t, "list@0s, watch 100@0s, watch 100@250ms, watch 100@750ms, watch 100@3.75s, watch 100@4s", nil, refused, refused, lasts, refused)
}

// TestPausesDiffer, so that not everybody comes back at once, and have an end.
func TestPausesDiffer(t *testing.T) {
	one, other := pauses, pauses
	differ := false
	for n := range 20 {
		least := min(pauses.Duration<<min(n, 10), pauses.Cap)
		a, b := one.Step(), other.Step()
		differ = differ || a != b
		if most := least + least/2; a < least || a > most {
			t.Errorf("pause %d is %s, want %s to %s", n, a, least, most)
		}
	}
	if !differ {
		t.Error("all are the same")
	}
}

// TestAWatchThatTellsOfAnother is told, and does not go on as if nothing were.
func TestAWatchThatTellsOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var told []string
		p := play(func(w *watch.RaceFreeFakeWatcher) error { w.Add(podAt("other", "105")); return nil })
		p.check = func(object runtime.Object) error { return checkAnswer(object, "default", nil) }
		p.trouble = func(err error) { told = append(told, fmt.Sprint(err)) }
		p.run(ctx)
		if want := []string{"<nil>", "<nil>", errOtherAnswer.Error() + `: "other" is of namespace ""`, "<nil>"}; !slices.Equal(told, want) || len(p.told) > 0 {
			t.Errorf("told %q, and %q, want %q", told, p.told, want)
		}
	})
}

func TestWhatMustNotBeWatchedIsListedAgainAndAgain(t *testing.T) {
	forbidden := refuse(apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("no watch")))
	inBubble(t, "list@0s, watch 100@0s, list@10s, watch 200@10s", nil, forbidden)
}

func TestTroubleIsToldUntilItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var told []string
		p := play(refuse(errors.New("connection refused")), refuse(apierrors.NewResourceExpired("too old")))
		p.trouble = func(err error) { told = append(told, fmt.Sprint(err)) }
		p.run(ctx)
		if want := []string{"<nil>", "connection refused", "<nil>", "<nil>"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}
