import type { View } from '../../analyzers/model/layer.ts';

/** Coordinates of an element in a shape, by division. */
export function coordinates(shape: readonly number[], index: number): number[] {
  const at: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at;
}

/** Row and column of an element by the definition: its coordinates, read along the axes of each. */
export function naivePlace(view: View, index: number): [row: number, col: number] {
  const at = coordinates(view.shape, index);
  const along = (axes: readonly number[]): number => axes.reduce((n, a) => n * view.shape[a]! + at[a]!, 0);
  return [along(view.rowAxes), along(view.colAxes)];
}

export const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);
export const rowsOf = (view: View): number => product(view.rowAxes.map((a) => view.shape[a]!));
export const colsOf = (view: View): number => product(view.colAxes.map((a) => view.shape[a]!));

const about = (some: readonly number[], centre: number): number =>
  Math.sqrt(some.reduce((sum, v) => sum + (v - centre) ** 2, 0) / some.length);

/** The profile of a layer as its definitions read, element by element, with everything held in memory. */
export function naiveProfile(view: View, values: readonly number[]) {
  const finite = values.filter((v) => Number.isFinite(v));
  const nonZero = finite.filter((v) => v !== 0);
  const mean = finite.reduce((a, b) => a + b, 0) / finite.length;
  const none = finite.length === 0;
  const places = values.map((_, i) => naivePlace(view, i));
  const liveRows = new Set(places.filter((_, i) => values[i] !== 0).map(([row]) => row));
  const liveCols = new Set(places.filter((_, i) => values[i] !== 0).map(([, col]) => col));
  return {
    zeros: finite.length - nonZero.length,
    nonFinite: values.length - finite.length,
    min: none ? null : Math.min(...finite),
    max: none ? null : Math.max(...finite),
    mean: none ? null : mean,
    std: none ? null : about(finite, mean),
    stdNonZero: nonZero.length === 0 ? null : about(nonZero, 0),
    deadRows: rowsOf(view) - liveRows.size,
    deadCols: colsOf(view) - liveCols.size,
    twoOfFour: naiveNm(view, values, 2, 4),
  };
}

/** Groups of m along the reduction axis, found by walking every line of it. */
export function naiveNm(view: View, values: readonly number[], n: number, m: number) {
  const axis = view.reductionAxis;
  if (axis === null) return null;
  const lines = new Map<string, number[]>();
  values.forEach((value, i) => {
    const at = coordinates(view.shape, i);
    const key = at.toSpliced(axis, 1).join();
    const line = lines.get(key) ?? [];
    line[at[axis]!] = value;
    lines.set(key, line);
  });
  let groups = 0;
  let violations = 0;
  for (const line of lines.values())
    for (let from = 0; from + m <= line.length; from += m) {
      groups += 1;
      if (line.slice(from, from + m).filter((v) => v !== 0).length > n) violations += 1;
    }
  return { groups, violations, remainder: view.shape[axis]! % m };
}
