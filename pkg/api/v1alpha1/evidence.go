package v1alpha1

// Evidence says what the answer rests on.
type Evidence struct {
	Pods     int64    `json:"pods"`
	Coverage Coverage `json:"coverage"`
	// Order of reading the Job and its pods.
	Order Order `json:"order"`
	// AttemptsInferred counts the attempts whose pods were not seen.
	AttemptsInferred int64 `json:"attemptsInferred"`
	// RulesOf is the Kubernetes minor version whose rules were replayed; absent
	// where none were.
	RulesOf string `json:"rulesOf,omitempty"`
	Gaps    []Gap  `json:"gaps"`
}

// Coverage is how much was read of what existed.
type Coverage struct {
	Pods   CoverageLevel `json:"pods"`
	Events CoverageLevel `json:"events"`
}

// Absence is what became of the pods that are known of and were not seen: deleted or,
// where the pods were not read whole, not read.
func (c Coverage) Absence() string {
	if c.Pods == CoverageWhole {
		return "deleted"
	}
	return "not read"
}

// WithoutPod says how an attempt is known whose pod was not seen, empty where it was.
func (c Coverage) WithoutPod(a *Attempt) string {
	switch a.Source {
	case SourceAnnotation:
		return "its pod was " + c.Absence() + "; the annotations of a later pod count it"
	case SourceEvent:
		return "its pod " + a.Pod + " was " + c.Absence() + "; it is known from an event only"
	}
	return ""
}

// CoverageLevel is how much of a list was read.
type CoverageLevel string

// Whole: all that existed at the instant of the list; what had gone before is
// gone. Partial: some that existed may be missing. None: not read, or may not be.
const (
	CoverageWhole   CoverageLevel = "Whole"
	CoveragePartial CoverageLevel = "Partial"
	CoverageNone    CoverageLevel = "None"
)

// Order is in which order the Job and its pods were read.
type Order string

// Bracketed: the Job was read before its pods and after them, and was the same.
const (
	JobAfterPods  Order = "JobAfterPods"
	JobBeforePods Order = "JobBeforePods"
	Bracketed     Order = "Bracketed"
	OrderUnknown  Order = "Unknown"
)

// Gap is evidence that is missing, and the indexes it concerns.
type Gap struct {
	Kind    GapKind `json:"kind"`
	Indexes string  `json:"indexes,omitempty"`
	Message string  `json:"message"`
}

// GapKind names what is missing.
type GapKind string

// Gaps that arise at reading.
const (
	GapPods     GapKind = "Pods"     // the pods could not be listed
	GapEvents   GapKind = "Events"   // the events could not be listed
	GapVersion  GapKind = "Version"  // the server's version is not known
	GapClock    GapKind = "Clock"    // the instant of reading is not recorded, or clocks differ
	GapMoved    GapKind = "Moved"    // the Job changed while its pods were read
	GapOtherJob GapKind = "OtherJob" // pods of another Job of the same name were left out
	GapPartial  GapKind = "Partial"  // the file contradicts itself: pods are missing
	GapOwner    GapKind = "Owner"    // pods were taken for the Job's by less than a UID
	GapKinds    GapKind = "Kinds"    // objects were left out that do not say what they are
	GapText     GapKind = "Text"     // lines beside the objects were left out
)

// Gaps that the replay finds.
const (
	GapPodsGone     GapKind = "PodsGone"     // indexes that are done and show no pod
	GapHistory      GapKind = "History"      // indexes whose earlier attempts may be gone without a trace
	GapAttemptsGone GapKind = "AttemptsGone" // attempts told of by counts or events only
	GapUnfinished   GapKind = "Unfinished"   // unfinished indexes of a decided Job without a trace
	GapPodMissing   GapKind = "PodMissing"   // indexes whose pods may be missing from partial evidence
	GapFailures     GapKind = "Failures"     // failures that status.failed counts and nobody sees
	GapRules        GapKind = "Rules"        // the cluster is older than the rules that are known
	GapLag          GapKind = "Lag"          // the Job and its pods are not of one instant
)
