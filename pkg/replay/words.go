package replay

import (
	"fmt"
	"strings"
	"time"
)

// Words that follow from a number.

func s(n int64) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func es(n int64) string {
	if n == 1 {
		return ""
	}
	return "es"
}

// areS ends a noun in the plural and goes on with its verb.
func areS(n int64) string {
	if n == 1 {
		return " is"
	}
	return "s are"
}

func itOrThem(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

func anIndexOrIndexes(n int64) string {
	if n == 1 {
		return "an index"
	}
	return "indexes"
}

func isOrAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func ordinal(n int64) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// howOften: "once", "3 times".
func howOften(n int64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// and puts two sentences into one, either of which may be empty.
func and(first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + "; " + second
}

// clock is a time of day as every view writes it.
func clock(t time.Time) string { return t.UTC().Format(time.TimeOnly) + "Z" }

// untilInWords is when something may happen at the earliest.
func untilInWords(t, now time.Time, estimated bool) string {
	words := "at " + clock(t) + " at the earliest"
	if !t.After(now) {
		words = "now"
	}
	if estimated {
		words += " (estimated)"
	}
	return words
}

// refusal is the message of a FailedCreate event without the name of the pod,
// which is another each time: lines are cut, and what was refused stands last.
func refusal(message string) string {
	why := strings.TrimPrefix(message, foldedPrefix)
	why = strings.TrimPrefix(why, "Error creating: ")
	object, rest, found := strings.Cut(why, "\" is ")
	if found && (strings.HasPrefix(object, "pods \"") || strings.HasPrefix(object, "Pod \"")) {
		return strings.TrimPrefix(rest, "forbidden: ")
	}
	return why
}
