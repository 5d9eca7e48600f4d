package view

import (
	"cmp"
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// How long the two parts of the data may be as they stand in the page.
const mostDocument, mostDetails = 1 << 20, 512 << 10

// htmlData is what the script works with: Document, the Explanation itself, to be
// downloaded, and Details, what there is to say of each index. What would be too long
// is left out, and Left says so.
type htmlData struct {
	Document, DocumentName, DocumentLeft string
	Details, DetailsLeft                 string
}

func (s sheet) htmlData(logs []Log) htmlData {
	d := htmlData{DocumentName: "explanation.json"}
	if plainName.MatchString(s.Metadata.Name) {
		d.DocumentName = s.Metadata.Name + ".json"
	}
	if d.Document = packed(marshalled(s.Explanation), mostDocument); d.Document == "" {
		d.DocumentLeft = "The JSON is too large for this page"
		if command := s.command("-o", "json"); command != nil {
			d.DocumentLeft += ": " + bare(shellLine(command))
		}
	}
	room := mostDetails
	if d.Document == "" {
		room = mostDocument // which is free
	}
	d.Details, d.DetailsLeft = s.packDetails(logs, room)
	return d
}

// detailsHead is the first line of the details: what every index is, and which of
// them a cause has.
type detailsHead struct {
	Kinds []detailsKind `json:"kinds"`
	// Worst are the kinds by their places, the worst first.
	Worst []int `json:"worst"`
	// Runs are the lengths of runs of one kind, each followed by its kind.
	Runs []int64 `json:"runs"`
	// Causes are the indexes of those that the filter offers.
	Causes map[string]string `json:"causes"`
}

// mostOfCauses is how long the lists of all causes are together, before they are
// packed.
const mostOfCauses = 256 << 10

type detailsKind struct {
	Letter string `json:"letter"`
	Phrase string `json:"phrase"`
	Ink    string `json:"ink"`
	// Fails: an index of the kind failed, or would have.
	Fails bool `json:"fails"`
}

// detail is what there is to say of an index, or of a run of them, in the words of
// explain --index.
type detail struct {
	Index    int32           `json:"index"`
	Last     int32           `json:"last"`
	Why      string          `json:"why,omitempty"`
	Attempts []detailAttempt `json:"attempts"`
	Next     string          `json:"next,omitempty"`
	Command  string          `json:"command,omitempty"`
}

type detailAttempt struct {
	Number int32    `json:"number"`
	Pod    string   `json:"pod"`
	Node   string   `json:"node,omitempty"`
	Waited string   `json:"waited,omitempty"`
	Facts  []string `json:"facts"`
	Cause  string   `json:"cause,omitempty"`
	Log    string   `json:"log,omitempty"`
}

// packDetails packs what there is to say of each index, the worst first, as many as there is room for.
func (s sheet) packDetails(logs []Log, room int) (text, left string) {
	p := newPack(room)
	if !p.addAll(append(marshalled(s.detailsHead()), '\n')) {
		return "", "What there is to say of each index is too large for this page."
	}
	records := make([]*v1alpha1.IndexFate, len(s.Fates))
	for i := range s.Fates {
		records[i] = &s.Fates[i]
	}
	slices.SortStableFunc(records, func(a, b *v1alpha1.IndexFate) int {
		return cmp.Compare(badness[kindOf(a.Fate, a.Reason)], badness[kindOf(b.Fate, b.Reason)])
	})
	ids := s.shortIDs()
	for n, record := range records {
		if !p.addLine(s.detail(record, ids, logs)) {
			hidden := int64(0)
			for _, without := range records[n:] {
				hidden += int64(without.Last()) - int64(without.Index) + 1
			}
			return p.text(), "There is no room here for the attempts of " + many(hidden, "index", "indexes") + ": the worst came first."
		}
	}
	return p.text(), ""
}

// shortIDs are the short IDs of the causes by their long ones.
func (s sheet) shortIDs() map[string]string {
	ids := map[string]string{}
	for n := range s.Signatures {
		ids[s.Signatures[n].ID] = bare(s.shortID(n))
	}
	return ids
}

func (s sheet) detailsHead() detailsHead {
	h := detailsHead{Causes: map[string]string{}}
	for _, k := range kinds {
		h.Kinds = append(h.Kinds, detailsKind{string(k.letter), k.phrase, paints[k.ink].name, k.ink == bad || k.ink == given})
	}
	for _, k := range kindsWorstFirst {
		h.Worst = append(h.Worst, int(k))
	}
	next := int64(0)
	add := func(length int64, k uint8) {
		if n := len(h.Runs); n > 0 && h.Runs[n-1] == int64(k) {
			h.Runs[n-2] += length
		} else if length > 0 {
			h.Runs = append(h.Runs, length, int64(k))
		}
	}
	for i := range s.Fates {
		record := &s.Fates[i]
		add(int64(record.Index)-next, unknownKind)
		add(int64(record.Last())-int64(record.Index)+1, kindOf(record.Fate, record.Reason))
		next = int64(record.Last()) + 1
	}
	add(s.completions()-next, unknownKind)
	room := mostOfCauses
	for n := range s.Signatures[:min(markdownCauses, len(s.Signatures))] {
		if list := s.indexesOf(&s.Signatures[n]).String(); len(list) <= room {
			h.Causes[bare(s.shortID(n))] = list
			room -= len(list)
		}
	}
	return h
}

func (s sheet) detail(record *v1alpha1.IndexFate, ids map[string]string, logs []Log) detail {
	d := detail{Index: record.Index, Last: record.Last(), Why: bare(record.Message), Next: bare(s.whatFollows(record))}
	if command := s.command(ofIndex(record.Index)...); command != nil && len(record.Attempts) > 0 {
		d.Command = bare(shellLine(command))
	}
	waited := map[int]string{}
	for _, b := range s.bars(record) {
		waited[b.place] = b.words()
	}
	for n := range record.Attempts {
		a := &record.Attempts[n]
		of := detailAttempt{Number: a.Number, Pod: bareLine(s.who(a)), Node: bare(a.Node), Waited: bare(waited[n]), Cause: ids[a.Signature], Log: logOf(logs, record.Index, a)}
		for _, f := range s.facts(a) {
			of.Facts = append(of.Facts, bareLine(append(f.lead[:len(f.lead):len(f.lead)], f.words...)))
		}
		d.Attempts = append(d.Attempts, of)
	}
	return d
}

// bareLine is a line as text.
func bareLine(l line) string {
	text := ""
	for _, s := range disarm(l) {
		text += s.text
	}
	return text
}
