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
  readonly groups: { readonly map: CodeGroups; readonly starts: Uint32Array } | null;
}

/** What a kept weight of some value becomes at some element. Quickest for elements in order. */
export interface ShareCoder {
  /** Index into `centroids`. */
  readonly entry: (value: number, element: number) => number;
  /** The same within its own table: what a code says, from 0. */
  readonly code: (value: number, element: number) => number;
}

export function shareCoder({ centroids, borders, groups }: CodeTables): ShareCoder {
  if (groups === null) {
    const by = assigner(centroids, borders);
    const code = (value: number): number => nearest(by, value);
    return { entry: code, code };
  }
  const { starts } = groups;
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
  return { entry, code: (value, element) => entry(value, element) - starts[find(element)]! };
}
