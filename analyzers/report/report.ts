import type { Problem } from '../model/problem.ts';
import type { Place } from '../model/tensor.ts';
import type { BudgetResult } from './budget.ts';
import type { EncodedBits, LayerReport } from './layerReport.ts';
import type { Recipe } from './recipe.ts';

/** What is known of the file as soon as it is opened, before a weight is read. */
export interface ModelSummary {
  readonly name: string;
  readonly format: string;
  /** External files included. */
  readonly bytes: number;
  readonly files: readonly string[];
  /** Bytes of the files in which the readable layers' weights lie; the others are `totals.bits.rest`. */
  readonly weightBytes: number;
  /** Opaque; equal for equal bytes. Null until the bytes have been read. */
  readonly fingerprint: string | null;
  readonly tensors: {
    readonly count: number;
    readonly elements: number;
    /** Raw zeros, -0 included, of every readable tensor. Null until the bytes have been read. */
    readonly zeros: number | null;
    readonly byPlace: Readonly<Record<Place, number>>;
  };
  /** 'opset 13' and the like, for the header line. */
  readonly detail: readonly string[];
  readonly parameters: number;
  /** A symbolic first dimension of a graph input was taken as 1 for `macs`. */
  readonly symbolicBatch: boolean;
}

export interface Totals {
  readonly parameters: number;
  readonly weights: number;
  /** Weights of layers that could not be read; not in the sums below. */
  readonly weightsUnread: number;
  readonly zeros: number;
  readonly kept: number;
  readonly density: number | null;
  /** Sum over the layers whose count is known; `macsUnknown` counts the others. */
  readonly macs: number;
  readonly macsUnknown: number;
  readonly bits: { readonly rest: number } & EncodedBits;
  readonly factor: {
    readonly survivors: number | null;
    readonly pruned: number | null;
    readonly shared: number | null;
    readonly coded: number | null;
    readonly lossless: number | null;
  };
  /** Reading every weight once from DRAM: microjoules by Horowitz's 45 nm table; basis: assumed. */
  readonly dramReadUj: { readonly dense: number; readonly coded: number };
  /** The same from an SRAM of 32 KB. */
  readonly sramReadUj: { readonly dense: number; readonly coded: number };
  /** The whole `.slim` file, to the byte; null when the model cannot be written as one. */
  readonly slimBytes: number | null;
  /** The model's files / that. */
  readonly fileFactor: number | null;
}

export interface Report {
  readonly schema: 1;
  readonly tool: string;
  readonly model: ModelSummary;
  readonly recipe: Recipe;
  readonly layers: readonly LayerReport[];
  readonly totals: Totals;
  /** How density and bits were chosen for a budget; null without one. */
  readonly budget: BudgetResult | null;
  readonly problems: readonly Problem[];
}
