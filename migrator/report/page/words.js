// Which words differ between two texts: the longest common subsequence of words, after what begins and ends alike.
const MOST_CELLS = 4_000_000;

const wordsOf = (text) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];
const isBlank = (text) => /^\s+$/.test(text);

// Returns [left, right], each a list of { text, same }. One blank is as good as another.
function compared(leftText, rightText) {
  const leftWords = wordsOf(leftText), rightWords = wordsOf(rightText);
  const left = leftWords.map((word) => (isBlank(word) ? " " : word)), right = rightWords.map((word) => (isBlank(word) ? " " : word));
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < left.length - start && end < right.length - start
    && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  const a = left.slice(start, left.length - end), b = right.slice(start, right.length - end);
  const [keptA, keptB] = a.length * b.length <= MOST_CELLS ? common(a, b) : [new Set(), new Set()];
  return [
    pieces(leftWords, (n) => n < start || n >= left.length - end || keptA.has(n - start)),
    pieces(rightWords, (n) => n < start || n >= right.length - end || keptB.has(n - start)),
  ];
}

function common(a, b) {
  const width = b.length + 1, lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const keptA = new Set(), keptB = new Set();
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      keptA.add(i++);
      keptB.add(j++);
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i++;
    else j++;
  }
  return [keptA, keptB];
}

function pieces(words, isSame) {
  const found = [];
  words.forEach((word, n) => {
    // a blank between two marked words is marked as well, or every word would be a mark of its own
    const same = isSame(n) && !(isBlank(word) && n > 0 && n < words.length - 1 && !isSame(n - 1) && !isSame(n + 1));
    const last = found[found.length - 1];
    if (last && last.same === same) last.text += word;
    else found.push({ text: word, same });
  });
  return found;
}
