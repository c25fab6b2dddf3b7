import type { LayerOp } from '../model/layer.ts';

export type PruneRule =
  | { readonly kind: 'none' }
  /** Keep round(density * n) weights of the largest magnitude; ties at the threshold are kept. */
  | { readonly kind: 'density'; readonly density: number }
  /** Threshold = q x standard deviation of the non-zero weights about zero (Han 2015, section 3). */
  | { readonly kind: 'std'; readonly q: number }
  /** Keep |w| >= threshold. */
  | { readonly kind: 'threshold'; readonly threshold: number }
  /** One threshold for all layers with this rule: together they keep round(density * n) of their weights. */
  | { readonly kind: 'global'; readonly density: number }
  /** At most n of each m weights along the reduction channel, at a fixed kernel position. */
  | { readonly kind: 'nm'; readonly n: number; readonly m: number }
  /** Whole blocks of rows x cols of the layer's matrix. */
  | { readonly kind: 'block'; readonly rows: number; readonly cols: number; readonly density: number }
  /** Whole rows (filters, channels), whole columns. */
  | { readonly kind: 'filters'; readonly density: number }
  | { readonly kind: 'columns'; readonly density: number };

/**
 * `optimal`: the least squared error. `rate`: the fewest coded bits at no more error than `linear`. `linear`,
 * `density`, `forgy`: Lloyd's algorithm from the starts of Deep Compression. The others: uniform quantisation, and
 * eight-bit floats with a scale.
 */
export type ShareMethod =
  | 'optimal'
  | 'rate'
  | 'linear'
  | 'density'
  | 'forgy'
  | 'uniform-symmetric'
  | 'uniform-asymmetric'
  | 'fp8-e4m3'
  | 'fp8-e5m2';

/** What one codebook is for: the layer, so many rows or columns, or every so-many-th row (those of one PE). */
export type Grouping =
  | { readonly kind: 'layer' }
  | { readonly kind: 'rows'; readonly size: number }
  | { readonly kind: 'columns'; readonly size: number }
  | { readonly kind: 'pes'; readonly count: number };

/** `k`: so many centroids instead of all that `bits` can say; `bits` is then the width that k needs. */
export type ShareRule =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'codebook';
      readonly bits: number;
      readonly k: number | null;
      readonly method: ShareMethod;
      readonly per: Grouping;
    };
/** Width of the relative index in bits (1 to 16), the cheapest width, or no index: the dense form. */
export type IndexRule =
  { readonly kind: 'bits'; readonly bits: number } | { readonly kind: 'best' } | { readonly kind: 'none' };

/** What is done to one layer, every default spelled out. */
export interface LayerRule {
  readonly prune: PruneRule;
  readonly share: ShareRule;
  readonly index: IndexRule;
  readonly batchNorm: 'as-stored' | 'folded';
}

/**
 * One line of a recipe: the same strings that the command line takes ('std=1', '5:optimal', 'best').
 * `match` is a case-sensitive glob over name and tensor; `when` narrows it to the first layer or to layers
 * with more than 5 % exact zeros of their own. Later lines win, key by key.
 */
export interface RecipeRule {
  readonly match: string;
  readonly op?: LayerOp;
  readonly when?: 'first' | 'own-zeros';
  readonly prune?: string;
  readonly share?: string;
  readonly index?: string;
  readonly batchNorm?: 'as-stored' | 'folded';
}

/** A resolved recipe: preset rules, then the caller's options, then the rules of a recipe file. */
export interface Recipe {
  readonly preset: 'as-is' | 'deep-compression' | 'eie';
  /** No pruning, no sharing: entropy coding of the stored planes alone. */
  readonly lossless: boolean;
  readonly layers: readonly RecipeRule[];
  /** Files to run the model with. Kept for the commands that run it; the figures of the weights need none. */
  readonly inputs: readonly string[] | null;
  readonly budgets: Readonly<Record<string, number>>;
  /** What density and bits of each layer are to be chosen for: 'bytes=N' or 'factor=R' of the coded weights. */
  readonly budget: string | null;
  /** How `.slim` streams say gaps longer than their index: an escape symbol, or padding zeros as Han et al. 2016. */
  readonly runs: RunCoding;
}

export const runCodings = ['escape', 'padding'] as const;
export type RunCoding = (typeof runCodings)[number];

export const layerOps = [
  'dense',
  'conv',
  'depthwise',
  'recurrent',
  'attention',
  'embedding',
  'other',
] as const satisfies readonly LayerOp[];

export const ruleConditions = ['first', 'own-zeros'] as const satisfies readonly RecipeRule['when'][];

/** What a budget may bound: `bytes` compares the coded weights in whole bytes. */
export const budgetKeys = [
  'bytes',
  'factor',
  'density',
  'sqnrDb',
  'top1Drop',
  'eieTimeUs',
  'eieEnergyUj',
] as const;
