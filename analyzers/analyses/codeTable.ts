import {
  addAssigned,
  assignPoints,
  assigner,
  emptyAssigned,
  midpoints,
  movedCentroids,
  type Assigned,
} from '../kernels/assign.ts';
import { densityStart, forgyStart, linearStart, lloyd } from '../kernels/lloyd.ts';
import { optimalCuts } from '../kernels/optimalCuts.ts';
import { meanOf, type Points } from '../kernels/points.ts';
import { rateCodebook, type Intervals } from '../kernels/rateCodebook.ts';
import { roundIntervals, storedCentroid, type Grid } from '../kernels/round.ts';
import {
  drawGrid,
  levelsOf,
  levelValue,
  uniformMethods,
  type DrawnGrid,
  type UniformMethod,
} from '../kernels/uniformGrid.ts';
import type { ShareMethod } from '../report/recipe.ts';
import type { KeptSet } from './keptSets.ts';

/** Shared values of some kept weights as they are stored, and what the weights make of them. */
export interface CodeTable extends Intervals {
  readonly counts: Float64Array;
  /** Divided by the square of the set's unit. */
  readonly error: number;
  readonly empty: number;
  /** The grid that centroids lie on, and the level of each; levels that none takes are not among them. */
  readonly drawn?: DrawnGrid & { readonly levels: Uint16Array };
}

const none = new Float64Array(0);
export const emptyTable: CodeTable = { centroids: none, borders: none, counts: none, error: 0, empty: 0 };

/** What a table is found from. */
export interface TableSearch {
  readonly k: number;
  readonly points: Points;
  /** The weights themselves, for points that are buckets; null: buckets are taken as they are. */
  readonly set: KeptSet | null;
  readonly unit: number;
  readonly grid: Grid;
  /** The scales of grids are doubles. */
  readonly wide: boolean;
}

/** Methods by which every weight takes the nearest centroid, found in the weights. */
export const nearestMethods = ['optimal', 'linear', 'density', 'forgy'] as const;
export type NearestMethod = (typeof nearestMethods)[number];

export const isUniform = (method: ShareMethod): method is UniformMethod =>
  (uniformMethods as readonly string[]).includes(method);

/** The table of one method; every weight takes the nearest centroid. */
export async function tableOf(
  method: NearestMethod | UniformMethod,
  search: TableSearch,
): Promise<CodeTable> {
  const { points, k } = search;
  if (isUniform(method)) return uniformTable(method, search);
  if (points.exact && points.values.length <= k) return nearestTable(points.values, search);
  const found = centroidsBy(method, points, k);
  // Buckets were cut at their borders: one more round on the weights themselves.
  return nearestTable(points.exact ? found : movedCentroids(found, await assigned(search, found)), search);
}

/** `optimal` has the least squared error of all; the others are Lloyd's algorithm from Deep Compression's three starts. */
export const centroidsBy = (method: NearestMethod, points: Points, k: number): Float64Array =>
  lloyd(points, starts[method](points, k)).centroids;

/** Lloyd's algorithm leaves the best codebook as it is, but for ties and what buckets hid. */
const starts: Readonly<Record<NearestMethod, (points: Points, k: number) => Float64Array>> = {
  optimal: (points, k) => {
    const cuts = optimalCuts(points, k);
    return Float64Array.from({ length: cuts.length - 1 }, (_, i) => meanOf(points, cuts[i]!, cuts[i + 1]!));
  },
  linear: linearStart,
  density: densityStart,
  forgy: forgyStart,
};

/** Every weight takes the nearest of these values, rounded. */
export async function nearestTable(found: Float64Array, search: TableSearch): Promise<CodeTable> {
  const { points, k } = search;
  const { stored, centroids } = rounded({ centroids: found, borders: midpoints(found) }, search);
  const { counts, error } = await assigned(search, centroids);
  const taken = (_: number, code: number): boolean => counts[code]! > 0;
  const used = centroids.filter(taken);
  return {
    centroids: stored.centroids.filter(taken),
    borders: realBorders(midpoints(used), search.unit),
    counts: counts.filter((count) => count > 0),
    error,
    empty: Math.max(0, Math.min(k, points.values.length) - used.length),
  };
}

/** Levels that are stored as one value are one centroid, at the first of them. */
async function uniformTable(method: UniformMethod, search: TableSearch): Promise<CodeTable> {
  const { k, unit, grid, wide } = search;
  const levels = levelsOf(method, k);
  const drawn = drawGrid(method, levels, await extremes(search), wide);
  const values = Float64Array.from({ length: levels }, (_, level) =>
    levelValue(method, levels, drawn, level),
  );
  const table = await nearestTable(values, search);
  const firsts = new Map<number, number>();
  for (const [level, value] of times(values, unit).entries()) {
    const stored = storedCentroid(value, grid);
    if (!firsts.has(stored)) firsts.set(stored, level);
  }
  const taken = Uint16Array.from(table.centroids, (centroid) => firsts.get(centroid)!);
  return { ...table, empty: 0, drawn: { ...drawn, levels: taken } };
}

