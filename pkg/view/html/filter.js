// The filter: by fate, cause, node and text. What matches stays lit in the grid, and
// is told as ranges, to be copied.

class Filter {
  constructor(box, grid, causes) {
    this.grid = grid;
    this.fates = grid.fates;
    const there = new Set(this.fates.runs.map((run) => run[2]));
    this.fate = choice("Fate", this.fates.worst.filter((kind) => there.has(kind)).map((kind) => [kind, `${this.fates.kinds[kind].letter} ${this.fates.kinds[kind].phrase}`]));
    this.cause = choice("Cause", causes.filter(([id]) => Object.hasOwn(this.fates.causes, id)));
    this.node = choice("Node", this.fates.nodes().map((name) => [name, name]));
    this.text = element("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    this.found = element("div", { id: "found", role: "status" });
    for (const select of [this.fate, this.cause, this.node]) {
      box.append(element("label", {}, select.title, select));
      select.addEventListener("change", () => this.apply());
    }
    box.append(element("label", {}, "Text", this.text), this.found);
    this.text.addEventListener("input", () => this.apply());
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      for (const control of [this.fate, this.cause, this.node, this.text]) control.value = "";
      this.apply();
    });
    box.hidden = false;
  }

  // set are the indexes that match, null where nothing is asked for.
  set() {
    const asked = [];
    if (this.fate.value !== "") asked.push(this.fates.ofKind(Number(this.fate.value)));
    if (this.cause.value !== "") asked.push(parsed(this.fates.causes[this.cause.value]));
    const node = this.node.value;
    if (node !== "") asked.push(this.fates.told((detail) => (detail.attempts ?? []).some((attempt) => attempt.node === node)));
    const text = this.text.value.trim().toLowerCase();
    if (text !== "") asked.push(this.fates.told((detail) => wordsOf(detail).includes(text)));
    return asked.length === 0 ? null : asked.reduce(common);
  }

  apply() {
    const set = this.set();
    this.grid.show(set);
    this.found.replaceChildren();
    if (set === null) return;
    const n = size(set);
    this.found.append(`${thousands(n)} of ${thousands(this.grid.layout.indexes)} indexes`);
    if (byId("left") && (this.node.value !== "" || this.text.value !== "")) this.found.append(", among those whose attempts have room here");
    if (n > 0) this.found.append(": ", copied(element("code", { class: "ranges" }, written(set))));
    focusScrollers();
  }

  only(cause) {
    if (!Object.hasOwn(this.fates.causes, cause)) return;
    this.cause.value = cause;
    this.apply();
  }
}

function choice(title, values) {
  const select = element("select", { title }, element("option", { value: "" }, "any"));
  for (const [value, words] of values) select.append(element("option", { value }, words));
  return select;
}
