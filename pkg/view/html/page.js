// What scripts add to the page; without them all of it can be read but the details
// of each index.

// copied puts a button behind a text that copies it. Where the clipboard is not
// allowed the text is selected, for the person to copy.
function copied(text) {
  const button = element("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      window.getSelection().selectAllChildren(text);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
  });
  return element("span", {}, text, button);
}

for (const text of document.querySelectorAll("dd > .ranges, .command")) {
  const place = document.createComment("");
  text.replaceWith(place);
  place.replaceWith(copied(text));
}

// What scrolls can be scrolled by keyboard.
function focusScrollers() {
  for (const box of document.querySelectorAll(".scroll, pre, .ranges")) {
    if (box.id === "grid") continue;
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
focusScrollers();
window.addEventListener("resize", focusScrollers);

const download = byId("download");
if (download && typeof DecompressionStream !== "undefined") {
  download.parentElement.hidden = false;
  download.addEventListener("click", async () => {
    const address = URL.createObjectURL(new Blob([await unpack("document")], { type: "application/json" }));
    element("a", { href: address, download: download.dataset.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  });
}

// fragment is what stands behind the # of the address, empty where it is no text.
function fragment() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

async function start() {
  const box = byId("grid");
  const text = await unpack("details");
  if (!box || text === null) return;
  const grid = new Grid(box, new Fates(text));
  const causes = [...document.querySelectorAll(".cause")].map((cause) => [cause.id.slice("cause=".length), cause.querySelector("h3").textContent]);
  const filter = new Filter(byId("filter"), grid, causes);
  byId("detail").addEventListener("keydown", (event) => {
    if (event.key === "Escape") grid.leave();
  });
  const follow = () => {
    const [what, which] = fragment().split("=");
    if (what === "index" && /^\d+$/.test(which ?? "")) grid.chooseIndex(Number(which));
    if (what === "cause") filter.only(which);
  };
  byId("keys").hidden = false;
  window.addEventListener("hashchange", follow);
  follow();
}

start().finally(() => {
  document.documentElement.dataset.ready = "yes";
});
