import type { QuantisationSteps } from '../kernels/dequantise.ts';
import type { CodeGroups } from '../kernels/codeGroups.ts';
import { isWide, type GridCode } from '../kernels/gridCode.ts';
import { groupsFor } from '../kernels/optimalCuts.ts';
import type { CodeTables } from '../kernels/shareCoder.ts';
import { levelsOf, type DrawnGrid } from '../kernels/uniformGrid.ts';
import type { ShareRule } from '../report/recipe.ts';
import { codebookEntryBits, gridOf, type Stored } from './centroidGrid.ts';
import {
  emptyTable,
  isUniform,
  rateTables,
  tableOf,
  type CodeTable,
  type NearestMethod,
  type TableSearch,
} from './codeTable.ts';
import { groupSets, wholeSet } from './keptSets.ts';
import type { KeptWeights } from './keptWeights.ts';
import { gridCodeOf, sharesSteps, stepsGrid } from './shareSteps.ts';
import { smallerTables } from './smallerTables.ts';
import { realError, stepSets } from './stepSets.ts';
import type { Sweep } from './sweeps.ts';

/** The shared values of a layer and what the kept weights make of them. */
export interface Codebook extends CodeTables {
  /** Kept weights by code, of all groups; none is 0. */
  readonly counts: Float64Array;
  /** Squared error of all kept weights. */
  readonly error: number;
  /** Centroids that were asked for and that no weight took. */
  readonly empty: number;
  /** Centroids that are levels of grids, which are written in their place; null: they are written themselves. */
  readonly grid: CodebookGrid | null;
}

/** The grids of all groups. */
export interface CodebookGrid {
  readonly code: GridCode;
  readonly drawn: readonly DrawnGrid[];
  /** The level of each code, ascending: those in use in some group. */
  readonly levels: Uint16Array;
}

/** What a codebook is judged by besides its error: bits of the coded layer, and entries of its code stream that are no kept weight. */
export type Measure = (
  codebook: Pick<Codebook, 'counts' | 'grid'> & { readonly centroids: { readonly length: number } },
) => {
  readonly bits: number;
  readonly zeros: number;
};

/** What a codebook is found with. */
export interface CodebookHow {
  /** Scale and zero point of a quantised layer, where they are known. */
  readonly steps: QuantisationSteps | null;
  /** What `rate` makes small. */
  readonly measure: Measure;
  /** The parts of the layer that have a table each; without it, the layer has one. */
  readonly groups?: CodeGroups | null;
  /** A power of two by which weights are divided so that their squares are in range. */
  readonly unit?: number;
}

/**
 * At most k shared values for the kept weights, of each group, as the method finds them, rounded to what the layer can
 * store before anything is counted. Every kept weight then takes the nearest one, midway the lower one; with `rate`
 * the one whose borders it lies in. Centroids that no weight takes are left out, so there may be fewer than k:
 * they are not moved to where weights are, as scikit-learn does. Where each channel has a scale of its own the
 * centroids are steps of it (shareSteps.ts).
 */
