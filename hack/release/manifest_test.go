package main

import (
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

type manifest struct {
	Spec struct {
		Version, ShortDescription string
		Platforms                 []struct{ URI, SHA256 string }
	}
}

// TestPluginManifest holds that plugin.yaml is the template filled, with the
// version and the digests of the last release.
func TestPluginManifest(t *testing.T) {
	plugin := readFile(t, "../../plugin.yaml")
	var released manifest
	if err := yaml.Unmarshal([]byte(plugin), &released); err != nil {
		t.Fatal(err)
	}
	digests := map[string]string{}
	for _, platform := range released.Spec.Platforms {
		if platform.SHA256 != notBuilt {
			digests[path.Base(platform.URI)] = platform.SHA256
		}
	}
	want, err := render(readFile(t, "../../.krew.yaml"), released.Spec.Version, digests)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, plugin); diff != "" {
		t.Errorf("plugin.yaml is not .krew.yaml filled (-want +got):\n%s", diff)
	}
	// Above 50 characters krew-index asks for a shorter one.
	if n := len(released.Spec.ShortDescription); n > 50 {
		t.Errorf("the short description has %d characters", n)
	}
}

func TestRender(t *testing.T) {
	text := "version: {{ .TagName }}\n" +
		"  - {{ addURIAndSha \"https://x/{{ .TagName }}/built.zip\" .TagName }}\n" +
		"  - {{ addURIAndSha \"https://x/{{ .TagName }}/not.zip\" .TagName }}\n"
	got, err := render(text, "v1.2.3", parseChecksums("abc  built.zip\ndef  other.zip\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := "version: v1.2.3\n" +
		"  - uri: https://x/v1.2.3/built.zip\n    sha256: abc\n" +
		"  - uri: https://x/v1.2.3/not.zip\n    sha256: " + "\"" + strings.Repeat("0", 64) + "\"\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("render (-want +got):\n%s", diff)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
