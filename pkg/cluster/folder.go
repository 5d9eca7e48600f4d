package cluster

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// isReadIn reports whether a file of a directory or an archive is read: its name has
// to say that it holds objects.
func isReadIn(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name))
}

// errNothingIn is about a directory or an archive without such a file.
func errNothingIn(title, hint string) error {
	return fmt.Errorf("%s holds no file that ends in .yaml, .yml or .json\nhint: %s", title, hint)
}

// readFolder reads the files of a directory in the order of their names, and those
// below it if that was asked for, as kubectl does. A link is what it leads to; a
// pipe is no file.
func (o *fileObjects) readFolder(ctx context.Context, folder string) error {
	n := 0
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("reading %s: %w", folder, err)
		case entry.IsDir() && name != folder && !o.isRecursive:
			return fs.SkipDir
		case entry.IsDir() || !isReadIn(name):
			return nil
		}
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			return err
		}
		n++
		return o.read(ctx, name, nil)
	})
	if err == nil && n == 0 {
		hint := "-R reads the directories below it, too"
		if o.isRecursive {
			hint = "name the files themselves with -f"
		}
		return errNothingIn(folder, hint)
	}
	return err
}

const tarMagic, tarMagicAt = "ustar", 257

func isTar(s *source) bool {
	header, _ := s.Peek(tarMagicAt + len(tarMagic))
	return len(header) > tarMagicAt && string(header[tarMagicAt:]) == tarMagic
}

// readTar reads the files of an archive in their order.
func (o *fileObjects) readTar(ctx context.Context, title string, s *source) error {
	archive := tar.NewReader(unmetered{s})
	n := 0
	for {
		entry, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF) && n == 0:
			return errNothingIn(title, writeHint)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading %s: %w\nhint: it begins like a tar archive; pack it again", title, err)
		case entry.Typeflag != tar.TypeReg || !isReadIn(entry.Name):
			continue
		}
		n++
		if err := o.readEntry(ctx, title+": "+entry.Name, io.NopCloser(archive)); err != nil {
			return err
		}
	}
}

// unmetered reads an archive, which is no object and may be as large as it likes.
type unmetered struct{ *source }

func (u unmetered) Read(p []byte) (int, error) {
	u.meter.reset()
	return u.source.Read(p)
}

func isZip(s *source) bool {
	magic, _ := s.Peek(4)
	return bytes.Equal(magic, []byte("PK\x03\x04"))
}

// readZip opens the file anew: what a zip file holds stands at its end.
func (o *fileObjects) readZip(ctx context.Context, name string) error {
	if name == "-" {
		return errors.New("reading standard input: a zip file is read from its end\nhint: give it as a file, with -f")
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return fmt.Errorf("reading %s: %w\nhint: it begins like a zip file; pack it again", name, err)
	}
	defer archive.Close()
	n := 0
	for _, entry := range archive.File {
		if !entry.Mode().IsRegular() || !isReadIn(entry.Name) {
			continue
		}
		n++
		content, err := entry.Open()
		if err != nil {
			return fmt.Errorf("reading %s: %s: %w", name, entry.Name, err)
		}
		err = o.readEntry(ctx, name+": "+entry.Name, content)
		content.Close()
		if err != nil {
			return err
		}
	}
	if n == 0 {
		return errNothingIn(name, writeHint)
	}
	return nil
}

func (o *fileObjects) readEntry(ctx context.Context, title string, content io.ReadCloser) error {
	s, err := newSource(ctx, content)
	if err != nil {
		return fmt.Errorf("reading %s: %w", title, err)
	}
	return o.readSource(ctx, title, s)
}
