package view

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// part of what was used is what it went into.
type usagePart struct {
	title, word string
	of          func(v1alpha1.UsageParts) float64
}

var usageParts = []usagePart{
	{"USEFUL", "useful", func(u v1alpha1.UsageParts) float64 { return u.Useful }},
	{"FAILED", "failed", func(u v1alpha1.UsageParts) float64 { return u.Failed }},
	{"IGNORED", "ignored", func(u v1alpha1.UsageParts) float64 { return u.Ignored }},
	{"REMOVED", "removed", func(u v1alpha1.UsageParts) float64 { return u.Removed }},
	{"STOPPED", "stopped", func(u v1alpha1.UsageParts) float64 { return u.Stopped }},
	{"RUNNING", "not ended yet", func(u v1alpha1.UsageParts) float64 { return u.Running }},
}

// period is the unit in which seconds of something are told.
type period struct {
	seconds float64
	name    string
}

// periodOf is the largest of which there is at least one.
func periodOf(seconds float64) period {
	switch {
	case seconds >= 3600:
		return period{3600, "hours"}
	case seconds >= 60:
		return period{60, "minutes"}
	}
	return period{1, "seconds"}
}

// amount is a number with what of it matters: tenths, unless it is large or whole.
func (p period) amount(seconds float64) string {
	n := seconds / p.seconds
	switch {
	case math.IsNaN(n) || n <= 0:
		return "0"
	case n < 0.05:
		return "<0.1"
	case n >= 1e15:
		return "over 1e15"
	case n >= 99.95 || p.seconds == 1 && n == math.Trunc(n):
		return thousands(int64(math.Round(n)))
	}
	return fmt.Sprintf("%.1f", n)
}

// reserved is one thing that pods reserve, as it is told.
type reserved struct {
	// what is the unit that goes with a period: core, for core-hours.
	what  string
	parts v1alpha1.UsageParts
}

func (r reserved) total() string {
	p := periodOf(r.parts.Total)
	amount, unit := p.amount(r.parts.Total), r.what+"-"+p.name
	if amount == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return amount + " " + unit
}

// isGPU: a resource of a vendor that is called a GPU.
func isGPU(name corev1.ResourceName) bool { return strings.HasSuffix(string(name), "/gpu") }

// gpus are the GPUs: one kind is called just that.
func gpus(u *v1alpha1.Usage) []reserved {
	var all []reserved
	for _, name := range slices.Sorted(maps.Keys(u.Resources)) {
		if isGPU(name) && u.Resources[name].Total > 0 {
			all = append(all, reserved{string(name), u.Resources[name]})
		}
	}
	if len(all) == 1 {
		all[0].what = "GPU"
	}
	return all
}

// reservations are all that is reserved, pods first and what is rare last.
func reservations(u *v1alpha1.Usage) []reserved {
	all := []reserved{{"pod", u.PodSeconds}}
	for _, known := range []struct {
		name corev1.ResourceName
		what string
	}{{corev1.ResourceCPU, "core"}, {corev1.ResourceMemory, "memory GiB"}} {
		if parts, ok := u.Resources[known.name]; ok && parts.Total > 0 {
			all = append(all, reserved{known.what, parts})
		}
	}
	all = append(all, gpus(u)...)
	for _, name := range slices.Sorted(maps.Keys(u.Resources)) {
		isTold := name == corev1.ResourceCPU || name == corev1.ResourceMemory || isGPU(name)
		if parts := u.Resources[name]; !isTold && parts.Total > 0 {
			all = append(all, reserved{string(name) + inGiB(name), parts})
		}
	}
	return all
}

// inGiB is the unit of what is counted in bytes.
func inGiB(name corev1.ResourceName) string {
	if name == corev1.ResourceEphemeralStorage || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
		return " GiB"
	}
	return ""
}

// spent is what the pods used in one sentence, nothing where there were none.
func (s sheet) spent() []line {
	u := s.Usage
	if u == nil || u.PodSeconds.Total <= 0 {
		return nil
	}
	words := "Spent "
	if !u.Exact {
		words += "at least "
	}
	words += reserved{"pod", u.PodSeconds}.total()
	beside := gpus(u)
	if cpu, ok := u.Resources[corev1.ResourceCPU]; ok && cpu.Total > 0 && len(beside) == 0 {
		beside = []reserved{{"core", cpu}}
	}
	var totals []string
	for _, r := range beside {
		totals = append(totals, r.total())
	}
	if len(totals) > 0 {
		words += " (" + strings.Join(totals, ", ") + ")"
	}
	var parts []string
	p := periodOf(u.PodSeconds.Total)
	for _, part := range usageParts {
		if n := part.of(u.PodSeconds); n > 0 {
			parts = append(parts, p.amount(n)+" "+part.word)
		}
	}
	if len(parts) > 0 {
		words += ": " + strings.Join(parts, ", ")
	}
	return s.wrap(sentence(words+"."), s.screen.Width, 0)
}

// usageTable is a row for each thing that pods reserved, and a column for each part
// that there is.
func usageTable(u *v1alpha1.Usage) (titles []string, rows [][]string) {
	what := "RESERVED"
	if !u.Exact {
		what += ", AT LEAST"
	}
	titles = []string{what, "TOTAL"}
	all := reservations(u)
	var parts []usagePart
	for _, part := range usageParts {
		if slices.ContainsFunc(all, func(r reserved) bool { return part.of(r.parts) > 0 }) {
			parts = append(parts, part)
			titles = append(titles, part.title)
		}
	}
	for _, r := range all {
		p := periodOf(r.parts.Total)
		row := []string{r.what + "-" + p.name, p.amount(r.parts.Total)}
		for _, part := range parts {
			row = append(row, p.amount(part.of(r.parts)))
		}
		rows = append(rows, row)
	}
	return titles, rows
}

// usage is the table of what was reserved.
func (s sheet) usage() []line {
	u := s.Usage
	if u == nil || u.PodSeconds.Total <= 0 {
		return nil
	}
	titles, rows := usageTable(u)
	lines := numbersTable(titles, rows).lines(s.screen.Width, 1)
	if len(u.NotCounted) > 0 {
		lines = append(lines, s.wrap(sentence("Not counted: "+strings.Join(u.NotCounted, ", ")+"."), s.screen.Width, 0)...)
	}
	return lines
}

// numbersTable is a table of a name and numbers, of which the last go first where
// there is no room.
func numbersTable(titles []string, rows [][]string) table {
	t := table{columns: []column{{title: titles[0], least: 8}}}
	for n, title := range titles[1:] {
		t.columns = append(t.columns, column{title: title, right: true, spare: n})
	}
	for _, row := range rows {
		var cells []line
		for _, cell := range row {
			cells = append(cells, sentence(cell))
		}
		t.rows = append(t.rows, cells)
	}
	return t
}
