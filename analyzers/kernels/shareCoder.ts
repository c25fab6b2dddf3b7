import { assigner, nearest } from './assign.ts';
import { groupFinder, type CodeGroups } from './codeGroups.ts';

/** Shared values and the borders between them, of a layer or of each of its groups. */
export interface CodeTables {
  /** Ascending and non-zero, as they are stored; of groups, those of each group one after another. */
  readonly centroids: Float64Array;
  /**
   * The largest weight of each centroid but the last: the midpoints, so that every weight takes the nearest one;
   * `rate` moves them towards the rarer one. Of groups, as many as there are centroids: Infinity for each last one.
   */
  readonly borders: Float64Array;
  /** Null: one table for the layer. `starts`: [groups + 1] index of the first centroid of each group. */
  readonly groups: {
    readonly map: CodeGroups;
    readonly starts: Uint32Array;
    /** The code of each centroid, from 0, where groups share their levels; null: its place in its own table. */
    readonly ranks: Uint16Array | null;
  } | null;
}

/** What a kept weight of some value becomes at some element. Quickest for elements in order. */
export interface ShareCoder {
  /** Index into `centroids`. */
  readonly entry: (value: number, element: number) => number;
  /** What its code says, from 0: its place in its own table, or its level among all used ones. */
  readonly code: (value: number, element: number) => number;
}

export function shareCoder({ centroids, borders, groups }: CodeTables): ShareCoder {
  if (groups === null) {
    const by = assigner(centroids, borders);
    const code = (value: number): number => nearest(by, value);
    return { entry: code, code };
  }
  const { starts, ranks } = groups;
  const find = groupFinder(groups.map);
  const entry = (value: number, element: number): number => {
    const group = find(element);
    let low = starts[group]!;
    let high = starts[group + 1]! - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (borders[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  if (ranks !== null) return { entry, code: (value, element) => ranks[entry(value, element)]! };
  return { entry, code: (value, element) => entry(value, element) - starts[find(element)]! };
}