export async function codebookOf(
  layer: Stored,
  survey: KeptWeights,
  share: Extract<ShareRule, { kind: 'codebook' }>,
  zeroReserved: boolean,
  sweep: Sweep,
  how: CodebookHow,
): Promise<Codebook> {
  const { steps, measure, groups = null, unit = 1 } = how;
  const { method, bits } = share;
  const k = share.k ?? 2 ** bits - (zeroReserved ? 1 : 0);
  const entryBits = codebookEntryBits(layer);
  const code = isUniform(method) ? gridCodeOf(layer, method, levelsOf(method, k), unit, steps) : null;
  const wide = isWide(layer.weight.dtype);
  // By way to find them (only `rate` has several), the tables of all groups.
  const ways: CodeTable[][] = [];
  const smaller = method === 'rate' && groups !== null ? smallerTables(k, survey.kept) : [];
  const own = steps !== null && sharesSteps(layer.weight.dtype, steps) ? steps : null;
  const sets =
    own !== null
      ? stepSets(survey, sweep, groups, layer.weight.dtype, own)
      : groups === null
        ? [wholeSet(survey, sweep, unit)]
        : groupSets(survey, sweep, groups, unit);
  for await (const set of sets) {
    const points = set.kept === 0 ? null : await set.points(groupsFor(k));
    if (points === null) {
      ways.forEach((tables) => tables.push(emptyTable));
      if (ways.length === 0) ways.push([emptyTable]);
      continue;
    }
    const grid = own === null ? gridOf(layer, points, steps) : stepsGrid(layer.weight.dtype, own);
    const search: TableSearch = { k, points, set, unit, grid, wide };
    const found =
      method === 'rate'
        ? await rateTables(search, {
            codeBits: entryBits + (bits + 5) / (groups?.count ?? 1),
            quick: groups !== null && groups.count > fewGroups,
            zeros: (counts) => {
              const part = set.kept / survey.kept;
              return (
                part * measure({ counts: counts.map((n) => n / part), centroids: counts, grid: null }).zeros
              );
            },
          })
        : [await tableOf(method, search)];
    for (const each of smaller) each.take(await tableOf(each.method, { ...search, k: each.k }));
    found.forEach((table, way) => {
      // Groups without weights came before.
      ways[way] ??= ways[0]?.slice(0, -1) ?? [];
      ways[way].push(table);
    });
  }
  const [first = [], ...others] = ways;
  const linear = joined(first, groups, unit, code);
  let best = linear;
  for (const tables of others) {
    const one = joined(tables, groups, unit, code);
    if (one.error <= linear.error && measure(one).bits < measure(best).bits) best = one;
  }
  const fits = smaller
    .filter((one) => square(one.error(), unit) <= linear.error)
    .map((one) => ({
      ...one,
      bits: measure({ counts: one.counts(), centroids: one.centroids(), grid: null }).bits,
    }))
    .reduce<null | { method: NearestMethod; k: number; bits: number }>(
      (least, one) => (one.bits < (least?.bits ?? measure(best).bits) ? one : least),
      null,
    );
  if (fits !== null) {
    const again = { ...share, method: fits.method, k: fits.k };
    const one = await codebookOf(layer, survey, again, zeroReserved, sweep, how);
    // Of buckets the second search may come out otherwise.
    const most = own === null ? linear.error : realError(linear.error, own);
    if (one.error <= most && measure(one).bits < measure(best).bits) return { ...one, empty: 0 };
  }
  const error = own === null ? best.error : realError(best.error, own);
  return { ...best, error, empty: others.length === 0 ? best.empty : 0 };
}

/** More groups than these are searched with fewer tries each. */
const fewGroups = 16;

/** A squared error with the unit multiplied in. */
const square = (error: number, unit: number): number =>
  error === 0 || unit === 1 ? error : Math.max(Number.MIN_VALUE, error * unit * unit);

/** The tables of all groups as one codebook. */
function joined(
  tables: readonly CodeTable[],
  map: CodeGroups | null,
  unit: number,
  code: GridCode | null,
): Codebook {
  const [only] = tables;
  const grid = code === null ? null : gridsOf(tables, code);
  if (map === null || only === undefined) {
    const { centroids, borders, counts, error, empty } = only ?? emptyTable;
    return { centroids, borders, counts, empty, error: square(error, unit), groups: null, grid };
  }
  const starts = new Uint32Array(tables.length + 1);
  for (const [group, { centroids }] of tables.entries())
    starts[group + 1] = starts[group]! + centroids.length;
  const total = starts[tables.length]!;
  const centroids = new Float64Array(total);
  const borders = new Float64Array(total).fill(Infinity);
  const ranks = grid === null ? null : new Uint16Array(total);
  const rankOf = new Map(Array.from(grid?.levels ?? [], (level, rank) => [level, rank]));
  const codes = grid?.levels.length ?? tables.reduce((most, table) => Math.max(most, table.counts.length), 0);
  const counts = new Float64Array(codes);
  let error = 0;
  let empty = 0;
  for (const [group, table] of tables.entries()) {
    const start = starts[group]!;
    centroids.set(table.centroids, start);
    borders.set(table.borders, start);
    for (const [place, count] of table.counts.entries()) {
      const rank = ranks === null ? place : rankOf.get(table.drawn!.levels[place]!)!;
      if (ranks !== null) ranks[start + place] = rank;
      counts[rank]! += count;
    }
    error += table.error;
    empty += table.empty;
  }
  return {
    centroids,
    borders,
    groups: { map, starts, ranks },
    counts,
    error: square(error, unit),
    empty,
    grid,
  };
}

/** The grid of a group without weights; nothing is read of it. */
const noGrid: DrawnGrid = { scale: 1, zero: 0 };

function gridsOf(tables: readonly CodeTable[], code: GridCode): CodebookGrid {
  const levels = new Set(tables.flatMap(({ drawn }) => Array.from(drawn?.levels ?? [])));
  return {
    code,
    drawn: tables.map(({ drawn = noGrid }) => ({ scale: drawn.scale, zero: drawn.zero })),
    levels: Uint16Array.from(levels).toSorted(),
  };
}
