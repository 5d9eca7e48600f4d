package cluster

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// goSyntax is what only a programmer in Go understands.
var goSyntax = regexp.MustCompile(`json:|\bGo\b|interface ?\{|struct|&\{|&[A-Z]|map\[|%!|\b0x[0-9a-f]|2006-01-02|v1\.`)

// TestFilesInPlainWords: what is the matter with a file is said in the API's words.
func TestFilesInPlainWords(t *testing.T) {
	job := func(status string) string {
		return `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},"spec":{"completionMode":"Indexed","completions":1},"status":` + status + `}`
	}
	const reading = "reading standard input: "
	for text, want := range map[string]string{
		"null":   "standard input is empty",
		"[null]": reading + "it holds something that is no Kubernetes object: there is null in place of an object",
		`{"kind":"List","apiVersion":"v1","items":[null]}`: reading + "it holds something that is no Kubernetes object: there is null in place of an object",
		"[[1]]":                                          reading + "it holds something that is no Kubernetes object: there is a list in place of an object",
		job(`{"failed":3000000000}`):                     reading + "Job j: status.failed cannot be 3000000000",
		job(`{"failed":1.5}`):                            reading + "Job j: status.failed cannot be 1.5",
		job(`{"failed":"one"}`):                          reading + "Job j: status.failed cannot be a string",
		job(`{"completedIndexes":true}`):                 reading + "Job j: status.completedIndexes cannot be true or false",
		job(`"x"`):                                       reading + "Job j: status cannot be a string",
		job(`{"startTime":5}`):                           reading + "Job j: status.startTime cannot be a number",
		job(`{"startTime":"yesterday"}`):                 reading + `Job j: "yesterday" is no time such as`,
		job(`{"startTime":"2026-13-01T00:00:00Z"}`):      reading + `Job j: "2026-13-01T00:00:00Z" is no time such as 2026-11-22T03:00:00Z: month out of range`,
		job(`{"failed":-3}`):                             "job j has status.failed -3, which no API server accepts",
		fmt.Sprintf(jobLine, `1,"parallelism":-5`):       "job j has spec.parallelism -5, which no API server accepts",
		`{"apiVersion":"v1","kind":"Pod","metadata":[]}`: reading + "Pod: metadata cannot be a list",
		`{5:1}`:                reading + "it cannot be a number",
		"kind: Job\n? \n: 1\n": reading + "a key is empty",
		"? {a: 1}\n: b\n":      reading + "a key is a list or an object",
		"apiVersion: batch/v1\nkind: Job\nspec: {completionMode: [a]}\n": reading + "Job: spec.completionMode cannot be a list",
	} {
		_, err := readText(t, text)
		wantError(t, err, want)
		if err != nil && goSyntax.MatchString(err.Error()) {
			t.Errorf("%s: Go's own words: %v", text, err)
		}
	}
}

// TestAnswersInPlainWords: so it is with whatever a server answers, and nothing is
// taken for an empty list that is none.
func TestAnswersInPlainWords(t *testing.T) {
	for _, answer := range []string{
		"null", "[]", `"x"`, "{}", "5", `{"items":null}`, `{"kind":"Status","apiVersion":"v1","status":"Failure"}`,
		`{"kind":"PodList","apiVersion":"v1","items":[null]}`, `{"kind":"PodList","apiVersion":"v1","items":{"a":1}}`,
		`{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"nightly","namespace":"default"},"spec":{"completions":3000000000}}`,
		`{"kind":"PodList","apiVersion":"v1","items":[{"status":{"startTime":"yesterday"}}]}`,
	} {
		for _, resource := range []string{"jobs", "pods", "events", "version"} {
			server := clustertest.New(newJob(), newPod("own"))
			server.On(resource, clustertest.Forever, func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(answer))
				return true
			})
			seen, err := client(t, server, noon).Observe(t.Context(), "default", "nightly")
			told := fmt.Sprint(err)
			if err == nil {
				for _, gap := range seen.Gaps {
					told += gap.Error
				}
			}
			if goSyntax.MatchString(told) {
				t.Errorf("%s as %s: Go's own words: %s", answer, resource, told)
			}
			if err == nil && (resource == "jobs" || resource == "pods" || resource == "events" && len(seen.Gaps) == 0) {
				t.Errorf("%s as %s is taken for an answer: %+v", answer, resource, seen.Gaps)
			}
		}
	}
}
