package view

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func TestJUnitIsValidXML(t *testing.T) {
	everyExplanation(t, func(t *testing.T, e *v1alpha1.Explanation, random *rand.Rand) {
		holdXML(t, JUnit(summed(e), randomLogs(random, e), ""))
	})
}

// summed has a testcase per record rather than per index where there are very
// many: to read those takes a minute and shows nothing more.
func summed(e *v1alpha1.Explanation) *v1alpha1.Explanation {
	short := *e
	if *e.Spec.Completions == junitRecords {
		short.Spec.Completions = new(int32(junitRecords + 1))
	}
	return &short
}

// FuzzJUnit: whatever pods write, the report can be read.
func FuzzJUnit(f *testing.F) {
	f.Add("\x1b[31m]]>&#x1b;\ufffe\xff", "</testcase>\n\u2028")
	f.Add("&#xA;", "\x00\x0b\ud7ff\U0010ffff")
	f.Fuzz(func(t *testing.T, text, more string) {
		one := int32(1)
		e := &v1alpha1.Explanation{
			Metadata:   v1alpha1.Metadata{Namespace: more, Name: text},
			Spec:       v1alpha1.Spec{Completions: &one},
			Conclusion: v1alpha1.Conclusion{State: v1alpha1.StateFailed, Reason: more, Message: text},
			Fates: []v1alpha1.IndexFate{{Fate: v1alpha1.Failed, Reason: text, Message: more, Attempts: []v1alpha1.Attempt{{
				Number: 1, Source: v1alpha1.SourcePod, Pod: text, Node: more, Decision: v1alpha1.DecisionCount,
				Failure: &v1alpha1.Failure{Container: more, Reason: text, Message: more}, Suspicion: text,
			}}}},
			Signatures: []v1alpha1.Signature{{Text: text, Attempts: 1, Indexes: "0"}},
		}
		suite := holdXML(t, JUnit(e, []Log{{Cause: 1, Pod: text, Container: more, Lines: []string{text, more}}}, ""))
		if suite.Failures != 1 {
			t.Errorf("%d failures, want the index's", suite.Failures)
		}
	})
}

// holdXML reads a report strictly and holds its counts against its testcases.
func holdXML(t *testing.T, report string) testsuite {
	t.Helper()
	if !utf8.ValidString(report) {
		t.Fatal("the report is not UTF-8")
	}
	for decoder := xml.NewDecoder(strings.NewReader(report)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, report)
		}
		switch token := token.(type) {
		case xml.CharData:
			holdChars(t, string(token))
		case xml.StartElement:
			for _, attribute := range token.Attr {
				holdChars(t, attribute.Value)
			}
		}
	}
	var read testsuites
	if err := xml.Unmarshal([]byte(report), &read); err != nil {
		t.Fatal(err)
	}
	var counted testsuite
	for i := range read.Suite.Cases {
		counted.count(&read.Suite.Cases[i])
	}
	suite := read.Suite
	if counted.Tests != suite.Tests || counted.Failures != suite.Failures || counted.Errors != suite.Errors || counted.Skipped != suite.Skipped {
		t.Errorf("the suite says %d tests, %d failures, %d errors, %d skipped; it has %+v", suite.Tests, suite.Failures, suite.Errors, suite.Skipped, counted)
	}
	return suite
}

// holdChars is the production Char of XML 1.0, over what the references in a
// text stand for too.
func holdChars(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= ' ' && r <= 0xd7ff, r >= 0xe000 && r <= 0xfffd, r >= 0x10000 && r <= 0x10ffff:
		default:
			t.Fatalf("%U in %q is no character of XML 1.0", r, text)
		}
	}
}

