// Inflates a zlib stream, for browsers without DecompressionStream. RFC 1950 and 1951; checksums are not verified.
const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function inflate(bytes) {
  let at = 2, held = 0, holds = 0, size = 0;
  let out = new Uint8Array(bytes.length * 4);

  function take(count) {
    while (holds < count) {
      held |= bytes[at++] << holds;
      holds += 8;
    }
    const value = held & ((1 << count) - 1);
    held >>>= count;
    holds -= count;
    return value;
  }

  function reserve(more) {
    if (size + more <= out.length) return;
    const larger = new Uint8Array(Math.max(out.length * 2, size + more));
    larger.set(out.subarray(0, size));
    out = larger;
  }

  // a canonical Huffman code: how many symbols have each length, and the symbols in order
  function code(lengths) {
    const counts = new Uint16Array(16), starts = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
    for (const length of lengths) counts[length]++;
    counts[0] = 0;
    for (let length = 1; length < 16; length++) starts[length] = starts[length - 1] + counts[length - 1];
    lengths.forEach((length, symbol) => { if (length) symbols[starts[length]++] = symbol; });
    return { counts, symbols };
  }

  function symbol({ counts, symbols }) {
    let value = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      value |= take(1);
      const count = counts[length];
      if (value - count < first) return symbols[index + (value - first)];
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    throw new Error("the data of this report is damaged");
  }

  function fixed() {
    const lengths = Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8));
    return [code(lengths), code(new Array(30).fill(5))];
  }

  function dynamic() {
    const literals = take(5) + 257, distances = take(5) + 1, given = take(4) + 4;
    const meta = new Array(19).fill(0);
    for (let n = 0; n < given; n++) meta[ORDER[n]] = take(3);
    const metaCode = code(meta), lengths = [];
    while (lengths.length < literals + distances) {
      const found = symbol(metaCode);
      if (found < 16) lengths.push(found);
      else if (found === 16) lengths.push(...new Array(3 + take(2)).fill(lengths[lengths.length - 1]));
      else lengths.push(...new Array(found === 17 ? 3 + take(3) : 11 + take(7)).fill(0));
    }
    return [code(lengths.slice(0, literals)), code(lengths.slice(literals))];
  }

  function copy([literal, distance]) {
    for (;;) {
      const found = symbol(literal);
      if (found === 256) return;
      reserve(260);
      if (found < 256) {
        out[size++] = found;
        continue;
      }
      const n = found - 257;
      let length = LENGTHS[n] + take(n < 8 || n === 28 ? 0 : (n >> 2) - 1);
      const d = symbol(distance);
      const back = DISTANCES[d] + take(d < 4 ? 0 : (d >> 1) - 1);
      for (; length; length--, size++) out[size] = out[size - back];
    }
  }

  let last = 0;
  while (!last) {
    last = take(1);
    const type = take(2);
    if (type === 0) {
      held = holds = 0;
      const length = bytes[at] | (bytes[at + 1] << 8);
      reserve(length);
      out.set(bytes.subarray(at + 4, at + 4 + length), size);
      at += 4 + length;
      size += length;
    } else {
      copy(type === 1 ? fixed() : dynamic());
    }
  }
  return out.subarray(0, size);
}
