import type { LayerOp } from '../layer.ts';
import type { Known } from '../shapes/known.ts';
import type { Traced } from '../trace.ts';

/**
 * How an operator reads one of its inputs as a matrix: rows are outputs, columns the inputs of one output.
 * Axes are those of the operand as it arrives at the operator. The table in words: docs/orientation.md.
 */
export interface Role {
  /** The operator's input that is the weight. */
  readonly input: number;
  readonly op: LayerOp;
  /** Slowest first. */
  readonly rows: readonly number[];
  readonly cols: readonly number[];
  /** The axis that N:M runs along. */
  readonly reduction: number | null;
  /** Kernel positions per input channel. */
  readonly positions: number;
  /** How often one run of the operator multiplies each element; null when a shape is unknown. */
  readonly uses: number | null;
  /** The input that the weight is applied to. */
  readonly reads: number | null;
  /** Axis 0 holds this many groups, each with outputs of its own: it is split, and the groups are rows. */
  readonly groups?: number;
  /** Rows fall into this many groups, one after another, each with inputs of its own. Absent: one. */
  readonly rowGroups?: number;
  /** Inputs with scale and zero point, and the operand's axis that they run along. */
  readonly steps?: {
    readonly scale: number | null;
    readonly zeroPoint: number | null;
    readonly axis: number;
  };
  /** A weight only if the graph scales what it gives. */
  readonly ifScaled?: true;
  /** Extents of the matrix when the stored form is packed and cannot be read as one. */
  readonly packed?: { readonly rows: number; readonly cols: number; readonly reason: string };
}

/** The weights among an operator's inputs; none when they are computed, or when there is no data to apply them to. */
export type Rule = (call: Traced, outputs: readonly Known[]) => readonly Role[];

export const isWeight = (call: Traced, input: number): boolean =>
  (call.inputs[input]?.pieces ?? null) !== null && call.inputs[input]?.reach === 'constant';

export const isData = (call: Traced, input: number): boolean =>
  (call.inputs[input] ?? null) !== null && call.inputs[input]?.reach !== 'constant';

export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

export const divided = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b === 0 ? null : a / b;

export type StepInputs = readonly [scale: number | null, zeroPoint: number | null];
