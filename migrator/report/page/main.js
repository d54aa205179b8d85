// Puts filters, list and dialog together.
const form = document.getElementById("filters");
const count = document.getElementById("count");
const dialog = document.getElementById("item");
const body = document.getElementById("item-body");

const folders = new Map(), below = new Map();
for (const folder of document.querySelectorAll("[data-folder]")) {
  const id = Number(folder.dataset.folder);
  folders.set(id, folder.dataset.path);
  below.set(id, Number(folder.dataset.last)); // ids are given in the order of the tree, so a branch is a range
}
const meanings = new Map([...document.querySelectorAll("[data-code]")].map((loss) => [loss.dataset.code, loss.dataset.meaning]));

function option(value, text, number) {
  return element("option", { value, textContent: number === undefined ? text : `${text} (${number.toLocaleString("en")})` });
}

function fill(name, words, rows, of) {
  const counts = new Map(words.map((word) => [word, 0]));
  for (const row of rows) for (const word of of(row)) counts.set(word, counts.get(word) + 1);
  const known = [...counts].filter(([word, number]) => word && number).sort((a, b) => b[1] - a[1]);
  form.elements[name].append(...known.map(([word, number]) => option(word, name === "code" ? word : word.replaceAll("_", " "), number)));
}

function chosen(rows) {
  const { search, fate, kind, code, folder } = form.elements;
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const first = folder.value === "" ? null : Number(folder.value);
  return rows.filter((row) => (!fate.value || row.fate === fate.value || row.action === fate.value)
    && (!kind.value || row.kind === kind.value)
    && (!code.value || row.notes.includes(code.value))
    && (first === null || (row.folder >= first && row.folder <= below.get(first)))
    && words.every((word) => row.text.includes(word)));
}

async function start() {
  const { rows, tables } = await readRows();
  fill("fate", [...new Set([...tables.fates, ...tables.actions])], rows, (row) => new Set([row.fate, row.action]));
  fill("kind", tables.kinds, rows, (row) => [row.kind]);
  fill("code", tables.codes, rows, (row) => row.notes);
  form.elements.folder.append(...[...folders].map(([id, path]) => option(id, path)));

  let shown = 0;
  const list = new ItemList(document.getElementById("list"), folders, open);

  async function open(place) {
    shown = place;
    const row = list.rows[place];
    const detail = await readDetail(row, tables);
    if (shown !== place) return;
    body.replaceChildren(...detailOf(row, detail, meanings, place, list.rows.length));
    if (!dialog.open) dialog.showModal();
    body.scrollTop = 0;
  }

  function refresh() {
    list.show(chosen(rows));
    count.textContent = `${list.rows.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} items`;
  }

  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !list.rows[shown + step]) return;
    list.choose(shown + step, true);
    event.preventDefault();
  });
  document.getElementById("item-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => document.getElementById("list").focus());

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 80);
  });
  form.addEventListener("reset", () => setTimeout(refresh));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    refresh();
    document.getElementById("list").focus();
  });
  // figures lead to the items that they count
  document.addEventListener("click", (event) => {
    const figure = event.target.closest("[data-filter]");
    if (!figure) return;
    form.reset();
    const folded = form.closest("details");
    if (folded) folded.open = true;
    for (const [name, value] of new URLSearchParams(figure.dataset.filter)) form.elements[name].value = value;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, select, textarea") || dialog.open) return;
    event.preventDefault();
    form.elements.search.focus();
    form.scrollIntoView();
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open]):not(.tables)")];
    for (const details of closed) details.open = true;
    list.print();
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
    list.printed();
  });
  refresh();
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  count.textContent = `The items cannot be shown: ${error.message}`;
  document.documentElement.dataset.ready = "failed";
});
