// The difference of two texts by lines: the longest run that both share stays, the rest goes or comes.

export interface DiffLine {
  sign: " " | "-" | "+";
  text: string;
}

const CELLS_MAX = 4_000_000; // two texts of 2,000 lines; above, all goes and all comes

export function diff(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  if (a.length * b.length > CELLS_MAX) return [...signed(a, "-"), ...signed(b, "+")];
  const lengths = shared(a, b);
  const found: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ sign: " ", text: a[i] ?? "" });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      found.push({ sign: "-", text: a[i++] ?? "" });
    } else found.push({ sign: "+", text: b[j++] ?? "" });
  }
  return found;
}

/** How many lines the rests from (i, j) have in common. */
function shared(a: string[], b: string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () =>
    new Array<number>(b.length + 1).fill(0),
  );
  for (let i = a.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? [];
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] =
        a[i] === b[j]
          ? at(lengths, i + 1, j + 1) + 1
          : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

const at = (lengths: number[][], i: number, j: number): number => lengths[i]?.[j] ?? 0;

const signed = (lines: string[], sign: DiffLine["sign"]): DiffLine[] =>
  lines.map((text) => ({ sign, text }));
