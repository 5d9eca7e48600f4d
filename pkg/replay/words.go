package replay

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

func isOrAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func itOrThem(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
