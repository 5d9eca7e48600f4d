package upstream

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const jobPackage = "k8s.io/kubernetes/pkg/controller/job"

// Every signature and layout here is upstream's own. When this fails,
// k8s.io/kubernetes has moved: read its new declaration, follow it in
// functions.go or types.go, and then see whether the rule itself has changed.
func TestDeclarationsAreUpstreams(t *testing.T) {
	theirs := declarations(t, sourceFolder(t))
	ours := declarations(t, ".")
	for name, target := range linknames(t) {
		want, found := theirs.functions[target]
		if !found {
			t.Errorf("%s: upstream has no %s any more", name, target)
		} else if got := ours.functions[name]; !sameButForCapitals(want, got) {
			t.Errorf("%s has moved:\n  ours     %s\n  upstream %s", name, got, want)
		}
	}
	for name, got := range ours.types {
		if want, found := theirs.types[strings.ToLower(name[:1])+name[1:]]; !found {
			t.Errorf("%s: upstream has no type of that name any more", name)
		} else if !sameButForCapitals(want, got) {
			t.Errorf("%s has moved:\n  ours     %s\n  upstream %s", name, got, want)
		}
	}
}

// sameButForCapitals: what upstream keeps to itself is exported here.
func sameButForCapitals(a, b string) bool { return strings.EqualFold(a, b) }

func TestTheMirrorIsNotEmpty(t *testing.T) {
	if n := len(linknames(t)); n < 20 {
		t.Errorf("%d functions are linked", n)
	}
	ours := declarations(t, ".")
	if got := ours.types["SyncJobCtx"]; !strings.Contains(got, "FailedIndexes *OrderedIntervals") {
		t.Errorf("SyncJobCtx was read as %q", got)
	}
}

// sourceFolder is where the module that this test is built with lies.
func sourceFolder(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", jobPackage).Output()
	if err != nil {
		t.Fatalf("asking where %s lies: %v", jobPackage, err)
	}
	return strings.TrimSpace(string(out))
}

// linknames are our functions and the upstream functions they stand for,
// methods as "(*T).f" or "T.f".
func linknames(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	for _, file := range parse(t, ".") {
		for _, group := range file.Comments {
			for _, comment := range group.List {
				if rest, found := strings.CutPrefix(comment.Text, "//go:linkname "); found {
					name, target, _ := strings.Cut(rest, " ")
					names[name] = strings.TrimPrefix(target, jobPackage+".")
				}
			}
		}
	}
	return names
}

// declared are the parameters and results of functions, and types.
type declared struct{ functions, types map[string]string }

func declarations(t *testing.T, folder string) declared {
	t.Helper()
	found := declared{map[string]string{}, map[string]string{}}
	for _, file := range parse(t, folder) {
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				name, parameters := d.Name.Name, fieldTypes(d.Type.Params)
				if d.Recv != nil {
					receiver := fieldTypes(d.Recv)[0]
					name = strings.NewReplacer("(", "", ")", "").Replace(receiver) + "." + name
					if strings.HasPrefix(receiver, "*") {
						name = "(" + receiver + ")." + d.Name.Name
					}
					parameters = append([]string{receiver}, parameters...)
				}
				found.functions[name] = strings.Join(parameters, ", ") + " -> " + strings.Join(fieldTypes(d.Type.Results), ", ")
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && !s.Assign.IsValid() {
						found.types[s.Name.Name] = layout(s.Type)
					}
				}
			}
		}
	}
	return found
}

func parse(t *testing.T, folder string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// layout is a type in one line, the fields of a struct with their names.
func layout(expression ast.Expr) string {
	fields, isStruct := expression.(*ast.StructType)
	if !isStruct {
		return source(expression)
	}
	var lines []string
	for _, field := range fields.Fields.List {
		if len(field.Names) == 0 {
			lines = append(lines, source(field.Type))
		}
		for _, name := range field.Names {
			lines = append(lines, name.Name+" "+source(field.Type))
		}
	}
	return strings.Join(lines, "; ")
}

// fieldTypes are the types of a parameter list, one for each parameter.
func fieldTypes(fields *ast.FieldList) []string {
	var list []string
	if fields == nil {
		return nil
	}
	for _, field := range fields.List {
		for range max(1, len(field.Names)) {
			list = append(list, source(field.Type))
		}
	}
	return list
}

func source(node ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return b.String()
}