// Which fate makes which testcase.
func TestJUnitOutcomes(t *testing.T) {
	failed := []v1alpha1.Attempt{{Number: 1, Source: v1alpha1.SourcePod, Pod: "a-pod", Phase: "Failed", Decision: v1alpha1.DecisionIgnore}}
	for _, tt := range []struct {
		fate   v1alpha1.Fate
		reason string
		want   string
	}{
		{v1alpha1.Succeeded, v1alpha1.ReasonFirstAttempt, "passed, flaky"},
		{v1alpha1.Failed, v1alpha1.ReasonBackoffExceeded, "failure"},
		{v1alpha1.Failed, "AddedLater", "failure"},
		{v1alpha1.Stopped, v1alpha1.ReasonFailJobRule, "failure"},
		{v1alpha1.Stopped, v1alpha1.ReasonAfterFailure, "failure"},
		{v1alpha1.Stopped, v1alpha1.ReasonWhileRunning, "skipped"},
		{v1alpha1.Stopped, v1alpha1.ReasonPodGone, "skipped"},
		{v1alpha1.NeverStarted, "", "skipped"},
		{v1alpha1.Unfinished, "", "skipped"},
		{v1alpha1.Waiting, v1alpha1.ReasonParallelismLimit, "skipped"},
		{v1alpha1.BackingOff, v1alpha1.ReasonBackoffDelay, "skipped"},
		{v1alpha1.Pending, "", "skipped"},
		{v1alpha1.Running, v1alpha1.ReasonRetry, "skipped"},
		{v1alpha1.Terminating, "", "skipped"},
		{v1alpha1.Unknown, v1alpha1.ReasonPodMissing, "error"},
		{"AddedLater", "", "error"},
	} {
		e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: new(int32(1))}, Conclusion: v1alpha1.Conclusion{State: v1alpha1.StateComplete}}
		e.Fates = []v1alpha1.IndexFate{{Fate: tt.fate, Reason: tt.reason, Attempts: failed}}
		suite := holdXML(t, JUnit(e, nil, ""))
		one := suite.Cases[1]
		got := "passed"
		switch {
		case one.Failure != nil:
			got = "failure"
		case one.Error != nil:
			got = "error"
		case one.Skipped != nil:
			got = "skipped"
		}
		if len(one.Flaky) > 0 {
			got += ", flaky"
		}
		if got != tt.want {
			t.Errorf("%s/%s is %s, want %s", tt.fate, tt.reason, got, tt.want)
		}
		if told := one.Failure; told != nil && !strings.Contains(told.Text, "a-pod") {
			t.Errorf("%s/%s: the failure has no attempts in it: %q", tt.fate, tt.reason, told.Text)
		}
	}
}

func TestJUnitOfTheJob(t *testing.T) {
	for _, tt := range []struct {
		conclusion v1alpha1.Conclusion
		want       testsuite
	}{
		{v1alpha1.Conclusion{State: v1alpha1.StateFailed}, testsuite{Tests: 1, Failures: 1}},
		{v1alpha1.Conclusion{State: v1alpha1.StateFailing}, testsuite{Tests: 1, Failures: 1}},
		{v1alpha1.Conclusion{State: v1alpha1.StateRunning, CanOnlyEnd: v1alpha1.StateFailed}, testsuite{Tests: 1, Failures: 1}},
		{v1alpha1.Conclusion{State: v1alpha1.StateRunning}, testsuite{Tests: 1, Skipped: 1}},
		{v1alpha1.Conclusion{State: v1alpha1.StateSuspended}, testsuite{Tests: 1, Skipped: 1}},
		{v1alpha1.Conclusion{State: v1alpha1.StateSucceeding}, testsuite{Tests: 1}},
		{v1alpha1.Conclusion{State: v1alpha1.StateComplete}, testsuite{Tests: 1}},
	} {
		got := holdXML(t, JUnit(&v1alpha1.Explanation{Conclusion: tt.conclusion}, nil, ""))
		if got.Tests != tt.want.Tests || got.Failures != tt.want.Failures || got.Skipped != tt.want.Skipped {
			t.Errorf("%s %s: %+v, want %+v", tt.conclusion.State, tt.conclusion.CanOnlyEnd, got, tt.want)
		}
	}
}

// A run of indexes is one testcase only where there are too many.
func TestJUnitOfMany(t *testing.T) {
	for completions, want := range map[int32]int{junitRecords: junitRecords + 1, junitRecords + 1: 2, 1<<31 - 1: 2} {
		last := completions - 1
		e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: &completions}}
		e.Fates = []v1alpha1.IndexFate{{LastIndex: &last, Fate: v1alpha1.Succeeded}}
		if got := strings.Count(JUnit(e, nil, ""), "<testcase "); got != want {
			t.Errorf("%d indexes: %d testcases, want %d", completions, got, want)
		}
	}
}
