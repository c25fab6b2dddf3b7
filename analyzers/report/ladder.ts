import type { DType } from '../model/dtype.ts';
import type { EncodedBits, LayerReport } from './layerReport.ts';
import type { Totals } from './report.ts';
import { factorOf } from './totals.ts';

export type StepId = 'dense' | 'lossless' | 'pruned' | 'shared' | 'coded' | 'slim';

/** What one layer takes at one step, in bits. */
export interface LadderPart {
  /** LayerReport.index */
  readonly layer: number;
  readonly name: string;
  readonly bits: number;
}

/** One bar. Sizes are bits; `bits` is the weights', the rest of the file comes on top of it. */
export interface LadderStep {
  readonly id: StepId;
  /** 'dense', 'lossless coded', 'pruned', '+ shared', '+ coded', '.slim file'; without a rule 'non-zeros with index', 'values as stored' and 'coded'. */
  readonly label: string;
  /** Not true of the file: weights were changed to get here. */
  readonly whatIf: boolean;
  readonly bits: number;
  readonly restBits: number;
  /** Weights and rest, in whole bytes. */
  readonly bytes: number;
  /** Weights only: dense divided by this; null when there are no weights. */
  readonly factor: number | null;
  /** The limit for independent positions, of the weights alone; for the coded step. */
  readonly limitBits: number | null;
  /** The same without any index: what papers call pruned; for the pruned step. */
  readonly bareFactor: number | null;
  /** The whole file divided by this step with its rest. */
  readonly withRest: number | null;
  readonly parts: readonly LadderPart[];
}

/** Dense, lossless, pruned, shared, coded and, where one can be written, the whole container: what every surface draws as bars. */
export interface Ladder {
  readonly steps: readonly LadderStep[];
  /** What `factor` is against: the stored type, or null when layers differ or none could be read. */
  readonly dtype: DType | 'unknown' | null;
  readonly weightsUnread: number;
  /** The longest bar, in bits with the rest: the scale of all of them. */
  readonly longestBits: number;
}

const kinds: readonly {
  readonly id: StepId;
  readonly label: string;
  readonly key: keyof EncodedBits;
  readonly changes: boolean;
}[] = [
  { id: 'dense', label: 'dense', key: 'dense', changes: false },
  { id: 'lossless', label: 'lossless coded', key: 'lossless', changes: false },
  { id: 'pruned', label: 'pruned', key: 'pruned', changes: true },
  { id: 'shared', label: '+ shared', key: 'shared', changes: true },
  { id: 'coded', label: '+ coded', key: 'coded', changes: true },
  { id: 'slim', label: '.slim file', key: 'slim', changes: true },
];

/** The bars of a report, or of as many layers as are known so far (with totalsOf of the same layers). */
export function ladderOf(layers: readonly LayerReport[], totals: Totals): Ladder {
  const read = layers.flatMap((layer) =>
    layer.encode === null || layer.follows !== null ? [] : [{ layer, bits: layer.encode.bits }],
  );
  const allShared = layers.every(({ share, encode }) => encode === null || share !== null);
  const changed = read.some(({ layer }) => !layer.exact);
  const idle: Partial<Record<StepId, string>> = {
    ...(read.some(({ layer }) => layer.prune !== null && layer.prune.rule !== 'none')
      ? {}
      : { pruned: 'non-zeros with index' }),
    ...(read.some(({ layer }) => layer.share !== null) ? {} : { shared: 'values as stored' }),
    ...(changed ? {} : { coded: 'coded' }),
  };
  const { slimBytes } = totals;
  const shown = kinds.filter(({ id }) => id !== 'slim' || slimBytes !== null);
  const steps = shown.map(({ id, label, key, changes }): LadderStep => {
    const bits = totals.bits[key];
    // A container has its header and its alignment besides.
    const rest = id === 'slim' ? Math.max(0, 8 * (slimBytes ?? 0) - bits) : totals.bits.rest;
    return {
      id,
      label: read.length > 0 ? (idle[id] ?? label) : label,
      whatIf: changes && changed,
      bits,
      restBits: rest,
      bytes: Math.ceil((bits + rest) / 8),
      factor: factorOf(totals.bits.dense, bits),
      // Values that are stored as they are have no such limit.
      limitBits: id === 'coded' && allShared ? totals.bits.limit : null,
      bareFactor: id === 'pruned' ? totals.factor.survivors : null,
      withRest: id === 'slim' ? totals.fileFactor : factorOf(totals.bits.dense + rest, bits + rest),
      parts: read.map((one) => ({ layer: one.layer.index, name: one.layer.name, bits: one.bits[key] })),
    };
  });
  const dtypes = new Set(read.map(({ layer }) => layer.dtype));
  const [dtype] = dtypes;
  return {
    steps,
    dtype: dtypes.size === 1 && dtype !== undefined ? dtype : null,
    weightsUnread: totals.weightsUnread,
    longestBits: Math.max(0, ...steps.map(({ bits, restBits }) => bits + restBits)),
  };
}

/** What the factors are against, in words: 'f32', or 'the stored types' when layers differ. */
export const againstText = ({ dtype }: Ladder): string => dtype ?? 'the stored types';
