package cluster

import (
	"reflect"

	"k8s.io/apimachinery/pkg/types"
)

// kept are objects of which the latest version is known, side by side, for a look
// to go through them as they lie. A watch may tell of the same ones for days: what
// is kept is bounded, not what is told.
type kept[T any] struct {
	items []T
	uids  []types.UID
	bytes []int64
	place map[types.UID]int
	total int64
}

// keptOf takes objects that differ in their UIDs, and so many bytes in all.
func keptOf[T any](items []T, uid func(*T) types.UID, bytes int64) kept[T] {
	k := kept[T]{items: items, uids: make([]types.UID, len(items)), bytes: make([]int64, len(items)), place: make(map[types.UID]int, len(items)), total: bytes}
	for at := range items {
		k.uids[at], k.bytes[at] = uid(&items[at]), bytes/int64(len(items))
		k.place[k.uids[at]] = at
	}
	return k
}

// put keeps the latest version of an object, and some bytes beside it.
func (k *kept[T]) put(uid types.UID, item T, beside int64) error {
	bytes := beside + footprint(reflect.ValueOf(&item))
	if k.place == nil {
		k.place = map[types.UID]int{}
	}
	at, known := k.place[uid]
	if !known {
		at = len(k.items)
		k.place[uid] = at
		k.items, k.uids, k.bytes = append(k.items, item), append(k.uids, uid), append(k.bytes, 0)
	}
	k.items[at] = item
	k.total += bytes - k.bytes[at]
	k.bytes[at] = bytes
	if k.total > maxKept {
		return errTooMuch
	}
	return nil
}

// get is what is known of an object, nil where nothing is.
func (k *kept[T]) get(uid types.UID) *T {
	if at, known := k.place[uid]; known {
		return &k.items[at]
	}
	return nil
}

// remove lets go of an object. The last takes its place.
func (k *kept[T]) remove(uid types.UID) {
	at, known := k.place[uid]
	if !known {
		return
	}
	delete(k.place, uid)
	k.total -= k.bytes[at]
	last := len(k.items) - 1
	if at < last {
		k.items[at], k.uids[at], k.bytes[at] = k.items[last], k.uids[last], k.bytes[last]
		k.place[k.uids[at]] = at
	}
	clear(k.items[last:])
	k.items, k.uids, k.bytes = k.items[:last], k.uids[:last], k.bytes[:last]
}
