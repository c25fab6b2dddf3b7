import type { DType } from '../model/dtype.ts';
import type { LayerOp } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { RunCoding } from './recipe.ts';
import type { LayerDead } from './deadUnits.ts';
import type { LayerEie } from './eie.ts';

/** Violations of one N:M pattern along the reduction channel; a group violates when it has more than N non-zeros. */
export interface NmCount {
  readonly violations: number;
  readonly groups: number;
  /** Axis of the stored tensor. */
  readonly axis: number;
  /** Elements at the end of the axis that fill no whole group. */
  readonly remainder: number;
}

/** Real values (scale and zero point applied); finite values only, sums in double precision. */
export interface LayerProfile {
  readonly zeros: number;
  readonly nonFinite: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Population standard deviation, zeros included. */
  readonly std: number | null;
  /** Standard deviation of the non-zero weights about zero; what the std rule multiplies. */
  readonly stdNonZero: number | null;
  /** Rows and columns without a non-zero. */
  readonly deadRows: number;
  readonly deadCols: number;
  /** By pattern; null where the operator sums over no axis, as for an embedding. */
  readonly nm: Readonly<Record<string, NmCount | null>>;
  /** Counts of finite values over equal bins of [-limit, limit]; zeros are not in it. */
  readonly histogram: { readonly limit: number; readonly counts: readonly number[] } | null;
}

/** What a structured rule works on. */
export interface PrunePattern {
  readonly kind: 'nm' | 'block' | 'filters' | 'columns';
  /** Groups of m, blocks, rows or columns; and how many keep a weight. */
  readonly groups: number;
  readonly keptGroups: number;
  /** Axis of the stored tensor that N:M runs along; null for the other kinds. */
  readonly axis: number | null;
  /** N:M: elements at the end of the axis that fill no whole group, all kept. Blocks: those cut by the edge. */
  readonly remainder: number;
}

export interface LayerPrune {
  /** 'density=0.08' */
  readonly rule: string;
  readonly threshold: number | null;
  readonly kept: number;
  /** Weights whose magnitude equals the threshold: kept by >=, gone by >. */
  readonly ties: number;
  /** Weights, zeros included, that go when |w| < threshold goes, and when |w| <= threshold goes. Null without a threshold. */
  readonly prunedBelow: number | null;
  readonly prunedUpTo: number | null;
  /** What is kept of the sum of |w|, and of the L2 norm: shares from 0 to 1; null when every weight is 0. */
  readonly keptL1: number | null;
  readonly keptL2: number | null;
  /** What weights were ranked by: their magnitude as stored, or with the batch norm behind them folded in. */
  readonly saliency: 'magnitude' | 'folded-magnitude';
  /** Null for rules that look at single weights. */
  readonly pattern: PrunePattern | null;
  readonly density: number;
  readonly deadRows: number;
  readonly deadCols: number;
}

/** Codebooks of parts of a layer. */
export interface ShareGroups {
  readonly by: 'rows' | 'columns' | 'pes';
  /** Rows or columns of one group, or PEs. */
  readonly size: number;
  readonly count: number;
  /** Centroids of each group, ascending; null when they are more than 4,096 numbers. */
  readonly tables: readonly (readonly number[])[] | null;
}

export interface LayerShare {
  readonly bits: number;
  /** Centroids in use; of groups, the most that one has. */
  readonly k: number;
  /** Code 0 is +0.0 for padding, so b bits give 2^b - 1 centroids. */
  readonly zeroReserved: boolean;
  readonly method: string;
  /** Ascending, non-zero, rounded to the stored dtype. Empty when `groups` have their own. */
  readonly centroids: readonly number[];
  /** The centroids are steps of each channel's scale, and not real numbers. */
  readonly inSteps: boolean;
  /** Kept weights by centroid, of groups by code; they sum to prune.kept. */
  readonly counts: readonly number[];
  /** Centroids that were asked for and that no weight took: they are dropped. */
  readonly empty: number;
  /** Bits of all centroids as stored, of groups with the number of each; of grids, of their scales and zero points. */
  readonly tableBits: number;
  readonly groups: ShareGroups | null;
  /** Huffman code lengths in bits by centroid; `paddingLength` is code 0's, null when there is none. */
  readonly codeLengths: readonly number[];
  readonly paddingLength: number | null;
  /** Mean squared error over kept weights. */
  readonly mse: number;
  readonly sqnrDb: number | null;
}

/** Sizes in bits (docs/report-schema.md). */
export interface EncodedBits {
  readonly dense: number;
  readonly survivors: number;
  readonly pruned: number;
  readonly csr: number;
  readonly csc: number;
  readonly shared: number;
  readonly coded: number;
  readonly codedPaper: number;
  readonly order0: number;
  readonly limit: number;
  readonly lossless: number;
  /** The layer's smallest form as streams, tables included (`slim`). */
  readonly slim: number;
}

