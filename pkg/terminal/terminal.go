package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"
)

// The size of a screen that is not there: what a pipe is given.
const (
	DefaultWidth  = 80
	DefaultHeight = 24
)

// Terminal is where a command runs.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
	// OutIsTTY and ErrIsTTY tell a person's screen from a pipe or a file.
	OutIsTTY, ErrIsTTY bool
	// Width and Height are of Out, in cells; 0 where there is no screen.
	Width, Height int
	LookupEnv     func(string) (string, bool)
	Now           func() time.Time
}

// FromOS is the terminal of this process.
func FromOS() Terminal {
	t := Terminal{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		OutIsTTY:  term.IsTerminal(int(os.Stdout.Fd())),
		ErrIsTTY:  term.IsTerminal(int(os.Stderr.Fd())),
		LookupEnv: os.LookupEnv,
		Now:       time.Now,
	}
	if t.OutIsTTY {
		if width, height, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			t.Width, t.Height = width, height
		}
	}
	return t
}

// Size is that of the screen, or the default where there is none.
func (t Terminal) Size() (width, height int) {
	if t.Width <= 0 || t.Height <= 0 {
		return DefaultWidth, DefaultHeight
	}
	return t.Width, t.Height
}

// defaultLogWidth is how wide a sentence gets where nobody looks at a screen.
const defaultLogWidth = 100

// LogWidth is how wide a log's sentences get: $COLUMNS, or the default.
func (t Terminal) LogWidth() int {
	columns, _ := t.LookupEnv("COLUMNS")
	if width, err := strconv.Atoi(columns); err == nil && width >= 40 {
		return width
	}
	return defaultLogWidth
}

// IsDumb: it cannot write over what stands there.
func (t Terminal) IsDumb() bool {
	kind, _ := t.LookupEnv("TERM")
	return kind == "dumb"
}

// Color is when to colour, as --color has it.
type Color string

// The values of --color.
const (
	ColorAuto   Color = "auto"
	ColorAlways Color = "always"
	ColorNever  Color = "never"
)

// String, Set and Type make Color a flag.
func (c *Color) String() string { return string(*c) }

// Set takes a value that was typed.
func (c *Color) Set(text string) error {
	switch value := Color(text); value {
	case ColorAuto, ColorAlways, ColorNever:
		*c = value
		return nil
	}
	return fmt.Errorf("must be auto, always or never")
}

// Type is what help calls the value.
func (c *Color) Type() string { return "when" }

// Colored decides whether to colour what goes to Out: the flag before NO_COLOR,
// which counts with any value but an empty one, before CLICOLOR_FORCE, before
// whether somebody is looking.
func (t Terminal) Colored(wanted Color) bool {
	switch wanted {
	case ColorAlways:
		return true
	case ColorNever:
		return false
	}
	if no, _ := t.LookupEnv("NO_COLOR"); no != "" {
		return false
	}
	if force, _ := t.LookupEnv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return t.OutIsTTY && !t.IsDumb()
}
