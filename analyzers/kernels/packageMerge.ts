/**
 * Code lengths of the shortest prefix code whose codes have at most `limit` bits: package-merge
 * (Larmore and Hirschberg 1990). O(n * limit) time and memory.
 *
 * weights  [n] ascending, n >= 2; RangeError when n symbols have no code of that length
 * returns  [n] lengths in the order of the weights, never rising
 */
export function limitedLengths(weights: Float64Array, limit: number): Uint32Array {
  const n = weights.length;
  if (n > 2 ** limit)
    throw new RangeError(`${n.toString()} symbols need codes longer than ${limit.toString()} bits`);
  /** By level: which of the ascending items are packages, pairs of items of the level below. */
  const isPackage: Uint8Array[] = [];
  let items = weights;
  for (let level = 0; level < limit; level += 1) {
    const packages = level === 0 ? 0 : items.length >> 1;
    const merged = new Float64Array(n + packages);
    const flags = new Uint8Array(n + packages);
    let leaf = 0;
    let pair = 0;
    for (let i = 0; i < merged.length; i += 1) {
      const together = pair < packages ? items[2 * pair]! + items[2 * pair + 1]! : Number.POSITIVE_INFINITY;
      if (leaf < n && weights[leaf]! <= together) {
        merged[i] = weights[leaf]!;
        leaf += 1;
      } else {
        merged[i] = together;
        flags[i] = 1;
        pair += 1;
      }
    }
    isPackage.push(flags);
    items = merged;
  }
  const lengths = new Uint32Array(n);
  let taken = 2 * n - 2;
  for (let level = limit - 1; level >= 0 && taken > 0; level -= 1) {
    const flags = isPackage[level]!;
    let packages = 0;
    for (let i = 0; i < taken; i += 1) packages += flags[i]!;
    for (let i = 0; i < taken - packages; i += 1) lengths[i]! += 1;
    taken = 2 * packages;
  }
  return lengths;
}
