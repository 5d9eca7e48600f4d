package terminal

import "testing"

func TestColored(t *testing.T) {
	for _, test := range []struct {
		name   string
		wanted Color
		tty    bool
		env    map[string]string
		want   bool
	}{
		{"a screen", ColorAuto, true, map[string]string{"TERM": "xterm"}, true},
		{"a screen without TERM, as on Windows", ColorAuto, true, nil, true},
		{"a pipe", ColorAuto, false, map[string]string{"TERM": "xterm"}, false},
		{"a dumb screen", ColorAuto, true, map[string]string{"TERM": "dumb"}, false},
		{"always, into a pipe", ColorAlways, false, nil, true},
		{"always beats NO_COLOR", ColorAlways, true, map[string]string{"NO_COLOR": "1"}, true},
		{"never", ColorNever, true, map[string]string{"CLICOLOR_FORCE": "1"}, false},
		{"NO_COLOR", ColorAuto, true, map[string]string{"NO_COLOR": "1"}, false},
		{"NO_COLOR=yes", ColorAuto, true, map[string]string{"NO_COLOR": "yes"}, false},
		{"NO_COLOR=0", ColorAuto, true, map[string]string{"NO_COLOR": "0"}, false},
		{"NO_COLOR= takes it back", ColorAuto, true, map[string]string{"NO_COLOR": ""}, true},
		{"NO_COLOR beats CLICOLOR_FORCE", ColorAuto, true, map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		{"CLICOLOR_FORCE into a pipe", ColorAuto, false, map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"CLICOLOR_FORCE=0", ColorAuto, false, map[string]string{"CLICOLOR_FORCE": "0"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			terminal := Terminal{OutIsTTY: test.tty, LookupEnv: func(name string) (string, bool) {
				value, set := test.env[name]
				return value, set
			}}
			if got := terminal.Colored(test.wanted); got != test.want {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestSize(t *testing.T) {
	for _, test := range []struct{ width, height, wantWidth, wantHeight int }{
		{0, 0, 80, 24}, {120, 50, 120, 50}, {120, 0, 80, 24}, {1, 1, 1, 1},
	} {
		width, height := Terminal{Width: test.width, Height: test.height}.Size()
		if width != test.wantWidth || height != test.wantHeight {
			t.Errorf("%dx%d gives %dx%d", test.width, test.height, width, height)
		}
	}
}

func TestColorFlag(t *testing.T) {
	color := ColorAuto
	if err := color.Set("always"); err != nil || color != ColorAlways {
		t.Errorf("%s, %v", color, err)
	}
	if err := color.Set("sometimes"); err == nil || color != ColorAlways {
		t.Errorf("%s, %v", color, err)
	}
}

func TestLogWidth(t *testing.T) {
	for columns, want := range map[string]int{"": 100, "72": 72, "10": 100, "wide": 100, "200": 200} {
		log := Terminal{LookupEnv: func(name string) (string, bool) { return columns, name == "COLUMNS" }}
		if got := log.LogWidth(); got != want {
			t.Errorf("COLUMNS=%s: got %d, want %d", columns, got, want)
		}
	}
}
