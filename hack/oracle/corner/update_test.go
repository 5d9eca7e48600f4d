package corner

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the plugin says in these tests; read the difference before it is committed")

// rewrites are, file by file, the literals that no longer hold.
var rewrites = map[string][]rewrite{}

type rewrite struct {
	line     int
	old, new string
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	for file, list := range rewrites {
		if err := rewriteFile(file, list); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// rewriteLater, once for each place, notes that the literal given to the caller's caller does not
// hold any more.
func rewriteLater(old string, lines []string) {
	_, file, line, _ := runtime.Caller(2)
	indent := ""
	if at := strings.LastIndex(old, "\n"); at >= 0 {
		indent = strings.TrimRight(old[at+1:], "`")
	}
	fresh := "\n"
	for _, text := range lines {
		fresh += indent + "\t" + text + "\n"
	}
	if next := (rewrite{line, old, fresh + indent}); !slices.Contains(rewrites[file], next) {
		rewrites[file] = append(rewrites[file], next)
	}
}

// rewriteFile replaces each literal where it stands: at the line of the call
// or, in a table, wherever the very text is.
func rewriteFile(file string, list []rewrite) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	source := string(data)
	for _, r := range list {
		before := source
		quoted, fresh := "`"+r.old+"`", "`"+r.new+"`"
		from := 0
		for range r.line - 1 {
			from += strings.Index(source[from:], "\n") + 1
		}
		if strings.HasPrefix(source[from+max(0, strings.Index(source[from:], "`")):], quoted) {
			source = source[:from] + strings.Replace(source[from:], quoted, fresh, 1)
		} else {
			source = strings.Replace(source, quoted, fresh, 1)
		}
		if source == before {
			return fmt.Errorf("%s:%d: nothing was rewritten; run it again", file, r.line)
		}
	}
	return os.WriteFile(file, []byte(source), 0o644)
}
