package cluster

import (
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/types"
)

// latest counts what is kept of each object, of which the latest version is: a
// watch may tell of the same ones for days.
type latest struct {
	bytes map[types.UID]int64
	total int64
	err   error // it became too much
}

// keep keeps the latest version of an object, and some bytes beside it.
func (f *Follower) keep(uid types.UID, beside int64, version any) error {
	bytes := beside + footprint(reflect.ValueOf(version))
	f.mu.Lock()
	defer f.mu.Unlock()
	k := &f.kept
	if k.bytes == nil {
		k.bytes = map[types.UID]int64{}
	}
	if k.total += bytes - k.bytes[uid]; k.total > maxKept {
		k.err = errTooMuch
	}
	k.bytes[uid] = bytes
	return k.err
}

// tooMuch ends a following that was told of more than is kept.
func (f *Follower) tooMuch() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept.err == nil {
		return nil
	}
	return explain(fmt.Sprintf("following job %s/%s", f.first.Namespace, f.first.Name), f.kept.err)
}
