package view

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// junitRecords is the number of indexes above which a run of them that are alike
// is one testcase: servers refuse a report of hundreds of megabytes.
const junitRecords = 100_000

// The elements of a JUnit report, as Ant began them and Surefire goes on.
type (
	testsuites struct {
		XMLName xml.Name  `xml:"testsuites"`
		Suite   testsuite `xml:"testsuite"`
	}
	testsuite struct {
		Name      string     `xml:"name,attr"`
		Tests     int        `xml:"tests,attr"`
		Failures  int        `xml:"failures,attr"`
		Errors    int        `xml:"errors,attr"`
		Skipped   int        `xml:"skipped,attr"`
		Time      string     `xml:"time,attr,omitempty"`
		Timestamp string     `xml:"timestamp,attr,omitempty"`
		Cases     []testcase `xml:"testcase"`
	}
	testcase struct {
		Name    string         `xml:"name,attr"`
		Class   string         `xml:"classname,attr"`
		Time    string         `xml:"time,attr,omitempty"`
		Failure *outcome       `xml:"failure"`
		Error   *outcome       `xml:"error"`
		Skipped *outcome       `xml:"skipped"`
		Flaky   []flakyFailure `xml:"flakyFailure"`
		Out     string         `xml:"system-out,omitempty"`
	}
	outcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
	flakyFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Trace   string `xml:"stackTrace"`
	}
)

// JUnit is a report with a testcase per index and one for the Job, which fails where
// the Job does and no index has: no report of a failed Job is ever green, and none
// counts a failure twice. Its suite is the one named or, for two runs to have the same
// testcases, the owner's.
func JUnit(e *v1alpha1.Explanation, logs []Log, name string) string {
	s := newSheet(e, Screen{Width: 100, Height: Unbounded})
	suite := testsuite{Name: bare(cmp.Or(name, s.suiteName()))}
	if start := e.Conclusion.StartTime; start != nil {
		suite.Timestamp = start.UTC().Format("2006-01-02T15:04:05")
	}
	job := s.jobCase()
	suite.Time = job.Time
	suite.Cases = append(suite.Cases, job)
	for i := range e.Fates {
		suite.Cases = append(suite.Cases, s.indexCases(&e.Fates[i], logs)...)
	}
	if hasFailed := func(c testcase) bool { return c.Failure != nil }; slices.ContainsFunc(suite.Cases[1:], hasFailed) && job.Failure != nil {
		suite.Cases[0].Failure, suite.Cases[0].Out = nil, job.Failure.Text
	}
	for i := range suite.Cases {
		suite.Cases[i].Class = strings.ReplaceAll(suite.Name, "/", ".")
		suite.count(&suite.Cases[i])
	}
	report, err := xml.MarshalIndent(testsuites{Suite: suite}, "", "  ")
	if err != nil {
		panic(err) // no field here can fail to marshal
	}
	return xml.Header + junitBreaks.Replace(string(report)) + "\n"
}

// junitBreaks spares people the references: breaks are our own, and in text that
// has such a reference its ampersand is escaped. No attribute has either.
var junitBreaks = strings.NewReplacer("&#xA;", "\n", "&#x9;", "\t")

func (suite *testsuite) count(c *testcase) {
	suite.Tests++
	switch {
	case c.Failure != nil:
		suite.Failures++
	case c.Error != nil:
		suite.Errors++
	case c.Skipped != nil:
		suite.Skipped++
	}
}

// jobCase is of the Job as a whole. One that can only fail has failed as far as
// a pipeline is concerned.
func (s sheet) jobCase() testcase {
	c := &s.Conclusion
	end := c.FinishedTime
	if end == nil {
		end = c.DecidedTime
	}
	job := testcase{Name: "Job"}
	if c.StartTime != nil && end != nil {
		job.Time = seconds(end.Sub(c.StartTime.Time))
	}
	switch {
	case s.failed():
		screen := Text(s.Explanation, nil, s.screen)
		job.Failure = &outcome{bare(c.Message), bare(cmp.Or(c.Reason, string(c.State))), "\n" + screen}
	case !c.State.Decided():
		job.Skipped = &outcome{Message: bare("not decided: " + c.Message)}
	}
	return job
}

// suiteName is the Job's owner, whose Jobs have another name each time, or the Job.
func (s sheet) suiteName() string {
	if o := s.Owner; o != nil && o.Name != "" {
		return strings.TrimPrefix(s.Metadata.Namespace+"/"+o.Name, "/")
	}
	return s.jobName()
}

