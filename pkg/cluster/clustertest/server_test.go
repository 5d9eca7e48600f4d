package clustertest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestOnlyGet: whatever is not GET is refused and remembered.
func TestOnlyGet(t *testing.T) {
	server := New()
	defer server.Close()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead} {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/v1/namespaces/default/pods", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %s", method, response.Status)
		}
		if want := method + " /api/v1/namespaces/default/pods"; !slices.Contains(server.Violations(), want) {
			t.Errorf("%q are remembered, want %s", server.Violations(), want)
		}
	}
}
