// The grid with a cursor, and below it what there is to say of the cell.

class Grid {
  constructor(box, fates) {
    this.box = box;
    this.fates = fates;
    this.layout = Object.fromEntries(Object.entries(box.dataset).map(([key, value]) => [key, Number(value)]));
    this.cell = -1;
    this.matching = null;
    this.svg = box.querySelector("svg");
    this.mask = picture("path", { class: "mask", d: "" });
    this.cursor = picture("rect", { class: "cursor", width: this.layout.cell, height: this.layout.line - 1, rx: 2, visibility: "hidden" });
    this.svg.append(this.mask, this.cursor);
    for (const [key, value] of Object.entries({ role: "slider", tabindex: "0", "aria-label": "Indexes", "aria-valuemin": 0, "aria-valuemax": this.layout.cells - 1, "aria-valuenow": 0, "aria-valuetext": "no index chosen" })) {
      box.setAttribute(key, value);
    }
    box.addEventListener("keydown", (event) => this.press(event));
    box.addEventListener("click", (event) => this.click(event));
  }

  place(cell) {
    const { left, cell: width, gap, group, row, line } = this.layout;
    const column = cell % row;
    return [left + column * width + Math.floor(column / group) * gap, Math.floor(cell / row) * line];
  }

  of(cell) {
    const first = cell * this.layout.size;
    return [first, Math.min(first + this.layout.size, this.layout.indexes) - 1];
  }

  // scale is how large the picture is drawn: it shrinks a little where there is no room.
  scale() {
    return this.svg.getBoundingClientRect().width / this.svg.viewBox.baseVal.width;
  }

  click(event) {
    const box = this.svg.getBoundingClientRect();
    const scale = this.scale();
    const { left, cell: width, gap, group, row, line, cells } = this.layout;
    const x = (event.clientX - box.left) / scale - left;
    const tens = Math.floor(x / (group * width + gap));
    const column = tens * group + Math.min(group - 1, Math.floor((x - tens * (group * width + gap)) / width));
    const cell = Math.floor((event.clientY - box.top) / scale / line) * row + column;
    if (x >= 0 && column < row && cell >= 0 && cell < cells) this.choose(cell);
  }

  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { row, cells } = this.layout;
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row, PageUp: -5 * row, PageDown: 5 * row, Home: -cells, End: cells };
    if (event.key in moves) {
      const to = this.cell < 0 ? 0 : this.cell + moves[event.key];
      this.choose(Math.max(0, Math.min(cells - 1, to)));
    } else if (event.key === "n" || event.key === "N") {
      this.step(event.key === "n" ? 1 : -1);
    } else if (event.key === "Enter" && this.cell >= 0) {
      byId("detail").focus();
    } else if (event.key === "Escape") {
      this.leave();
    } else {
      return;
    }
    event.preventDefault();
  }

  // step goes to the next index that matches the filter or, without one, that failed.
  step(by) {
    const set = this.matching ?? united(this.fates.kinds.flatMap((kind, n) => (kind.fails ? this.fates.ofKind(n) : [])));
    if (set.length === 0) return;
    const [first, last] = this.cell < 0 ? [-1, -1] : this.index === undefined ? this.of(this.cell) : [this.index, this.index];
    let to;
    if (by > 0) {
      const next = set[at(set, last + 1)];
      to = next ? Math.max(next[0], last + 1) : set[0][0];
    } else {
      const place = at(set, first);
      const here = set[place];
      to = here && here[0] < first ? first - 1 : place > 0 ? set[place - 1][1] : set[set.length - 1][1];
    }
    this.chooseIndex(to);
  }

  chooseIndex(index) {
    if (!(index >= 0 && index < this.layout.indexes)) return;
    this.choose(Math.floor(index / this.layout.size), index);
  }

  // choose shows a cell or, in a cell of many, one of its indexes.
  choose(cell, index) {
    this.cell = cell;
    this.index = this.layout.size === 1 ? cell : index;
    const [x, y] = this.place(cell);
    this.cursor.setAttribute("x", x);
    this.cursor.setAttribute("y", y);
    this.cursor.setAttribute("visibility", "visible");
    const [first, last] = this.index === undefined ? this.of(cell) : [this.index, this.index];
    const words = first === last ? `index ${first}, ${this.fates.kind(first).phrase}` : `indexes ${first} to ${last}`;
    this.box.setAttribute("aria-valuenow", cell);
    this.box.setAttribute("aria-valuetext", words);
    showDetail(this, first, last);
    this.reveal(x * this.scale(), y * this.scale());
  }

  // reveal scrolls the cursor to where nothing stands above it.
  reveal(x, y) {
    if (x < this.box.scrollLeft + 40) this.box.scrollLeft = x - 60;
    if (x > this.box.scrollLeft + this.box.clientWidth - 40) this.box.scrollLeft = x - this.box.clientWidth + 60;
    const top = this.svg.getBoundingClientRect().top + y;
    const bottom = window.innerHeight - byId("detail").offsetHeight - 40;
    if (top < 40) window.scrollBy(0, top - 80);
    if (top > bottom) window.scrollBy(0, top - bottom + 40);
  }

  leave() {
    this.cell = -1;
    this.index = undefined;
    this.cursor.setAttribute("visibility", "hidden");
    this.box.setAttribute("aria-valuetext", "no index chosen");
    byId("detail").hidden = true;
    this.box.focus();
  }

  // show dims the cells that have none of the indexes, null for all.
  show(matching) {
    this.matching = matching;
    const { cells, size: per, cell: width, line } = this.layout;
    if (matching === null) {
      this.mask.setAttribute("d", "");
      return;
    }
    const lit = new Uint8Array(cells);
    for (const [first, last] of matching) lit.fill(1, Math.floor(first / per), Math.floor(last / per) + 1);
    let path = "";
    for (let cell = 0; cell < cells; cell++) {
      if (lit[cell]) continue;
      const [x, y] = this.place(cell);
      path += `M${x} ${y}h${width}v${line}h-${width}z`;
    }
    this.mask.setAttribute("d", path);
  }
}

