import type { LayerReport } from './layerReport.ts';

/** What times were taken on, as far as it tells. One thread, plain loops over typed arrays, no vector instructions. */
export interface Machine {
  /** 'Intel Xeon ...', 'unknown' where the system does not say. */
  readonly processor: string;
  /** 'Node 22.21.1, V8 12.4' */
  readonly runtime: string;
  readonly threads: number;
}

/** Repeated runs of the same work, in milliseconds. */
export interface Timing {
  readonly runs: number;
  readonly minMs: number;
  readonly medianMs: number;
  /** Between the quarters: where the middle half of the runs lies. */
  readonly spreadMs: number;
}

/** Dense and sparse in turn, at one density. */
export interface BreakEvenPoint {
  readonly density: number;
  readonly dense: Timing;
  readonly sparse: Timing;
  /** By the minima: above 1, sparse is faster. */
  readonly speedup: number;
}

export const breakEvenBatches = [1, 8, 64] as const;

/** Products with so many input vectors at once. */
export interface BreakEvenBatch {
  readonly batch: (typeof breakEvenBatches)[number];
  /** Rows that were measured: of large layers the first ones, as each costs the same. */
  readonly rows: number;
  readonly cols: number;
  /**
   * Sparse is faster below this density, dense above it, by bisection; with `outcome` 'always' or 'never' null, as
   * sparse then wins, or loses, at every density that was tried.
   */
  readonly density: number | null;
  readonly outcome: 'between' | 'always' | 'never';
  /** All that were tried, ascending. */
  readonly points: readonly BreakEvenPoint[];
  /** At the density of the layer itself. */
  readonly here: BreakEvenPoint | null;
}

/** One step from the coded streams to weights. */
export interface DecodingStep {
  readonly step: 'huffman' | 'index' | 'lookup';
  readonly label: string;
  /** Of what was decoded. */
  readonly time: Timing;
  /** Minimum / weights of the dense layer, and / entries of the streams: nanoseconds. */
  readonly nsPerWeight: number;
  readonly nsPerEntry: number;
}

/** What a compressed layer costs before it can be multiplied: the real streams of its encoder, decoded. */
export interface DecodingCost {
  /** Entries that were decoded, of `entries`; and the weights that they cover, of `weights`. */
  readonly decoded: number;
  readonly entries: number;
  readonly covered: number;
  readonly weights: number;
  readonly steps: readonly DecodingStep[];
  readonly nsPerWeight: number;
  readonly nsPerEntry: number;
  /** Of the whole layer: the minima, scaled to all its entries. */
  readonly layerMs: number;
}

/** Measured on this machine: figures differ from run to run. */
export interface BreakEvenStudy {
  readonly basis: 'measured';
  readonly machine: Machine;
  /** Kept / all, of the layer under its recipe; null when nothing is known of it. */
  readonly density: number | null;
  readonly batches: readonly BreakEvenBatch[];
  /** Null where the layer is written without codes; `notes` say so. */
  readonly decoding: DecodingCost | null;
  readonly notes: readonly string[];
}

/**
 * Milliseconds to decode the whole model once at this layer's price for each entry: projected, as only this layer was
 * measured. Layers that are written without codes count nothing.
 */
export function modelDecodingMs(
  { nsPerEntry }: Pick<DecodingCost, 'nsPerEntry'>,
  layers: readonly Pick<LayerReport, 'encode'>[],
): number {
  const coded = layers.reduce((sum, { encode }) => {
    const form = encode?.slim.form;
    return form === 'relative' || form === 'dense' ? sum + (encode?.slim.entries ?? 0) : sum;
  }, 0);
  return (coded * nsPerEntry) / 1e6;
}
