import type { EnergyTable } from './energyTable.ts';
import type { Waterfall } from './waterfall.ts';
import { publishedEie, type EieMachine, type LayerEie } from './eie.ts';

/** What of its inputs a layer is computed for: columns whose activation is zero cost nothing. */
export type EieActivations =
  | { readonly kind: 'all-active' }
  /** Exactly round(density x columns) active columns, drawn with the seed. */
  | { readonly kind: 'density'; readonly density: number; readonly seed: number }
  /** Columns with a non-zero activation, ascending, of a vector of `length` numbers; `source` names it. */
  | {
      readonly kind: 'columns';
      readonly columns: Uint32Array;
      readonly length: number;
      readonly source: string;
    };

export const eieAxes = ['fifo', 'pes', 'width', 'index', 'code'] as const;
export type EieAxis = (typeof eieAxes)[number];

/** What is asked of the machine for one layer. */
export interface EieAsk {
  readonly machine: EieMachine;
  readonly activations: EieActivations;
  /** What is swept; the rest of the machine stays as it is. */
  readonly axes: readonly EieAxis[];
  /** Whether convolutions are projected; without it they have no figures. */
  readonly convolutions: boolean;
  /** Without it: as published. */
  readonly energy?: EnergyTable;
}

/** What an analysis tells of every dense layer: the published machine, every column active. */
export const plainEie: EieAsk = {
  machine: publishedEie,
  activations: { kind: 'all-active' },
  axes: [],
  convolutions: false,
};

/** One point of a sweep: the machine with one parameter at `value`. */
export interface EiePoint {
  readonly value: number;
  readonly cycles: number;
  readonly timeUs: number;
  readonly loadBalance: number;
  readonly energyUj: number;
  readonly pointerReads: number;
  readonly spmatReads: number;
  readonly entries: number;
}

export interface EieSweep {
  readonly axis: EieAxis;
  readonly points: readonly EiePoint[];
  /** 'eie-table-2', or 'assumed': the paper gives no energy for this axis, and `how` says what stands in its place. */
  readonly energyBasis: 'eie-table-2' | 'assumed';
  readonly how: string;
}

/** Where the cycles go; the parts sum to the cycles of the estimate. */
export interface EieLoss {
  /**
   * work: non-zeros by PEs. padding: zeros that fill long runs. empty: slices without entries, a cycle each. imbalance:
   * what the PE with most to do has above the mean. starvation: that PE waits, as no activation has come yet.
   * pipeline: the first broadcast and the last write.
   */
  readonly cause: 'work' | 'padding' | 'empty' | 'imbalance' | 'starvation' | 'pipeline';
  readonly cycles: number;
  /** One sentence. */
  readonly text: string;
}

/** Every PE on its own, and over time: for a heatmap and a timeline. */
export interface EiePes {
  /** [pes] entries that each works through. */
  readonly work: readonly number[];
  /** [pes] padding among them; only of one product with every column active. */
  readonly padding?: readonly number[];
  /** [pes] cycles in which each has nothing to work on. */
  readonly starved: readonly number[];
  /** Active columns in turn, in bins of about as many each; at most 64. */
  readonly bins: number;
  /** [bins] the cycle at which the last column of the bin is broadcast. */
  readonly broadcast: readonly number[];
  /** [bins x pes] at bin * pes + pe: entries, and starved cycles, of the columns of the bin. */
  readonly binWork: readonly number[];
  readonly binStarved: readonly number[];
}

/** What the machine would make of one layer, and of other machines. */
export interface EieStudy {
  readonly ask: EieAsk;
  /** Null where the layer cannot be modelled; `notes` say why. */
  readonly estimate: LayerEie | null;
  readonly activations: {
    readonly columns: number;
    readonly active: number;
    /** Share of the entries of all columns that zero activations save. Exact: no result changes. */
    readonly savedWork: number;
  };
  /** Share of PE cycles spent on non-zeros. */
  readonly usefulShare: number;
  /** Products of a projected convolution, one for each output position; 1 for a dense layer. */
  readonly products: number;
  readonly losses: readonly EieLoss[];
  readonly pes: EiePes | null;
  readonly sweeps: readonly EieSweep[];
  /** What reading the weights takes, saving by saving; of a layer of a file that is one product. */
  readonly waterfall?: Waterfall | null;
  /** What was left out and why, what does not fit, what is assumed. */
  readonly notes: readonly string[];
}

/** Bounds of a machine that is modelled. */
export const eieBounds = {
  pes: [1, 1024],
  fifo: [2, 4096],
  indexBits: [1, 16],
  codeBits: [1, 16],
  sramBits: [8, 4096],
  clockMhz: [1, 100_000],
} as const;
