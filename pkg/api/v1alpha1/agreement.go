package v1alpha1

// Result is the outcome of holding the replay against the status.
type Result string

// Results of the agreement.
const (
	Agrees     Result = "Agrees"
	Disagrees  Result = "Disagrees"
	CannotTell Result = "CannotTell"
)

// Agreement holds the replay against the recorded status.
type Agreement struct {
	Result      Result       `json:"result"`
	Differences []Difference `json:"differences"`
}

// Difference is one field where replay and status part, and the likely cause.
type Difference struct {
	Index    *int32 `json:"index,omitempty"`
	Field    string `json:"field"`
	Recorded string `json:"recorded"`
	Replayed string `json:"replayed"`
	// Because is absent where no known cause accounts for the difference.
	Because string `json:"because,omitempty"`
}
