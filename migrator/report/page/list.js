// The list of items: only the rows in view are in the document.
const ROW_HEIGHT = 30;
const MOST_PRINTED = 1000;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

class ItemList {
  constructor(root, folderNames, open) {
    this.root = root;
    this.folderNames = folderNames;
    this.open = open;
    this.rows = [];
    this.current = -1;
    this.drawnRows = null;
    this.space = element("div", { className: "space" });
    this.window = element("div", { className: "window" });
    this.space.append(this.window);
    root.replaceChildren(this.space);
    root.addEventListener("scroll", () => this.draw(), { passive: true });
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("click", (event) => {
      const drawn = event.target.closest("[data-place]");
      if (drawn) this.choose(Number(drawn.dataset.place), true);
    });
    root.addEventListener("focus", () => { if (this.current < 0 && this.rows.length) this.choose(0); });
    new ResizeObserver(() => this.draw()).observe(root);
  }

  show(rows) {
    this.rows = rows;
    this.current = -1;
    this.root.removeAttribute("aria-activedescendant");
    this.space.style.height = `${rows.length * ROW_HEIGHT}px`;
    this.root.scrollTop = 0;
    this.draw();
  }

  get inView() {
    return Math.max(1, Math.floor(this.root.clientHeight / ROW_HEIGHT));
  }

  draw() {
    const first = Math.floor(this.root.scrollTop / ROW_HEIGHT), last = Math.min(this.rows.length, first + this.inView + 2);
    this.window.style.transform = `translateY(${first * ROW_HEIGHT}px)`;
    // rows that are there stay: one that is replaced between press and release never gets its click
    if (this.drawnRows === this.rows && this.drawnFirst === first && this.drawnLast === last) {
      for (const line of this.window.children) line.setAttribute("aria-selected", Number(line.dataset.place) === this.current);
      return;
    }
    [this.drawnRows, this.drawnFirst, this.drawnLast] = [this.rows, first, last];
    this.window.replaceChildren(...this.rows.slice(first, last).map((row, n) => this.drawn(row, first + n)));
  }

  drawn(row, place) {
    const line = element("div", { className: "row", id: `row-${place}`, role: "option" });
    line.dataset.place = place;
    line.setAttribute("aria-selected", place === this.current);
    line.setAttribute("aria-posinset", place + 1);
    line.setAttribute("aria-setsize", this.rows.length);
    const note = row.changes ? `${row.changes} changed` : row.notes.length ? `${row.notes.length} note${row.notes.length > 1 ? "s" : ""}` : "";
    line.append(
      element("span", { className: `fate ${row.fate}`, textContent: row.fate.replace("_", " ") }),
      element("span", { className: "kind", textContent: row.kind }),
      element("span", { className: "title", textContent: row.title || "(no title)" }),
      element("span", { className: "where", textContent: this.folderNames.get(row.folder) || "" }),
      element("span", { className: "code", textContent: row.code }),
      element("span", { className: "noted", textContent: note }),
    );
    return line;
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: this.inView, PageUp: -this.inView, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.choose(Math.max(0, Math.min(this.rows.length - 1, this.current + steps[event.key])));
    else if (event.key === "Enter" && this.current >= 0) this.open(this.current);
    else return;
    event.preventDefault();
  }

  choose(place, open = false) {
    if (!this.rows.length) return;
    this.current = place;
    const top = place * ROW_HEIGHT, most = this.root.clientHeight - ROW_HEIGHT;
    this.root.scrollTop = Math.max(top - most, Math.min(top, this.root.scrollTop));
    this.root.setAttribute("aria-activedescendant", `row-${place}`);
    this.draw();
    if (open) this.open(place);
  }

  // paper has no scroll bar: the first rows in full, and a word about the others
  print() {
    const rows = this.rows.slice(0, MOST_PRINTED).map((row, place) => this.drawn(row, place));
    const left = this.rows.length - rows.length;
    if (left > 0) rows.push(element("p", { textContent: `… and ${left.toLocaleString("en")} more` }));
    this.window.style.transform = "none";
    this.space.style.height = "auto";
    this.window.replaceChildren(...rows);
  }

  printed() {
    this.space.style.height = `${this.rows.length * ROW_HEIGHT}px`;
    this.drawnRows = null;
    this.draw();
  }
}
