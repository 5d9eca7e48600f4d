package claims_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// A pipeline looks at its report and at nothing else: no failed Job is green.
func TestNoReportOfAFailedJobIsGreen(t *testing.T) {
	failed := 0
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, seen *evidence.Job) {
		e := replay.Explain(seen, seen.ObservedAt)
		var report struct {
			Suite struct {
				Failures int `xml:"failures,attr"`
				Cases    []struct {
					Name    string    `xml:"name,attr"`
					Failure *struct{} `xml:"failure"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.NewDecoder(strings.NewReader(view.JUnit(e, nil, ""))).Decode(&report); err != nil {
			t.Fatal(err)
		}
		if state := e.Conclusion.State; state != v1alpha1.StateFailed && state != v1alpha1.StateFailing {
			return
		}
		failed++
		ofIndexes := report.Suite.Failures
		if job := report.Suite.Cases[0]; job.Failure != nil {
			ofIndexes--
		}
		if job := report.Suite.Cases[0]; report.Suite.Failures == 0 || (job.Failure == nil) != (ofIndexes > 0) || job.Name != "Job" {
			t.Errorf("the report has %d failures and its first testcase is %+v", report.Suite.Failures, job)
		}
	})
	if failed == 0 {
		t.Error("no recording is of a failed Job")
	}
}
