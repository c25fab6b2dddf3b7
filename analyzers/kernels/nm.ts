import type { Statistic } from './monoid.ts';
import { zeroWords } from './words.ts';

/** At most `n` non-zeros in every `m` weights. `m` up to 255. */
export interface NmPattern {
  readonly n: number;
  readonly m: number;
}

/** The axis that groups run along: `size` places, neighbours `inner` elements apart in C order. */
export interface ReductionAxis {
  readonly size: number;
  readonly inner: number;
}

/** Patterns that are counted, by the name in the report. 2:4 is what sparse tensor cores run (Mishra et al. 2021). */
export const nmPatterns: Readonly<Record<string, NmPattern>> = { '2:4': { n: 2, m: 4 } };

/**
 * m * inner elements in storage order hold `inner` groups, interleaved: a slab. Slabs that were seen only in part
 * wait in `open`, by the index of their first element.
 */
export interface NmState {
  violations: number;
  readonly open: Map<number, { seen: number; readonly nonZeros: Uint8Array }>;
}

/**
 * Groups with more than n non-zeros, of m consecutive places along the axis with all other places fixed. Groups
 * begin at place 0 and never reach past the end of the axis: size mod m places are left over.
 */
export const nmStatistic = ({ n, m }: NmPattern, { size, inner }: ReductionAxis): Statistic<NmState> => {
  const slab = m * inner;
  const line = size * inner;
  /** Elements of one line of the axis that lie in whole groups. */
  const whole = Math.floor(size / m) * slab;

  const close = (into: NmState, from: number): void => {
    const slabState = into.open.get(from);
    if (slabState === undefined || slabState.seen < slab) return;
    for (const nonZeros of slabState.nonZeros) into.violations += nonZeros > n ? 1 : 0;
    into.open.delete(from);
  };

  const opened = (into: NmState, from: number) => {
    const found = into.open.get(from) ?? { seen: 0, nonZeros: new Uint8Array(inner) };
    into.open.set(from, found);
    return found;
  };

  return {
    empty: () => ({ violations: 0, open: new Map() }),
    add(into, values, firstIndex) {
      const words = zeroWords(values);
      const end = firstIndex + values.length;
      for (let at = firstIndex; at < end;) {
        const inLine = at % line;
        if (inLine >= whole) {
          at += line - inLine;
          continue;
        }
        const stop = Math.min(end, at - inLine + whole);
        const inSlab = inLine % slab;
        const slabs = inSlab === 0 ? Math.floor((stop - at) / slab) : 0;
        if (slabs > 0) {
          into.violations += slabViolations(words, at - firstIndex, slabs, inner, n, m);
          at += slabs * slab;
          continue;
        }
        const from = at - inSlab;
        const part = opened(into, from);
        const partEnd = Math.min(stop, from + slab);
        countPart(words, at - firstIndex, partEnd - at, part.nonZeros, inSlab % inner);
        part.seen += partEnd - at;
        close(into, from);
        at = partEnd;
      }
    },
    merge(a, b) {
      a.violations += b.violations;
      for (const [from, more] of b.open) {
        const part = opened(a, from);
        part.seen += more.seen;
        for (let i = 0; i < inner; i += 1) part.nonZeros[i]! += more.nonZeros[i]!;
        close(a, from);
      }
      return a;
    },
  };
};

/** Groups with more than n non-zeros in `slabs` whole slabs from `start` on. */
function slabViolations(
  words: Int32Array,
  start: number,
  slabs: number,
  inner: number,
  n: number,
  m: number,
): number {
  let violations = 0;
  const slab = m * inner;
  for (let s = start; s < start + slabs * slab; s += slab)
    for (let i = s; i < s + inner; i += 1) {
      let nonZeros = 0;
      for (let k = i; k < i + slab; k += inner) nonZeros += (0 - (words[k]! & 0x7fffffff)) >>> 31;
      violations += (n - nonZeros) >>> 31;
    }
  return violations;
}

/** Counts the non-zeros of `length` elements into their groups, the first of which is group `group`. */
function countPart(
  words: Int32Array,
  start: number,
  length: number,
  nonZeros: Uint8Array,
  group: number,
): void {
  let at = group;
  for (let i = start; i < start + length; i += 1) {
    nonZeros[at] = nonZeros[at]! + ((0 - (words[i]! & 0x7fffffff)) >>> 31);
    at += 1;
    if (at === nonZeros.length) at = 0;
  }
}
