package recording

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Final is the name of the last moment: the Job is over and its pods are at
// rest, or the recorder stopped looking.
const Final = "final"

// Recording is one Job as it was seen and as it was.
type Recording struct {
	// Name is the name of the archive, without folder and suffix.
	Name string
	// Shows says in a line or two what the Job is there to show.
	Shows   string
	Moments []Moment
	Ledger  Ledger
}

// Moment is what a client read of the Job at one instant.
type Moment struct {
	Name string `json:"name"`
	// ObservedAt is the instant at which the last of the reads had returned.
	ObservedAt metav1.MicroTime `json:"observedAt"`
	// PodsVersion is the resource version at which the pods were listed; the
	// Job's own is in the Evidence.
	PodsVersion string `json:"podsVersion,omitempty"`
	// Evidence is a v1 List of the Job, its pods, and the events of both.
	Evidence []byte `json:"-"`
}

// Moment returns the moment of that name.
func (r *Recording) Moment(name string) (Moment, bool) {
	for _, m := range r.Moments {
		if m.Name == name {
			return m, true
		}
	}
	return Moment{}, false
}

// ReadDir reads every recording of a folder, sorted by name.
func ReadDir(dir string) ([]*Recording, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, fmt.Errorf("list the recordings of %s: %w", dir, err)
	}
	recordings := make([]*Recording, 0, len(files))
	for _, file := range files {
		r, err := ReadFile(file)
		if err != nil {
			return nil, err
		}
		recordings = append(recordings, r)
	}
	return recordings, nil
}

// ReadFile reads one recording.
func ReadFile(file string) (*Recording, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	r, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read recording %s: %w", file, err)
	}
	r.Name = strings.TrimSuffix(filepath.Base(file), ".txtar")
	return r, nil
}

// WriteFile writes the recording into dir under its name.
func (r *Recording) WriteFile(dir string) error {
	data, err := r.Format()
	if err != nil {
		return fmt.Errorf("write recording %s: %w", r.Name, err)
	}
	if err := os.WriteFile(filepath.Join(dir, r.Name+".txtar"), data, 0o644); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

// Parse reads an archive; it does not know its Name.
func Parse(data []byte) (*Recording, error) {
	archive := txtar.Parse(data)
	files := map[string][]byte{}
	for _, f := range archive.Files {
		files[f.Name] = f.Data
	}
	r := &Recording{Shows: strings.TrimSpace(string(archive.Comment))}
	if err := unmarshal(files, "moments.json", &r.Moments); err != nil {
		return nil, err
	}
	if err := unmarshal(files, "ledger.json", &r.Ledger); err != nil {
		return nil, err
	}
	for i := range r.Moments {
		m := &r.Moments[i]
		evidence, ok := files[m.Name+".yaml"]
		if !ok {
			return nil, fmt.Errorf("moments.json names %s, which has no %s.yaml", m.Name, m.Name)
		}
		m.Evidence = evidence
	}
	return r, nil
}

// Format writes the archive.
func (r *Recording) Format() ([]byte, error) {
	moments, err := marshalLines(r.Moments)
	if err != nil {
		return nil, fmt.Errorf("format moments: %w", err)
	}
	ledger, err := r.Ledger.format()
	if err != nil {
		return nil, fmt.Errorf("format ledger: %w", err)
	}
	archive := &txtar.Archive{
		Comment: []byte(strings.TrimSpace(r.Shows) + "\n"),
		Files:   []txtar.File{{Name: "moments.json", Data: append(moments, '\n')}},
	}
	for _, m := range r.Moments {
		archive.Files = append(archive.Files, txtar.File{Name: m.Name + ".yaml", Data: m.Evidence})
	}
	archive.Files = append(archive.Files, txtar.File{Name: "ledger.json", Data: ledger})
	return txtar.Format(archive), nil
}

func unmarshal(files map[string][]byte, name string, into any) error {
	data, ok := files[name]
	if !ok {
		return fmt.Errorf("the archive has no %s", name)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("parse %s: %w", name, err)
	}
	return nil
}
