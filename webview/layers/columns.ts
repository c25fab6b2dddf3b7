import type { LayerStub } from '../../analyzers/rpc/contracts.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Totals } from '../../analyzers/report/report.ts';
import {
  bitsAsBytesText,
  countText,
  decibelText,
  factorText,
  macsText,
  numberText,
  shapeText,
  shortCountText,
  shortPercentText,
} from '../../analyzers/report/units.ts';

export const columnIds = [
  'name',
  'op',
  'shape',
  'weights',
  'share',
  'macs',
  'macShare',
  'density',
  'threshold',
  'bits',
  'coded',
  'factor',
  'sqnr',
] as const;
export type ColumnId = (typeof columnIds)[number];

/** A row of the list: what is known from the start, and what its layer's report adds. */
export interface Row {
  /** The name without what all names of the model begin with. */
  readonly label: string;
  readonly stub: LayerStub;
  readonly report: LayerReport | null;
  /** Of all weights and of all known MACs of the model. */
  readonly weightShare: number;
  readonly macShare: number | null;
}

/**
 * The whole model: what is known from the start, and the sums once every layer is done. Where layers could not be
 * read, sums are of the others: `part` is then '2 of 3 layers'.
 */
export interface Whole {
  readonly weights: number;
  readonly macs: number;
  readonly all: { readonly weights: number; readonly macs: number };
  readonly part: string | null;
  readonly totals: Totals | null;
}

export interface Column {
  readonly id: ColumnId;
  readonly label: string;
  /** What the menu of columns says. */
  readonly title: string;
  /** Width in em of the list's own size; 0: what is left. */
  readonly width: number;
  readonly align: 'start' | 'end';
  /** Null: not known yet, or not at all; such rows sort last. */
  readonly value: (row: Row) => number | string | null;
  readonly text: (row: Row) => string;
  /** The same of the whole model; '' where a sum says nothing or is not known yet. */
  readonly total: (whole: Whole) => string;
  /** Length of the bar in the cell, 0 to 1. `fact`: grey; `result`: the figure's ink. */
  readonly bar?: {
    readonly ink: 'fact' | 'result';
    readonly share: (row: Row) => number | null;
    /** Room for the figure beside the bar in em, so that bars line up. */
    readonly figure: number;
  };
}

const shownOr = <T>(value: T | null | undefined, text: (value: T) => string): string =>
  value === null || value === undefined ? '' : text(value);

const coded = ({ report }: Row): number | null => report?.encode?.bits.coded ?? null;
const factor = ({ report }: Row): number | null =>
  report?.encode && report.encode.bits.coded > 0 ? report.encode.bits.dense / report.encode.bits.coded : null;

