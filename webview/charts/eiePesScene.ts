import type { EiePes } from '../../analyzers/report/eieStudy.ts';

/** What a cell of the grid, or a PE's bar, is told of. */
export interface PeCell {
  readonly pe: number;
  /** Null: the whole run. */
  readonly bin: number | null;
  /** Entries, padding included. */
  readonly work: number;
  /** Null where it is not known. */
  readonly padding: number | null;
  readonly starved: number;
  /** Cycles from one broadcast to another, for a bin. */
  readonly from: number;
  readonly to: number;
}

export interface PeGrid {
  readonly pes: number;
  readonly bins: number;
  /** [bins x pes] share of the most in one cell. */
  readonly shares: readonly number[];
  readonly most: number;
  /** [pes] shares of the longest bar, one after the other: non-zeros, padding, waiting. */
  readonly bars: readonly { readonly work: number; readonly padding: number; readonly starved: number }[];
}

/** The grid of every PE over time, by entries or by waiting, and a bar for each PE over the whole run. */
export function peGrid(pes: EiePes, of: 'work' | 'starved'): PeGrid {
  const cells = of === 'work' ? pes.binWork : pes.binStarved;
  const most = cells.reduce((a, b) => Math.max(a, b), 0);
  const longest = pes.work.reduce((a, b, pe) => Math.max(a, b + (pes.starved[pe] ?? 0)), 1);
  return {
    pes: pes.work.length,
    bins: pes.bins,
    most,
    shares: cells.map((value) => (most === 0 ? 0 : value / most)),
    bars: pes.work.map((work, pe) => ({
      work: (work - (pes.padding?.[pe] ?? 0)) / longest,
      padding: (pes.padding?.[pe] ?? 0) / longest,
      starved: (pes.starved[pe] ?? 0) / longest,
    })),
  };
}

/** The PE at `pe`, in a bin or over the whole run. */
export function peCell(pes: EiePes, pe: number, bin: number | null): PeCell {
  const at = bin === null ? null : bin * pes.work.length + pe;
  return {
    pe,
    bin,
    work: (at === null ? pes.work[pe] : pes.binWork[at]) ?? 0,
    padding: at === null ? (pes.padding?.[pe] ?? null) : null,
    starved: (at === null ? pes.starved[pe] : pes.binStarved[at]) ?? 0,
    from: bin === null ? 0 : (pes.broadcast[bin - 1] ?? 0),
    to: pes.broadcast[bin ?? pes.bins - 1] ?? 0,
  };
}

/** The cell that an arrow leads to; from none the first one. Null: no key of the grid. */
export function steppedCell(
  { pes, bins }: Pick<PeGrid, 'pes' | 'bins'>,
  at: { readonly pe: number; readonly bin: number | null } | null,
  key: string,
): { readonly pe: number; readonly bin: number | null } | null {
  const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
  if (by === undefined || pes === 0) return null;
  if (at === null) return { pe: 0, bin: bins > 0 ? 0 : null };
  const [down = 0, right = 0] = by;
  const pe = within(at.pe + down, pes);
  if (bins === 0) return { pe, bin: null };
  if (at.bin === null) return { pe, bin: right < 0 ? bins - 1 : null };
  // Behind the last bin stands the bar of the whole run.
  const next = at.bin + right;
  return { pe, bin: next >= bins ? null : within(next, bins) };
}

const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
