package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// Every file that the program writes is written here: whole or not at all, and
// where nothing or a regular file was before. A test of the main package holds
// that nothing else writes any.

// The rights of a new file: evidence is for its owner alone, all else is as the
// umask has it.
const (
	evidenceMode os.FileMode = 0o600
	reportMode   os.FileMode = 0o666
)

// isStdout: standard output, by either of its names.
func isStdout(name string) bool { return name == "-" || name == "/dev/stdout" }

var errThere = errors.New("it is there already\nhint: --force overwrites it")

// checkFile finds out before a long reading what writeFile would refuse.
func checkFile(name string, replace bool) error {
	folder := filepath.Dir(name)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s\nhint: mkdir -p %s", folder, terminal.Quote(folder))
	}
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return unnamed(err)
	case info.IsDir():
		return errors.New("it is a folder\nhint: name a file in it")
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is %s, and only regular files are written\nhint: name a file, or remove what is there", kindOfFile(info.Mode()))
	case !replace:
		return errThere
	}
	return nil
}

func kindOfFile(mode os.FileMode) string {
	switch {
	case mode&os.ModeSymlink != 0:
		return "a link"
	case mode&os.ModeDevice != 0:
		return "a device"
	case mode&os.ModeNamedPipe != 0:
		return "a pipe"
	case mode&os.ModeSocket != 0:
		return "a socket"
	}
	return "no file of bytes"
}

// writeFile writes beside the file and gives it the name at the end. A rename
// replaces a link and never follows it.
func writeFile(name string, mode os.FileMode, replace bool, write func(io.Writer) error) error {
	if err := checkFile(name, replace); err != nil {
		return err
	}
	temp, err := os.OpenFile(filepath.Join(filepath.Dir(name), "."+newToken()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return unnamed(err)
	}
	defer os.Remove(temp.Name())
	err = cmp.Or(write(temp), temp.Sync(), temp.Close())
	if err == nil {
		err = put(temp.Name(), name, replace)
	}
	return unnamed(err)
}

// put renames. Unlike a rename, a link fails where somebody made the file
// meanwhile; not every file system has links.
func put(temp, name string, replace bool) error {
	if !replace && os.Link(temp, name) == nil {
		return nil
	}
	if err := checkFile(name, replace); err != nil {
		return err
	}
	return os.Rename(temp, name)
}

// appendFile adds to a file that others may be adding to, who keep it open: it
// stays the same file, and gets the text in one piece. The text depends on how
// large the file is.
func appendFile(name string, text func(size int64) (string, error)) error {
	if err := checkFile(name, true); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, reportMode)
	if err != nil {
		return unnamed(err)
	}
	defer file.Close()
	opened, err := file.Stat()
	if err != nil {
		return unnamed(err)
	}
	if there, err := os.Lstat(name); err != nil || !os.SameFile(there, opened) {
		return errors.New("it was replaced meanwhile")
	}
	whole, err := text(opened.Size())
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, whole)
	return unnamed(cmp.Or(err, file.Close()))
}

// unnamed is an error of the file system without a path, which may be that of
// the temporary file: whoever reports it names the file that was meant.
func unnamed(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
