package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// yamlDocuments reads YAML documents, and a List within them item by item:
// parsers of YAML take a document whole, which for a List of 100,000 pods is
// gigabytes. So the items are cut apart by their lines. That is exact for a
// list in block style, since whatever belongs to an item stands deeper than
// its dash; a list in any other style is part of its document.
func (d *decoder) yamlDocuments(s *source) error {
	doc := &yamlDocument{decoder: d, reset: s.meter.reset}
	for {
		line, err := s.ReadBytes('\n')
		if len(line) > 0 {
			if err := doc.line(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return doc.end()
		}
		if err != nil {
			return err
		}
	}
}

// yamlDocument gathers the lines of a document up to its end.
type yamlDocument struct {
	*decoder
	reset func()

	rest []byte // the document without the items of its List
	item []byte // the item that is being gathered
	// number is that of the line, restLines those of the lines of rest, itemLine that
	// of the first line of item.
	number, itemLine int
	restLines        []int
	isArray          bool // of objects, without a List
	indent           int  // of the dashes
	state            yamlState
	isList           bool
}

type yamlState int

const (
	outside yamlState = iota
	atItems           // the line was "items:"
	inItems
)

func (y *yamlDocument) line(line []byte) error {
	y.number++
	if foreignLine.Match(line) {
		y.skipped(bytes.TrimSpace(line))
		return nil
	}
	text := bytes.TrimRight(line, " \t\r\n")
	indent := len(text) - len(bytes.TrimLeft(text, " "))
	switch {
	case isMarker(text, "---"):
		if err := y.end(); err != nil {
			return err
		}
		y.rest = append(y.rest, bytes.TrimPrefix(line, []byte("---"))...)
		y.restLines = append(y.restLines, y.number)
		return nil
	case isMarker(text, "..."):
		return y.end()
	case len(text) == 0 || text[indent] == '#' && y.state != inItems:
		y.add(line)
		return nil
	}
	isDash := text[indent] == '-' && (len(text) == indent+1 || text[indent+1] == ' ')
	switch {
	case y.state == atItems && isDash:
		y.beginItem(line, indent)
		return nil
	case y.state == outside && isDash && indent == 0 && !y.isList && len(bytes.TrimSpace(y.rest)) == 0:
		y.isArray = true
		y.beginItem(line, indent)
		return nil
	case y.state == inItems && isDash && indent == y.indent:
		if err := y.endItem(); err != nil {
			return err
		}
		y.beginItem(line, indent)
		return nil
	case y.state == inItems && indent <= y.indent && text[indent] != '#':
		if err := y.endItem(); err != nil {
			return err
		}
		y.state = outside
	case y.state == atItems:
		y.state = outside
	}
	if y.state == outside && !y.isList && string(text) == "items:" {
		y.state = atItems
	}
	y.add(line)
	return nil
}

// beginItem takes the dash for a space.
func (y *yamlDocument) beginItem(line []byte, indent int) {
	y.state, y.indent, y.isList, y.itemLine = inItems, indent, true, y.number
	y.item = append(y.item, line...)
	y.item[indent] = ' '
}

// isMarker: "---" alone, or with something after a space.
func isMarker(text []byte, marker string) bool {
	return bytes.HasPrefix(text, []byte(marker)) && (len(text) == len(marker) || text[len(marker)] == ' ')
}

func (y *yamlDocument) add(line []byte) {
	if y.state == inItems {
		y.item = append(y.item, line...)
	} else {
		y.rest = append(y.rest, line...)
		y.restLines = append(y.restLines, y.number)
	}
}

func (y *yamlDocument) endItem() error {
	raw, err := yamlToJSON(y.item)
	if err != nil {
		return atLine(err, func(n int) int { return y.itemLine + n - 1 })
	}
	y.item = y.item[:0]
	y.reset()
	return y.decoder.item(raw, metav1.TypeMeta{}, 1)
}

// end closes the document. A List says what it is after its items, since
// kubectl sorts keys: one that does not was cut off.
func (y *yamlDocument) end() error {
	if y.state == inItems {
		if err := y.endItem(); err != nil {
			return err
		}
	}
	isList, isArray, rest, lines := y.isList, y.isArray, y.rest, y.restLines
	y.state, y.isList, y.isArray, y.rest, y.restLines = outside, false, false, nil, nil
	if isArray {
		if left := bytes.TrimSpace(rest); len(left) > 0 {
			line, _, _ := bytes.Cut(left, []byte("\n"))
			return textError(line, lines[0])
		}
		return y.tellKind(0, metav1.TypeMeta{})
	}
	if !isList && len(bytes.TrimSpace(rest)) == 0 {
		return nil
	}
	raw, err := yamlToJSON(rest)
	if err != nil {
		return atLine(err, func(n int) int { return lines[min(n, len(lines))-1] })
	}
	if raw[0] == 'n' { // null: nothing but comments, which may go on for ever
		return nil
	}
	y.reset()
	if isList {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil || typeOf(fields).Kind == "" {
			return errCutOff
		}
		if err := y.tellKind(0, itemType(typeOf(fields))); err != nil {
			return err
		}
		return y.listMetadata(typeOf(fields), fields["metadata"])
	}
	if raw[0] == '{' {
		return y.document(newJSONReader(raw), y.reset, 0)
	}
	return errors.New("it is neither JSON nor YAML of Kubernetes objects")
}

// yamlToJSON converts one document. The parser bounds how often it follows
// aliases, but not how many parts there are, of which each takes it microseconds
// and hundreds of bytes, nor how large what aliases name is: one of a long string
// costs nothing until it is written out. So the parts are counted before anything
// is parsed, and the size before anything is written.
func yamlToJSON(document []byte) ([]byte, error) {
	if yamlParts(document) > maxParts {
		return nil, errTooManyParts
	}
	var tree any
	if err := yaml.Unmarshal(document, &tree); err != nil {
		return nil, err
	}
	left := maxObject
	converted, err := jsonTree(tree, &left)
	if err != nil {
		return nil, err
	}
	return json.Marshal(converted)
}

// parserLine is how the parser names the line of what it was given.
var parserLine = regexp.MustCompile(`\bline (\d+)\b`)

// atLine makes that the line of the file.
func atLine(err error, of func(n int) int) error {
	if errors.Is(err, errTooManyParts) || errors.Is(err, errTooLarge) {
		return err
	}
	return errors.New(parserLine.ReplaceAllStringFunc(err.Error(), func(name string) string {
		n, _ := strconv.Atoi(name[len("line "):])
		return fmt.Sprintf("line %d", of(max(1, n)))
	}))
}

// yamlParts is how many parts a document has at most: each begins with a bracket
// or a comma, or with a dash, a question mark or a colon before white space. Some
// of these stand in texts.
func yamlParts(document []byte) (parts int) {
	for i, c := range document {
		switch c {
		case '[', '{', ',':
			parts++
		case '-', '?', ':':
			if i+1 == len(document) || bytes.IndexByte([]byte(" \t\r\n"), document[i+1]) >= 0 {
				parts++
			}
		}
	}
	return parts
}

var errAnchorsTooLarge = fmt.Errorf("%w once its anchors are followed", errTooLarge)

// jsonTree makes every key a string, as JSON has it.
func jsonTree(node any, left *int) (any, error) {
	*left -= 8
	if text, ok := node.(string); ok {
		*left -= len(text)
	}
	if *left < 0 {
		return nil, errAnchorsTooLarge
	}
	switch node := node.(type) {
	case []any:
		for i := range node {
			element, err := jsonTree(node[i], left)
			if err != nil {
				return nil, err
			}
			node[i] = element
		}
	case map[any]any:
		fields := make(map[string]any, len(node))
		for key, value := range node {
			if key == nil {
				return nil, errors.New("a key is empty")
			}
			name := fmt.Sprint(key)
			*left -= len(name)
			converted, err := jsonTree(value, left)
			if err != nil {
				return nil, err
			}
			fields[name] = converted
		}
		return fields, nil
	}
	return node, nil
}
