package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestThePicturesAreOfToday(t *testing.T) {
	const root = "../.."
	pictures, err := draw(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pictures {
		got, err := os.ReadFile(filepath.Join(root, "docs", "pictures", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
			t.Errorf("docs/pictures/%s is not what the program prints: make pictures", name)
		}
	}
}

func TestAPictureIsWhatWasPrinted(t *testing.T) {
	drawn := picture("list", "\x1b[1;97;41mX\x1b[m & \x1b[7m<s>\x1b[m \x1b[2mfaint\x1b[0m\n\nlast\n")
	var text []string
	for decoder := xml.NewDecoder(bytes.NewReader(drawn)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok && strings.TrimSpace(string(data)) != "" {
			text = append(text, string(data))
		}
	}
	if got, want := strings.Join(text, "|"), "list|$ list|X| & |<s>|faint|last"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, want := range []string{`fill="#d6404a"`, `font-weight="bold">X<`, `opacity="0.6">faint<`, `fill="#16191d">&lt;s&gt;<`} {
		if !bytes.Contains(drawn, []byte(want)) {
			t.Errorf("the picture has no %s:\n%s", want, drawn)
		}
	}
}
