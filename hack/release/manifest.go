package main

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"text/template"
)

// notBuilt is the digest of an archive that there is not: of a valid form, and
// krew installs nothing by it.
var notBuilt = strings.Repeat("0", 64)

// render fills the template of a krew manifest as krew-release-bot does
// (RenderTemplate in its pkg/source, v0.0.51), with digests by file name.
func render(text, tag string, digests map[string]string) (string, error) {
	data := struct{ TagName string }{tag}
	addURIAndSha := func(pattern, _ string) (string, error) {
		uri, err := execute(pattern, data, nil)
		if err != nil {
			return "", err
		}
		digest, ok := digests[path.Base(uri)]
		if !ok {
			digest = strconv.Quote(notBuilt) // bare, YAML takes it for a number
		}
		return fmt.Sprintf("uri: %s\n    sha256: %s", uri, digest), nil
	}
	return execute(text, data, template.FuncMap{"addURIAndSha": addURIAndSha})
}

func execute(text string, data any, functions template.FuncMap) (string, error) {
	parsed, err := template.New("manifest").Funcs(functions).Parse(text)
	if err != nil {
		return "", fmt.Errorf("reading the template of the krew manifest: %w", err)
	}
	var b strings.Builder
	if err := parsed.Execute(&b, data); err != nil {
		return "", fmt.Errorf("filling the template of the krew manifest: %w", err)
	}
	return b.String(), nil
}

// parseChecksums reads lines as sha256sum prints them: "digest  file".
func parseChecksums(text string) map[string]string {
	digests := map[string]string{}
	for line := range strings.Lines(text) {
		if digest, file, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			digests[file] = digest
		}
	}
	return digests
}
