package evidence

import "time"

// Instant is a point in time in eight bytes and without a pointer, of which a
// time.Time has three times as many and one: in microseconds, as exact as the
// API knows any, since the year 1. The zero Instant is the zero time.Time. Its
// range is 292,000 years, which no date of the API leaves.
type Instant int64

var yearOne = time.Time{}.UnixMicro()

// InstantOf is the time to the microsecond.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro() - yearOne) }

// Time is the instant in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i) + yearOne).UTC() }

// IsZero reports whether there is no instant.
func (i Instant) IsZero() bool { return i == 0 }
