package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writer is the only file whose functions may change what is on a disk.
const writer = "../../pkg/cmd/write_file.go"

// writes are the names in os, syscall and the like by which a file is made,
// changed or removed.
var writes = map[string]bool{
	"Chmod": true, "Chown": true, "Chtimes": true, "CopyFS": true, "Create": true, "CreateTemp": true, "Lchown": true,
	"Link": true, "Mkdir": true, "MkdirAll": true, "MkdirTemp": true, "Mkfifo": true, "Mknod": true, "NewFile": true,
	"OpenInRoot": true, "OpenRoot": true, "Remove": true, "RemoveAll": true, "Rename": true, "Symlink": true,
	"TempDir": true, "TempFile": true, "Truncate": true, "Unlink": true, "WriteFile": true,
	"O_APPEND": true, "O_CREAT": true, "O_CREATE": true, "O_RDWR": true, "O_TRUNC": true, "O_WRONLY": true,
}

// TestOneWriter holds that no file is written but by one place, which writes
// whole files or none, and never through a link.
func TestOneWriter(t *testing.T) {
	found := 0
	for _, root := range []string{".", "../../pkg"} {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if selector, ok := node.(*ast.SelectorExpr); ok && ofSystem(selector.X) && writes[selector.Sel.Name] {
					if found++; name != filepath.Clean(writer) {
						t.Errorf("%s uses %s.%s: only %s writes files", name, selector.X, selector.Sel.Name, writer)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Errorf("%s writes nothing: the test looks for the wrong names", writer)
	}
}

func ofSystem(of ast.Expr) bool {
	name, ok := of.(*ast.Ident)
	return ok && slices.Contains([]string{"os", "syscall", "unix", "windows", "ioutil"}, name.Name)
}
