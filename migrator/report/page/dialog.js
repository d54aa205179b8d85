// Everything about one item, with both sides of what changed.
function fieldPair(change) {
  const [left, right] = compared(change.left, change.right);
  const side = (parts, tag, empty) => {
    const cell = element("td", {});
    if (!parts.length) cell.append(element("span", { className: "empty", textContent: empty }));
    cell.append(...parts.map(({ text, same }) => (same ? text : element(tag, { textContent: text }))));
    return cell;
  };
  const head = element("th", { scope: "row", textContent: change.field });
  if (change.was) head.append(element("small", { textContent: `as migrated: ${change.was}` }));
  if (change.theirs) head.append(element("small", { textContent: "changed in QA Sphere only: it stays" }));
  return element("tr", {}, head, side(left, "del", "(empty)"), side(right, "ins", "(empty)"));
}

function link(address, text) {
  // only addresses of the web are links; anything else is shown as text
  if (!/^https?:\/\//i.test(address)) return element("span", { textContent: address || text });
  return element("a", { href: address, textContent: text, rel: "noreferrer noopener", target: "_blank" });
}

function detailOf(row, detail, meanings, place, total) {
  const parts = [element("h2", { id: "item-title", textContent: row.title || "(no title)" })];
  const facts = element("p", { className: "facts" },
    element("span", { className: `fate ${row.fate}`, textContent: row.fate.replace("_", " ") }), ` ${row.kind} `,
    element("code", { textContent: row.marker }));
  if (row.code || detail.address) facts.append(" → ", link(detail.address, row.code || "in QA Sphere"));
  if (detail.oldAddress) facts.append(" · ", link(detail.oldAddress, "original"));
  parts.push(facts);
  if (detail.reason) parts.push(element("p", { className: "reason", textContent: detail.reason }));
  if (detail.changes.length) {
    const names = row.fate === "updated" ? ["QA Sphere before", "written"] : ["in QA Sphere", "from the source"];
    const head = element("tr", {}, element("th", { textContent: "field" }), ...names.map((name) => element("th", { textContent: name })));
    parts.push(element("table", { className: "diff" }, element("thead", {}, head),
      element("tbody", {}, ...detail.changes.map(fieldPair))));
  }
  if (detail.notes.length) {
    parts.push(element("h3", { textContent: "Notes" }), element("ul", {}, ...detail.notes.map((note) => {
      const line = element("li", {}, element("code", { textContent: note.code }), " ",
        [note.field, note.message || meanings.get(note.code) || ""].filter(Boolean).join(": "));
      if (note.original) line.append(element("blockquote", { textContent: note.original }));
      return line;
    })));
  }
  parts.push(element("p", { className: "hint", textContent: `${place + 1} of ${total} · ← → previous and next · Esc closes` }));
  return parts;
}