/** What one stream of a layer holds. */
export type StreamKind =
  'codebook' | 'code-table' | 'codes' | 'values' | 'run-table' | 'runs' | 'lossless' | 'raw';

/** The smallest form of a layer and its streams: those that the encoder writes and the decoder reads back. */
export interface SlimForm {
  readonly form: 'relative' | 'dense' | 'lossless' | 'raw';
  /** How long gaps are said in the relative form. */
  readonly runs: RunCoding | null;
  readonly indexBits: number | null;
  readonly streams: readonly { readonly kind: StreamKind; readonly bits: number }[];
}

/** A layer as the header of a container says it (docs/container.md): from this the size of the file is known. */
export interface SlimLayerForm extends SlimForm {
  /** The bit pattern of a weight that is not kept: lower and upper 32 bits. */
  readonly zero: readonly [number, number];
  /** Null: values as stored. `codes`: symbols in the code table. */
  readonly share: {
    readonly bits: number;
    readonly k: number;
    readonly zeroReserved: boolean;
    readonly codes: number;
    /** Null: one codebook. `dims` and `steps` tell the row (or column) of an element from its index in C order. */
    readonly groups: {
      readonly by: 'rows' | 'columns' | 'pes';
      readonly size: number;
      readonly count: number;
      readonly dims: readonly number[];
      readonly steps: readonly number[];
    } | null;
    /** Codes are levels of a grid, and the codebook has its scale (and zero point) for each group. Null: tables. */
    readonly grid: {
      readonly method: 'uniform-symmetric' | 'uniform-asymmetric' | 'fp8-e4m3' | 'fp8-e5m2';
      readonly levels: number;
      /** Of the stored elements. */
      readonly type: DType;
      /** A power of two that values are multiplied by. */
      readonly unit: number;
      /** Of integers under a scale: it, the steps from the zero point that there are, and the zero point. */
      readonly scale: number | null;
      readonly lowest: number;
      readonly highest: number;
      /** Products of scale and steps are rounded to single precision. */
      readonly single: boolean;
      readonly zeroPoint: number;
    } | null;
  } | null;
  /** Codes or values in their stream; symbols in the stream of runs, and in its table. */
  readonly entries: number;
  readonly runSymbols: number;
  readonly runCodes: number;
  /** 'prune std=1, share 5:optimal' */
  readonly done: string;
  /**
   * Bytes that each run of the layer's numbers takes in the model's file when they are written anew, and by how many
   * its varints are longer than they need be; empty where that is as it was. Null: the layer is carried as it is.
   */
  readonly stored: readonly { readonly bytes: number; readonly pad: number }[] | null;
}

export interface LayerEncode {
  readonly form: 'relative' | 'dense';
  readonly method: 'huffman';
  readonly slim: SlimLayerForm;
  readonly indexBits: number | null;
  /** The width that makes `bits.pruned` smallest. */
  readonly indexBitsPruned: number | null;
  readonly entries: number;
  readonly padding: number;
  readonly codeBitsMean: number | null;
  readonly indexBitsMean: number | null;
  readonly bits: EncodedBits;
  /** Index symbols 0 .. 2^indexBits - 1: how often each stands in the stream (padding apart) and its code length. Null in the dense form or above 8 bits. */
  readonly indexCounts: readonly number[] | null;
  readonly indexLengths: readonly number[] | null;
  /** Size of the index stream with its padding, by width: before Huffman, and after; and of the values or codes beside it. */
  readonly indexWidths: readonly {
    readonly bits: number;
    readonly entries: number;
    readonly fixedBits: number;
    readonly codedBits: number;
    readonly valueBits: number;
  }[];
}

export interface LayerReport {
  readonly index: number;
  readonly name: string;
  readonly tensor: string | null;
  readonly usedBy: readonly string[];
  readonly operator: string;
  readonly op: LayerOp;
  /** 'unknown': of a type without numbers, or one that nobody here knows; the weight is not read. */
  readonly dtype: DType | 'unknown';
  readonly shape: readonly number[];
  readonly rows: number;
  readonly cols: number;
  /** Kernel positions per input channel; 1 for dense. */
  readonly positions: number;
  readonly weights: number;
  readonly macs: number | null;
  readonly first: boolean;
  /** Index of the layer whose bytes these are, read in another way: that layer's rule changes them, and totals count them there. */
  readonly follows: number | null;
  /** Null when the weight cannot be read; `problems` says why. */
  readonly profile: LayerProfile | null;
  readonly prune: LayerPrune | null;
  readonly share: LayerShare | null;
  readonly sqnrDb: number | null;
  readonly exact: boolean;
  readonly encode: LayerEncode | null;
  /** What goes with the units that the mask leaves dead; null until the graph was followed. */
  readonly dead: LayerDead | null;
  /** Not measured: it needs a run of the model. */
  readonly activation: null;
  /** The accelerator as published with every column active; null but for dense and recurrent layers. */
  readonly eie: LayerEie | null;
  readonly problems: readonly Problem[];
}
