package krew

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestArchives holds that each archive of dist has the plugin, its license and
// the completion, and that the SBOM beside it is of that very binary.
func TestArchives(t *testing.T) {
	version := spec(t, filepath.Join(dist, "indexjob.yaml"))["version"].(string)
	license, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	for _, archive := range archives(t) {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			files := unpack(t, archive)
			if !bytes.Equal(files["LICENSE"].text, license) {
				t.Error("holds no LICENSE, or another")
			}
			plugin, completion := "kubectl-indexjob", "kubectl_complete-indexjob"
			if strings.Contains(archive, "_windows_") {
				plugin, completion = plugin+".exe", completion+".cmd"
			}
			if files[completion].mode&0o111 == 0 {
				t.Errorf("holds no %s that can be executed", completion)
			}
			if files[plugin].mode&0o111 == 0 {
				t.Fatalf("holds no %s that can be executed", plugin)
			}
			name, _, _ := strings.Cut(filepath.Base(archive), ".")
			checkSBOM(t, filepath.Join(dist, name+".cdx.json"), version, files[plugin].text)
		})
	}
}

// TestChecksums holds that checksums.txt, which a release signs, names all that
// users download by its digest.
func TestChecksums(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(dist, "checksums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	signed := strings.Fields(string(text))
	documents, err := filepath.Glob(filepath.Join(dist, "*.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(archives(t), documents...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.Index(signed, filepath.Base(file))
		if at < 1 || signed[at-1] != digest(text) {
			t.Errorf("checksums.txt does not name %s by its digest", filepath.Base(file))
		}
	}
}

// checkSBOM reads what CycloneDX 1.6 calls the bill of materials.
func checkSBOM(t *testing.T, file, version string, plugin []byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		BOMFormat string
		Metadata  struct {
			Component  struct{ Version string }
			Properties []struct{ Name, Value string }
		}
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		t.Fatal(err)
	}
	if bill.BOMFormat != "CycloneDX" || bill.Metadata.Component.Version != version {
		t.Errorf("the SBOM is %s of version %s, want CycloneDX of %s", bill.BOMFormat, bill.Metadata.Component.Version, version)
	}
	hash := struct{ Name, Value string }{"cdx:gomod:binary:hash:SHA-256", digest(plugin)}
	if !slices.Contains(bill.Metadata.Properties, hash) {
		t.Errorf("the SBOM is of another binary than %s", hash.Value)
	}
	for _, name := range []string{"k8s.io/client-go", "std"} {
		if !slices.ContainsFunc(bill.Components, func(c struct{ Name, Version string }) bool { return c.Name == name && c.Version != "" }) {
			t.Errorf("the SBOM does not name %s", name)
		}
	}
}

// archives are those that were built: of all platforms, or of this one.
func archives(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.tar.gz", "*.zip"} {
		found, err := filepath.Glob(filepath.Join(dist, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Fatal("no archives in dist\nhint: make krew")
	}
	return files
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
