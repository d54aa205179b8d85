// Reads the blocks of the page. A block is JSON, deflated, base64.
async function unpacked(element) {
  const binary = atob(element.textContent);
  const bytes = new Uint8Array(binary.length);
  for (let n = 0; n < binary.length; n++) bytes[n] = binary.charCodeAt(n);
  if (typeof DecompressionStream === "undefined") return JSON.parse(new TextDecoder().decode(inflate(bytes)));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

const blocks = (kind) => [...document.querySelectorAll(`script[data-block="${kind}"]`)];

async function readRows() {
  const tables = await unpacked(blocks("tables")[0]);
  const parts = await Promise.all(blocks("rows").map(unpacked));
  const rows = [];
  parts.forEach((part, block) => part.forEach((row, place) => {
    const [kind, fate, action, project, folder, title, marker, code, notes, changes] = row;
    rows.push({
      kind: tables.kinds[kind], fate: tables.fates[fate], action: tables.actions[action], project: tables.projects[project],
      folder, title, marker, code, notes: notes.map((n) => tables.codes[n]), changes, block, place,
      text: `${title}\n${marker}\n${code}`.toLowerCase(),
    });
  }));
  return { rows, tables };
}

const detailBlocks = new Map();

async function readDetail(row, tables) {
  if (!detailBlocks.has(row.block)) detailBlocks.set(row.block, unpacked(blocks("details")[row.block]));
  const [reason, address, oldAddress, notes, changes] = (await detailBlocks.get(row.block))[row.place];
  return {
    reason, address, oldAddress,
    notes: notes.map(([code, field, original, message]) => ({ code: tables.codes[code], field, original, message })),
    changes: changes.map(([field, left, right, was, theirs]) => ({ field, left, right, was, theirs })),
  };
}
