import type { ShareMethod } from './recipe.ts';

/** What a page or a command asks of one layer beyond its figures: it takes passes of its own. */
export const studyKinds = ['sensitivity', 'codebooks', 'coders', 'eie', 'breakEven'] as const;
export type StudyKind = (typeof studyKinds)[number];

/**
 * How one layer's weights change with density and with bits; computed from the weights alone. It says nothing about
 * accuracy. Distortion is the mean over output rows of ||w - w'||^2 / ||w||^2, batch norm folded in: rows of all zeros
 * are left out, and a positive factor on a row changes nothing.
 */
export interface Sensitivity {
  readonly basis: 'data-free';
  /** Whether the recipe leaves the density open, fixes the mask, or does not prune. */
  readonly mask: 'open' | 'fixed' | 'none';
  /** Against density, by magnitude, at the bits of the recipe (null: values as stored). Ascending. */
  readonly byDensity: readonly SensitivityPoint[];
  /** Against bits, at the mask of the recipe. Ascending, values as stored last. */
  readonly byBits: readonly SensitivityPoint[];
  readonly at: { readonly density: number; readonly bits: number | null };
  /**
   * The density at which one more bit would save as much distortion in every layer, at the coded size that the recipe
   * comes to; null where the recipe does not leave the density open.
   */
  readonly suggestedDensity: number | null;
}

export interface SensitivityPoint {
  /** kept / all. */
  readonly density: number;
  /** Null: values as stored. */
  readonly bits: number | null;
  readonly keptL2: number | null;
  /** Over all weights, pruning included; null when exact. */
  readonly sqnrDb: number | null;
  readonly distortion: number;
  /** As encode.bits.coded. */
  readonly codedBits: number;
}

/** One codebook or uniform grid for the layer's kept weights. */
export interface CodebookPoint {
  readonly method: ShareMethod;
  /** Values in use, without the zero of padding. */
  readonly k: number;
  /** Width of a code. */
  readonly bits: number;
  readonly mse: number;
  readonly sqnrDb: number | null;
  /** As encode.bits.coded. */
  readonly codedBits: number;
  /** Centroids that lost all their weights. */
  readonly empty: number;
  /** One table or scale for the layer, for each row, or for other parts of it. */
  readonly per: 'layer' | 'row' | 'group';
}

/** What other codebooks would do for the same kept weights. */
export interface CodebookStudy {
  /** The globally optimal codebook of every size k = 1 .. 256, or as many as there are distinct values. */
  readonly optimal: readonly CodebookPoint[];
  /** The entropy-constrained codebook from few to many bits. */
  readonly rate: readonly CodebookPoint[];
  /** The published starts at the recipe's k. */
  readonly published: readonly CodebookPoint[];
  /** Uniform quantisation of 4 and 8 bits and eight-bit floats. */
  readonly uniform: readonly CodebookPoint[];
  /** The recipe's own. */
  readonly current: CodebookPoint | null;
}

/** One way to write the layer's weights down. */
export interface CoderSize {
  readonly id: string;
  /** 'Huffman, escape symbol' */
  readonly label: string;
  /** Streams of codes and runs, their places in the matrix, or the stored bytes of the pruned and shared weights. */
  readonly of: 'streams' | 'matrix' | 'dense bytes';
  readonly bits: number;
  /** encoded: written and decoded; bound: nothing is written. */
  readonly basis: 'encoded' | 'bound';
}

export interface CoderStudy {
  readonly sizes: readonly CoderSize[];
  /** The form of EIE: one run of zeros for each PE and column (Han et al. 2016, EIE, section III). */
  readonly interleaved: {
    readonly pes: number;
    readonly indexBits: number;
    readonly entries: number;
    readonly padding: number;
    readonly entryBits: number;
    readonly pointerBits: number;
  } | null;
  /** What was left out, and why. */
  readonly notes: readonly string[];
}
