package replay

import (
	"cmp"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// mostBuckets is into how many a timeline parts the time, at most; mostMoments at how
// many instants it counts: each second of 18 hours, of what lasts longer fewer. Both
// keep its cost from growing with the time.
const (
	mostBuckets = 200
	mostMoments = 1 << 16
)

// moments count how many do what at each of them: first how many more than at the one
// before, until buckets adds them up.
type moments struct {
	from, seconds int64
	perBucket     int64
	more          [][allSeries]int64
}

func momentsBetween(from, to int64) *moments {
	m := &moments{from: from}
	m.seconds = max(1, ceilDiv(to-from, mostMoments))
	n := max(1, ceilDiv(to-from, m.seconds))
	m.perBucket = ceilDiv(n, mostBuckets)
	m.more = make([][allSeries]int64, n+1)
	return m
}

func ceilDiv(n, by int64) int64 { return (n + by - 1) / by }

// add: from one second until another, at which it is no more.
func (m *moments) add(what series, from, to int64) {
	m.more[m.at(from)][what]++
	m.more[m.at(to)][what]--
}

// at is the moment of a second, the nearest one where a clock went wrong.
func (m *moments) at(second int64) int64 {
	return max(0, min((second-m.from)/m.seconds, int64(len(m.more)-1)))
}

// buckets show the moment in which most goes on.
func (m *moments) buckets() []v1alpha1.Bucket {
	moments := m.more[:len(m.more)-1]
	buckets := make([]v1alpha1.Bucket, 0, mostBuckets)
	var now v1alpha1.Bucket
	for i := range moments {
		more := &moments[i]
		now.Running += more[seriesRunning]
		now.Pending += more[seriesPending]
		now.BackingOff += more[seriesBackingOff]
		now.Terminating += more[seriesTerminating]
		if int64(i)%m.perBucket == 0 {
			buckets = append(buckets, now)
		} else if last := &buckets[len(buckets)-1]; isBusier(&now, last) {
			*last = now
		}
	}
	return buckets
}

// isBusier by pods, those that run before all others, and then by what backs off.
func isBusier(a, b *v1alpha1.Bucket) bool {
	pods := func(b *v1alpha1.Bucket) int64 { return b.Running + b.Pending + b.Terminating }
	return cmp.Or(cmp.Compare(pods(a), pods(b)), cmp.Compare(a.Running, b.Running), cmp.Compare(a.BackingOff, b.BackingOff)) > 0
}