const letterOf = (kind) => element("b", { class: `letter i-${kind.ink}` }, kind.letter);

// mostRuns is how many runs of a cell are told.
const mostRuns = 60;

function showDetail(grid, first, last) {
  const box = byId("detail");
  box.replaceChildren(detailHead(grid, first, last));
  if (first === last) box.append(...oneIndex(grid.fates, first));
  else box.append(manyIndexes(grid.fates, first, last));
  box.hidden = false;
  box.scrollTop = 0;
}

function detailHead(grid, first, last) {
  const head = element("header", {});
  if (first === last) {
    const kind = grid.fates.kind(first);
    head.append(letterOf(kind), element("h3", {}, `Index ${first}`), element("span", {}, kind.phrase));
  } else {
    head.append(element("h3", {}, `Indexes ${first}-${last}`));
  }
  const button = (words, label, does) => {
    const made = element("button", { type: "button", "aria-label": label, title: label }, words);
    made.addEventListener("click", does);
    return made;
  };
  head.append(element("div", { class: "buttons" },
    button("\u2190", "The failure or match before (N)", () => grid.step(-1)),
    button("\u2192", "The next failure or match (n)", () => grid.step(1)),
    button("Close", "Close (Esc)", () => grid.leave())));
  return head;
}

function oneIndex(fates, index) {
  const detail = fates.detail(index);
  if (!detail) return [element("p", { class: "quiet" }, "There was no room on this page for what there is to say of it.")];
  const told = [];
  if (detail.why) told.push(element("p", {}, detail.why));
  for (const attempt of detail.attempts ?? []) told.push(attemptTold(attempt));
  if (!detail.attempts) told.push(element("p", { class: "quiet" }, "No attempt of it is known."));
  if (detail.next) told.push(element("p", {}, element("b", {}, "Next attempt: "), detail.next));
  if (detail.command) told.push(element("p", {}, copied(element("code", { class: "command" }, detail.command))));
  return told;
}

function attemptTold(attempt) {
  const told = element("div", { class: "attempt" }, element("p", {}, element("span", { class: "rank" }, `${attempt.number}`), " ", attempt.pod));
  if (attempt.waited) told.append(element("p", { class: "quiet" }, attempt.waited));
  for (const fact of attempt.facts ?? []) told.append(element("p", { class: "fact" }, fact));
  if (attempt.cause) told.append(element("p", {}, "Cause ", element("a", { class: "id", href: `#cause=${attempt.cause}` }, attempt.cause)));
  const log = attempt.log && byId(attempt.log);
  if (log) told.append(element("pre", { tabindex: "0" }, log.textContent));
  return told;
}

// manyIndexes are the runs of a cell, the worst first.
function manyIndexes(fates, first, last) {
  const runs = fates.among(first, last);
  runs.sort((a, b) => fates.worst.indexOf(a[2]) - fates.worst.indexOf(b[2]) || a[0] - b[0]);
  const told = element("div", { class: "runs" });
  for (const [from, to, kind] of runs.slice(0, mostRuns)) {
    told.append(element("span", {}, letterOf(fates.kinds[kind]), " ", element("a", { href: `#index=${from}` }, from === to ? `${from}` : `${from}-${to}`)));
  }
  if (runs.length > mostRuns) told.append(element("span", { class: "quiet" }, `and ${thousands(runs.length - mostRuns)} more runs`));
  return told;
}