// failed reports whether the Job failed, or will for certain.
func (s sheet) failed() bool {
	switch c := &s.Conclusion; {
	case c.State == v1alpha1.StateFailed, c.State == v1alpha1.StateFailing:
		return true
	default:
		return !c.State.Decided() && c.CanOnlyEnd == v1alpha1.StateFailed
	}
}

// indexCases are the testcases of a record: one per index, or one for all.
func (s sheet) indexCases(record *v1alpha1.IndexFate, logs []Log) []testcase {
	one := s.indexCase(record)
	for i := range logs {
		if logs[i].Index == record.Index {
			one.Out += "\n" + logs[i].title(s.Explanation) + "\n" + logs[i].text()
		}
	}
	first, last := record.Index, record.Last()
	if first == last || s.completions() > junitRecords {
		one.Name = "index " + runOf(first, last)
		if first != last {
			one.Name = "indexes " + runOf(first, last)
		}
		return []testcase{one}
	}
	cases := make([]testcase, 0, int64(last)-int64(first)+1)
	for index := int64(first); index <= int64(last); index++ {
		one.Name = "index " + decimal(index)
		cases = append(cases, one)
	}
	return cases
}

func (s sheet) indexCase(record *v1alpha1.IndexFate) testcase {
	one := testcase{Time: ranFor(record)}
	told := outcome{Message: bare(record.Message), Type: bare(record.Reason)}
	if told.Message == "" {
		told.Message = kinds[kindOf(record.Fate, record.Reason)].phrase
	}
	switch record.Fate {
	case v1alpha1.Succeeded:
		one.Flaky = s.flaky(record)
		return one
	case v1alpha1.Stopped:
		if record.Reason != v1alpha1.ReasonFailJobRule && record.Reason != v1alpha1.ReasonAfterFailure {
			one.Skipped = &outcome{Message: told.Message}
			return one
		}
	case v1alpha1.NeverStarted, v1alpha1.Unfinished, v1alpha1.Running, v1alpha1.Pending, v1alpha1.Terminating, v1alpha1.BackingOff, v1alpha1.Waiting:
		one.Skipped = &outcome{Message: told.Message}
		return one
	}
	if cause := s.lastCause(record); cause != "" && !strings.Contains(record.Message, cause) {
		told.Message = bare(cause + "; " + record.Message)
	}
	if attempts := s.attempts(record); len(attempts) > 0 {
		told.Text = render(attempts, false)
	}
	if record.Fate == v1alpha1.Failed || record.Fate == v1alpha1.Stopped {
		one.Failure = &told
	} else {
		one.Error = &told
	}
	return one
}

// lastCause is why the last attempt that failed did, in the program's own words.
func (s sheet) lastCause(record *v1alpha1.IndexFate) string {
	for _, a := range slices.Backward(record.Attempts) {
		if !hasFailed(&a) {
			continue
		}
		for n := range s.Signatures {
			if s.Signatures[n].ID == a.Signature {
				return s.Signatures[n].Text
			}
		}
	}
	return ""
}

// flaky are the failed attempts of an index that succeeded all the same.
func (s sheet) flaky(record *v1alpha1.IndexFate) []flakyFailure {
	var flaky []flakyFailure
	for i := range record.Attempts {
		a := &record.Attempts[i]
		if !hasFailed(a) {
			continue
		}
		message := "attempt " + decimal(a.Number) + " failed"
		if a.Failure != nil {
			message = ended(a.Failure)
		}
		flaky = append(flaky, flakyFailure{bare(message), bare(string(a.Decision)), "\n" + render(s.attempt(a), false)})
	}
	return flaky
}

// ranFor is how long the attempts of an index ran in all, waits left out.
func ranFor(record *v1alpha1.IndexFate) string {
	var ran time.Duration
	known := false
	for i := range record.Attempts {
		if of, told := ranInAll(&record.Attempts[i]); told {
			ran += of
			known = true
		}
	}
	if !known {
		return ""
	}
	return seconds(ran)
}

// ranInAll is how long an attempt ran, its restarts within the pod and all, or one of
// which the kubelet lost the container.
func ranInAll(a *v1alpha1.Attempt) (ran time.Duration, known bool) {
	hasRestarted := a.Restarts != nil && *a.Restarts > 0
	if ran, known = ranOf(a); known && !hasRestarted {
		return ran, true
	}
	start := a.Began()
	if start == nil || a.FinishTime == nil {
		return ran, known
	}
	return max(0, a.FinishTime.Sub(start.Time)), true
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0f", max(0, d).Seconds()) }