async function extremes({ points, set }: TableSearch): Promise<{ low: number; high: number }> {
  let low = points.values[0]!;
  let high = points.values.at(-1)!;
  if (!points.exact)
    await set?.over((values, positions, count) => {
      for (let i = 0; i < count; i += 1) {
        const value = values[positions[i]!]!;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    });
  return { low, high };
}

/** Rounds in which the aim makes up for what rounding and buckets cost. */
const aims = 4;

/** What the entropy-constrained search needs besides the weights. */
export interface RateSearch {
  /** Bits that one code takes in the codebook and in the code table. */
  readonly codeBits: number;
  readonly quick: boolean;
  /** Entries of the code stream that are no kept weight, at such counts by code. */
  readonly zeros: (counts: Float64Array) => number;
}

/**
 * The tables that `rate` chooses from: the one of `linear`, whose error the choice may not pass, the optimal one, the
 * other published ones, and the entropy-constrained one (`linear` again where none has so little error).
 */
export async function rateTables(search: TableSearch, aim: RateSearch): Promise<CodeTable[]> {
  const { points, k } = search;
  const linear = await tableOf('linear', search);
  if (points.exact && points.values.length <= k) return [linear, linear, linear, linear, linear];
  const others: CodeTable[] = [];
  for (const method of ['optimal', 'density', 'forgy'] as const) others.push(await tableOf(method, search));
  return [linear, ...others, await intervalTable(search, aim, linear)];
}

async function intervalTable(search: TableSearch, rate: RateSearch, linear: CodeTable): Promise<CodeTable> {
  const { codeBits, quick } = rate;
  const zeros = rate.zeros(linear.counts);
  let error = linear.error;
  for (let round = 0; round < aims; round += 1) {
    const found = rateCodebook(search.points, { codes: search.k, error, codeBits, zeros, quick });
    if (found === null) break;
    const table = await tableWithin(found, search);
    if (table.error <= linear.error) return table;
    error *= (linear.error / table.error) * (1 - 1e-9);
  }
  return linear;
}

/** Every weight takes the centroid between whose borders it lies. */
async function tableWithin(found: Intervals, search: TableSearch): Promise<CodeTable> {
  const moved = search.points.exact
    ? found.centroids
    : movedCentroids(found.centroids, await assigned(search, found.centroids, found.borders));
  const { stored, centroids, borders } = rounded({ centroids: moved, borders: found.borders }, search);
  const { counts, error } = await assigned(search, centroids, borders);
  const used = Array.from(counts.keys()).filter((code) => counts[code]! > 0);
  return {
    centroids: Float64Array.from(used, (code) => stored.centroids[code]!),
    borders: Float64Array.from(used.slice(0, -1), (code) => stored.borders[code]!),
    counts: counts.filter((count) => count > 0),
    error,
    empty: 0,
  };
}

const times = (values: Float64Array, factor: number): Float64Array =>
  factor === 1 ? values : values.map((value) => value * factor);

/** As they can be stored, and the same divided by the unit again. */
function rounded(
  { centroids, borders }: Intervals,
  { grid, unit }: TableSearch,
): Intervals & { readonly stored: Intervals } {
  const stored = roundIntervals(times(centroids, unit), realBorders(borders, unit), grid);
  if (unit === 1) return { ...stored, stored };
  return {
    stored,
    centroids: stored.centroids.map((value) => value / unit),
    borders: stored.borders.map((value) => value / unit),
  };
}

/** Borders with the unit multiplied in; one between two neighbours that are the smallest numbers is the lower one. */
const realBorders = (borders: Float64Array, unit: number): Float64Array =>
  unit === 1
    ? borders
    : borders.map((border) => {
        const real = border * unit;
        return real / unit > border ? real - Number.MIN_VALUE : real;
      });

async function assigned(
  { points, set, unit }: TableSearch,
  centroids: Float64Array,
  wanted: Float64Array = midpoints(centroids),
): Promise<Assigned> {
  const borders = times(realBorders(wanted, unit), 1 / unit);
  if (points.exact || set === null) {
    const found = assignPoints(points, centroids, borders);
    const plain = set?.plain;
    return plain === undefined ? found : { ...found, counts: assignPoints(plain, centroids, borders).counts };
  }
  const by = assigner(centroids, borders);
  const sums = emptyAssigned(centroids.length);
  await set.over((values, positions, count) => {
    addAssigned(sums, by, values, positions, count);
  });
  return sums;
}
