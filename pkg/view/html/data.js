"use strict";
// What the page carries, unpacked. All text in it is already safe to show: it was
// written in the words of explain, and goes into the page as text alone.

const byId = (id) => document.getElementById(id);

async function unpack(id) {
  const packed = byId(id);
  if (!packed || typeof DecompressionStream === "undefined") return null;
  const letters = atob(packed.textContent.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// element makes an element with text or other elements in it.
function element(name, attributes, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

function picture(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const thousands = (n) => n.toLocaleString("en-US");

// A set of indexes is a list of intervals, [first, last], in order: what costs is
// the number of runs, never that of indexes.

function parsed(ranges) {
  if (ranges === "") return [];
  return ranges.split(",").map((run) => {
    const [first, last] = run.split("-");
    return [Number(first), Number(last ?? first)];
  });
}

function united(intervals) {
  const sorted = intervals.slice().sort((a, b) => a[0] - b[0]);
  const set = [];
  for (const [first, last] of sorted) {
    const before = set[set.length - 1];
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else set.push([first, last]);
  }
  return set;
}

function common(a, b) {
  const set = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const first = Math.max(a[i][0], b[j][0]);
    const last = Math.min(a[i][1], b[j][1]);
    if (first <= last) set.push([first, last]);
    if (a[i][1] < b[j][1]) i++;
    else j++;
  }
  return set;
}

const size = (set) => set.reduce((sum, [first, last]) => sum + last - first + 1, 0);

const written = (set) => set.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");

// at is the place of the interval that has an index, or of the next one.
function at(intervals, index) {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle][1] < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Fates are the runs of the indexes, and what there is to say of some of them.
class Fates {
  constructor(text) {
    const lines = text.split("\n");
    const head = JSON.parse(lines[0]);
    this.kinds = head.kinds;
    this.worst = head.worst;
    this.causes = head.causes;
    this.runs = [];
    for (let i = 0, first = 0; i < head.runs.length; i += 2) {
      this.runs.push([first, first + head.runs[i] - 1, head.runs[i + 1]]);
      first += head.runs[i];
    }
    this.details = lines.slice(1, -1).map((line) => {
      const detail = JSON.parse(line);
      return [detail.index, detail.last, detail];
    });
    this.details.sort((a, b) => a[0] - b[0]);
  }

  kind(index) {
    const run = this.runs[at(this.runs, index)];
    return this.kinds[run[2]];
  }

  detail(index) {
    const found = this.details[at(this.details, index)];
    return found && found[0] <= index ? found[2] : null;
  }

  // among are the runs of a stretch of indexes, cut to it.
  among(first, last) {
    const runs = [];
    for (let i = at(this.runs, first); i < this.runs.length && this.runs[i][0] <= last; i++) {
      runs.push([Math.max(first, this.runs[i][0]), Math.min(last, this.runs[i][1]), this.runs[i][2]]);
    }
    return runs;
  }

  ofKind(kind) {
    return this.runs.filter((run) => run[2] === kind).map(([first, last]) => [first, last]);
  }

  nodes() {
    const names = new Set();
    for (const [, , detail] of this.details) {
      for (const attempt of detail.attempts ?? []) if (attempt.node) names.add(attempt.node);
    }
    return [...names].sort();
  }

  // told are the indexes of whose details something holds.
  told(holds) {
    return united(this.details.filter(([, , detail]) => holds(detail)).map(([first, last]) => [first, last]));
  }
}

// wordsOf are all words that are told of an index, in lower case.
function wordsOf(detail) {
  if (detail.words === undefined) {
    const words = [detail.why, detail.next];
    for (const attempt of detail.attempts ?? []) words.push(attempt.pod, attempt.cause, ...(attempt.facts ?? []));
    detail.words = words.join("\n").toLowerCase();
  }
  return detail.words;
}
