import { nearestMethods, type CodeTable, type NearestMethod } from './codeTable.ts';

/** What tables of fewer centroids come to over all groups; the tables themselves are not held. */
export interface SmallerTables {
  readonly method: NearestMethod;
  readonly k: number;
  readonly take: (table: CodeTable) => void;
  /** Kept weights by code. */
  readonly counts: () => Float64Array;
  readonly error: () => number;
  readonly centroids: () => { readonly length: number };
}

/** Centroids, and kept weights times centroids, up to which every method is tried at every size, and `optimal` at every size. */
const mostSizes = 64;
const everyMethod = 1 << 18;
const everySize = 1 << 22;

/**
 * Where every group pays for its table, fewer centroids found well may have less error than more of them from
 * `linear`'s start, in fewer bits. Each method at k halved again and again, and `optimal` at sizes between.
 */
export function smallerTables(k: number, kept: number): SmallerTables[] {
  const all = Array.from({ length: k - 1 }, (_, i) => i + 1);
  const halves = halved(k);
  const between = [k, ...halves].flatMap((size) =>
    [7, 6, 5].map((eighths) => Math.floor((size * eighths) / 8)),
  );
  const sizesFor = (method: NearestMethod): Iterable<number> => {
    if (k <= mostSizes && kept * k <= (method === 'optimal' ? everySize : everyMethod)) return all;
    return method === 'optimal' ? new Set([...halves, ...between].filter((size) => size > 0)) : halves;
  };
  return nearestMethods.flatMap((method) => Array.from(sizesFor(method), (size) => summed(method, size)));
}

/** The size below that one bit fewer gives, with a reserved zero and without, down to 1. */
function halved(k: number): number[] {
  const sizes: number[] = [];
  for (let size = k >>> 1; size > 0; size >>>= 1) sizes.push(size);
  return sizes;
}

function summed(method: NearestMethod, k: number): SmallerTables {
  const sums = new Float64Array(k);
  let error = 0;
  let centroids = 0;
  return {
    method,
    k,
    take(table) {
      for (const [code, count] of table.counts.entries()) sums[code]! += count;
      error += table.error;
      centroids += table.centroids.length;
    },
    counts: () => sums.filter((count) => count > 0),
    error: () => error,
    centroids: () => ({ length: centroids }),
  };
}
