/** What changed between two texts, word by word: the shortest list of kept, removed and added runs. */

export interface DiffPart {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Above this many word pairs the table would cost more than it tells; the texts are then shown whole. */
const MAX_CELLS = 1_500_000;

export function diffWords(before: string, after: string): DiffPart[] {
  const a = splitWords(before);
  const b = splitWords(after);
  const start = commonStart(a, b);
  const end = commonEnd(a, b, start);
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  return joinRuns([
    ...a.slice(0, start).map((text) => ({ kind: "same", text }) as const),
    ...diffMiddle(middleA, middleB),
    ...a.slice(a.length - end).map((text) => ({ kind: "same", text }) as const),
  ]);
}

/** Words, spaces and punctuation as pieces of their own; joined they give the text back. */
export function splitWords(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{M}\p{N}_#@]+|[^\s\p{L}\p{M}\p{N}_#@]/gu) ?? [];
}

function commonStart(a: string[], b: string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n += 1;
  return n;
}

function commonEnd(a: string[], b: string[], start: number): number {
  let n = 0;
  while (n < a.length - start && n < b.length - start && a[a.length - 1 - n] === b[b.length - 1 - n]) n += 1;
  return n;
}

function diffMiddle(a: string[], b: string[]): DiffPart[] {
  if (a.length * b.length > MAX_CELLS) {
    return [
      { kind: "removed", text: a.join("") },
      { kind: "added", text: b.join("") },
    ];
  }
  const lengths = longestCommon(a, b);
  const width = b.length + 1;
  const parts: DiffPart[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      parts.push({ kind: "same", text: a[i] ?? "" });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(lengths, (i + 1) * width + j) >= at(lengths, i * width + j + 1))) {
      parts.push({ kind: "removed", text: a[i] ?? "" });
      i += 1;
    } else {
      parts.push({ kind: "added", text: b[j] ?? "" });
      j += 1;
    }
  }
  return parts;
}

/** Cell (i, j): the longest common subsequence of a[i…] and b[j…]. */
function longestCommon(a: string[], b: string[]): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const below = at(lengths, (i + 1) * width + j);
      const right = at(lengths, i * width + j + 1);
      lengths[i * width + j] = a[i] === b[j] ? at(lengths, (i + 1) * width + j + 1) + 1 : Math.max(below, right);
    }
  }
  return lengths;
}

function at(lengths: Uint32Array, index: number): number {
  return lengths[index] ?? 0;
}

/** Neighbours of one kind become one run, and a lone space between two changes goes with them: easier to read. */
function joinRuns(parts: DiffPart[]): DiffPart[] {
  const runs: DiffPart[] = [];
  for (const part of parts) {
    if (part.text === "") continue;
    const last = runs[runs.length - 1];
    if (last?.kind === part.kind) last.text += part.text;
    else runs.push({ ...part });
  }
  return gatherChanges(runs);
}

function gatherChanges(runs: DiffPart[]): DiffPart[] {
  const out: DiffPart[] = [];
  let removed = "";
  let added = "";
  const flush = () => {
    if (removed) out.push({ kind: "removed", text: removed });
    if (added) out.push({ kind: "added", text: added });
    removed = "";
    added = "";
  };
  runs.forEach((run, index) => {
    const between = (removed || added) && index < runs.length - 1;
    if (run.kind === "removed") removed += run.text;
    else if (run.kind === "added") added += run.text;
    else if (between && /^[^\S\n]+$/.test(run.text)) {
      removed += run.text;
      added += run.text;
    } else {
      flush();
      out.push(run);
    }
  });
  flush();
  return out;
}
