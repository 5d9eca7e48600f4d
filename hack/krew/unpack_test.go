package krew

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

type packed struct {
	mode os.FileMode
	text []byte
}

// unpack reads a .tar.gz or a .zip whole.
func unpack(t *testing.T, archive string) map[string]packed {
	t.Helper()
	text, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	files, err := untar(text)
	if strings.HasSuffix(archive, ".zip") {
		files, err = unzip(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func untar(text []byte) (map[string]packed, error) {
	stream, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	files := map[string]packed{}
	for reader := tar.NewReader(stream); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return nil, err
		}
		files[header.Name] = packed{header.FileInfo().Mode(), content}
	}
}

func unzip(text []byte) (map[string]packed, error) {
	reader, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, err
	}
	files := map[string]packed{}
	for _, file := range reader.File {
		opened, err := file.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			return nil, err
		}
		files[file.Name] = packed{file.Mode(), content}
	}
	return files, nil
}