export const columns: readonly Column[] = [
  {
    id: 'name',
    label: 'name',
    title: 'name',
    width: 0,
    align: 'start',
    value: ({ stub }) => stub.name,
    text: ({ label }) => label,
    total: ({ part }) => part ?? 'whole model',
  },
  {
    id: 'op',
    label: 'op',
    title: 'op',
    width: 6,
    align: 'start',
    value: ({ stub }) => stub.op,
    text: ({ stub }) => stub.op,
    total: () => '',
  },
  {
    id: 'shape',
    label: 'rows × cols',
    title: 'rows × columns',
    width: 8.5,
    align: 'end',
    value: ({ stub }) => stub.rows * stub.cols,
    text: ({ stub }) => shapeText([stub.rows, stub.cols]),
    total: () => '',
  },
  {
    id: 'weights',
    label: 'weights',
    title: 'weights',
    width: 3.9,
    align: 'end',
    value: ({ stub }) => stub.weights,
    text: ({ stub }) => (stub.weights < 10_000 ? countText(stub.weights) : shortCountText(stub.weights)),
    total: ({ weights }) => shortCountText(weights),
  },
  {
    id: 'share',
    label: 'share',
    title: 'share of weights',
    width: 5.3,
    align: 'end',
    value: ({ weightShare }) => weightShare,
    text: ({ weightShare }) => shortPercentText(weightShare),
    total: ({ weights, all }) => shortPercentText(weights / Math.max(1, all.weights)),
    bar: { ink: 'fact', share: ({ weightShare }) => weightShare, figure: 3.5 },
  },
  {
    id: 'macs',
    label: 'MACs',
    title: 'MACs',
    width: 6.2,
    align: 'end',
    value: ({ stub }) => stub.macs,
    text: ({ stub }) => shownOr(stub.macs, macsText),
    total: ({ macs }) => macsText(macs),
  },
  {
    id: 'macShare',
    label: 'of MACs',
    title: 'share of MACs',
    width: 5.3,
    align: 'end',
    value: ({ macShare }) => macShare,
    text: ({ macShare }) => shownOr(macShare, shortPercentText),
    total: ({ macs, all }) => (all.macs > 0 ? shortPercentText(macs / all.macs) : ''),
    bar: { ink: 'fact', share: ({ macShare }) => macShare, figure: 3.5 },
  },
  {
    id: 'density',
    label: 'density',
    title: 'density',
    width: 4.8,
    align: 'end',
    value: ({ report }) => report?.prune?.density ?? null,
    text: ({ report }) => shownOr(report?.prune?.density, shortPercentText),
    total: ({ totals }) => shownOr(totals?.density, shortPercentText),
    bar: { ink: 'result', share: ({ report }) => report?.prune?.density ?? null, figure: 3.1 },
  },
  {
    id: 'threshold',
    label: 'threshold',
    title: 'threshold',
    width: 5.4,
    align: 'end',
    value: ({ report }) => report?.prune?.threshold ?? null,
    text: ({ report }) => shownOr(report?.prune?.threshold, numberText),
    total: () => '',
  },
  {
    id: 'bits',
    label: 'bits',
    title: 'bits of a code (those of an index come on top)',
    width: 1.9,
    align: 'end',
    value: ({ report }) => report?.share?.bits ?? null,
    text: ({ report }) => shownOr(report?.share?.bits, countText),
    total: () => '',
  },
  {
    id: 'coded',
    label: 'coded',
    title: 'coded bytes',
    width: 4.6,
    align: 'end',
    value: coded,
    text: (row) => shownOr(coded(row), bitsAsBytesText),
    total: ({ totals }) =>
      totals === null || totals.weights === 0 ? '' : bitsAsBytesText(totals.bits.coded),
  },
  {
    id: 'factor',
    label: 'factor',
    title: 'factor',
    width: 3.7,
    align: 'end',
    value: factor,
    text: (row) => shownOr(factor(row), factorText),
    total: ({ totals }) => shownOr(totals?.factor.coded, factorText),
  },
  {
    id: 'sqnr',
    label: 'SQNR',
    title: 'SQNR',
    width: 4.8,
    align: 'end',
    value: ({ report }) => report?.sqnrDb ?? null,
    text: ({ report }) => (report?.exact === true ? 'exact' : shownOr(report?.sqnrDb, decibelText)),
    total: () => '',
  },
];

const byId = new Map(columns.map((column) => [column.id, column]));

/** The columns that are shown, in the table's order; the name always is. */
export const shownColumns = (chosen: readonly ColumnId[]): readonly Column[] =>
  columns.filter(({ id }) => id === 'name' || chosen.includes(id));

export const columnOf = (id: ColumnId): Column | undefined => byId.get(id);

/** Columns that give way first where the list is too narrow for all that were chosen. */
const givingWay: readonly ColumnId[] = [
  'share',
  'macShare',
  'bits',
  'shape',
  'op',
  'threshold',
  'macs',
  'sqnr',
  'coded',
];
/** Room for the name, and what stands beside a column and at both ends of a line; em. */
const room = { name: 6, gap: 0.25, ends: 2.2 } as const;

/** As many of the columns as have room in so many em; 0: not known yet. */
export function fitting(chosen: readonly Column[], em: number): readonly Column[] {
  const needs = (some: readonly Column[]): number =>
    some.reduce<number>((sum, { width }) => sum + (width === 0 ? room.name : width) + room.gap, room.ends);
  let left = chosen;
  for (const id of givingWay) {
    if (em <= 0 || needs(left) <= em) break;
    left = left.filter((column) => column.id !== id);
  }
  return left;
}
