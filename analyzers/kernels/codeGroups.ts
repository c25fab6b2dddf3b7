import type { AxisMap } from './axes.ts';

/**
 * Which codebook an element has: its row (or column) is what its index in C order comes to in the mixed radix `dims`,
 * slowest first, each digit times its `step`. Rows and columns are taken `size` at a time; of PEs, row r belongs to PE
 * r mod size, as EIE deals them (Han et al. 2016, section III). Plain values, safe to keep in a container.
 */
export interface CodeGroups {
  readonly by: 'rows' | 'columns' | 'pes';
  /** Rows or columns of one group, or PEs. */
  readonly size: number;
  readonly count: number;
  readonly dims: readonly number[];
  readonly steps: readonly number[];
}

/** The groups of a layer of so many lines (rows, or columns). Every group has a line. */
export function codeGroups(
  by: CodeGroups['by'],
  size: number,
  map: AxisMap,
  { rows, cols }: { readonly rows: number; readonly cols: number },
): CodeGroups {
  const lines = by === 'columns' ? cols : rows;
  const count = by === 'pes' ? Math.min(size, lines) : Math.ceil(lines / size);
  return { by, size, count, dims: map.dims, steps: by === 'columns' ? map.colStep : map.rowStep };
}

/** The row (or column) of an element. */
function lineOf({ dims, steps }: CodeGroups, element: number): number {
  let line = 0;
  let rest = element;
  for (let axis = dims.length - 1; axis >= 0; axis -= 1) {
    const digit = rest % dims[axis]!;
    rest = (rest - digit) / dims[axis]!;
    line += digit * steps[axis]!;
  }
  return line;
}

/** Finds the group of elements, quickly where they come in order. */
export function groupFinder(groups: CodeGroups): (element: number) => number {
  const { by, size, dims, steps } = groups;
  const inner = dims.at(-1) ?? 1;
  const step = steps.at(-1) ?? 0;
  let start = 0;
  let end = 0;
  let base = 0;
  return (element) => {
    if (element < start || element >= end) {
      start = element - (element % inner);
      end = start + inner;
      base = lineOf(groups, start);
    }
    const line = base + (element - start) * step;
    return by === 'pes' ? line % size : Math.floor(line / size);
  };
}

/** Bits in which the codebook of a group says how many centroids it has: up to 2^bits. */
export const groupHeadBits = (codeBits: number): number => codeBits + 1;
