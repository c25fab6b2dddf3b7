import { codebookBits, type SizeInput } from './forms.ts';
import { codedBits, codeLengths, tableBits } from '../kernels/huffman.ts';
import type { LosslessPlan } from '../kernels/lossless.ts';
import { escapeSymbols, indexSymbols, widestIndex, type GapCounts } from '../kernels/relativeIndex.ts';
import type { SlimForm, StreamKind } from '../report/layerReport.ts';

/** What the form of a layer in `.slim` is chosen from: counts, never the streams themselves. */
export interface SlimInput {
  readonly weights: number;
  readonly kept: number;
  /** Bits of a stored weight, and of a stored centroid. */
  readonly valueBits: number;
  readonly gaps: GapCounts;
  /** Kept weights by centroid and the bits of a code; null when values stay as they are. */
  readonly share: Pick<NonNullable<SizeInput['share']>, 'bits' | 'counts' | 'groups' | 'gridBits'> | null;
  /** Code 0 is a weight that is not kept. */
  readonly zeroReserved: boolean;
  /** Width of the padding stream; null: no relative index. */
  readonly indexBits: number | null;
  readonly runs: 'escape' | 'padding';
  /** Nothing is changed: the layer must come back bit for bit, by this plan or as it is. */
  readonly lossless: LosslessPlan | null;
}

/** The form of a layer and the codes of its streams: what the encoder needs. */
export interface SlimPlan {
  readonly slim: SlimForm;
  readonly bits: number;
  /** Code lengths by symbol of the code stream: code 0 is a weight that is not kept, where that is reserved. */
  readonly codes: Uint8Array | null;
  /** By run of zeros; in the escape form the last symbol is the escape. */
  readonly runs: Uint8Array | null;
  /** How often each symbol stands in these streams. */
  readonly codeCounts: Float64Array | null;
  readonly runCounts: Float64Array | null;
  /** Codes (or values) in their stream, and symbols in the stream of runs. */
  readonly entries: number;
  readonly runSymbols: number;
  readonly lossless: LosslessPlan | null;
}

type Streams = SlimForm['streams'];

/** The smallest form; of equal ones the first: as it is, lossless, dense, with padding, with an escape. */
export function slimPlan(input: SlimInput): SlimPlan {
  const { weights, valueBits, lossless, indexBits, share } = input;
  const raw = planOf('raw', [{ kind: 'raw', bits: weights * valueBits }], { entries: weights });
  const plans = [raw];
  if (lossless !== null) plans.push(losslessForm(lossless));
  else {
    if (share !== null) plans.push(denseCodes(input, share));
    if (indexBits !== null) {
      plans.push(withPadding(input, indexBits));
      if (input.runs === 'escape') plans.push(withEscape(input));
    }
  }
  return plans.reduce((best, plan) => (plan.bits < best.bits ? plan : best));
}

const planOf = (form: SlimForm['form'], streams: Streams, more: Partial<SlimPlan & SlimForm>): SlimPlan => ({
  slim: { form, runs: null, indexBits: null, streams, ...more.slim },
  bits: streams.reduce((sum, { bits }) => sum + bits, 0),
  codes: more.codes ?? null,
  runs: null,
  codeCounts: more.codeCounts ?? null,
  runCounts: null,
  entries: more.entries ?? 0,
  runSymbols: 0,
  lossless: more.lossless ?? null,
});

export function losslessForm(plan: LosslessPlan): SlimPlan {
  const streams = plan.streamBits.map((bits) => ({ kind: 'lossless' as const, bits }));
  return planOf('lossless', streams, { lossless: plan });
}

export function denseCodes(input: SlimInput, share: NonNullable<SlimInput['share']>): SlimPlan {
  const { streams, ...codes } = codeStreams(input, share, input.weights - input.kept);
  return planOf('dense', streams, { ...codes, entries: input.weights });
}

/** Codebook, table and codes, with so many codes for what is not kept. */
function codeStreams(
  { zeroReserved, valueBits }: SlimInput,
  share: NonNullable<SlimInput['share']>,
  zeros: number,
): { codes: Uint8Array; codeCounts: Float64Array; streams: { kind: StreamKind; bits: number }[] } {
  const reserved = zeroReserved ? 1 : 0;
  const counts = new Float64Array(share.counts.length + reserved);
  counts.set(share.counts, reserved);
  if (zeroReserved) counts[0] = zeros;
  const codes = codeLengths(counts);
  return {
    codes,
    codeCounts: counts,
    streams: [
      { kind: 'codebook', bits: codebookBits(share, valueBits) },
      { kind: 'code-table', bits: tableBits(codes, share.bits) },
      { kind: 'codes', bits: codedBits(counts, codes) },
    ],
  };
}

/** The stream of codes or values, of so many entries. */
function valueStreams(
  input: SlimInput,
  entries: number,
): {
  codes: Uint8Array | null;
  codeCounts: Float64Array | null;
  streams: { kind: StreamKind; bits: number }[];
} {
  if (input.share !== null) return codeStreams(input, input.share, entries - input.kept);
  return { codes: null, codeCounts: null, streams: [{ kind: 'values', bits: entries * input.valueBits }] };
}

/** Han, Mao and Dally 2016, figure 2: an entry of zero at every 2^width-th place of a longer gap. */
export function withPadding(input: SlimInput, width: number): SlimPlan {
  const { counts, padding } = indexSymbols(input.gaps, width);
  counts[counts.length - 1]! += padding;
  const entries = input.kept + padding;
  return relative(input, { runs: 'padding', width, counts, symbolBits: width, entries, runSymbols: entries });
}

/** A symbol of its own says 2^width zeros more: no entry stands for them. The width that takes fewest bits. */
export function withEscape(input: SlimInput): SlimPlan {
  let best: SlimPlan | null = null;
  for (let width = 1; width <= widestIndex; width += 1) {
    const { counts, escapes } = escapeSymbols(input.gaps, width);
    const runSymbols = input.kept + escapes;
    const plan = relative(input, {
      runs: 'escape',
      width,
      counts,
      symbolBits: width + 1,
      entries: input.kept,
      runSymbols,
    });
    if (best === null || plan.bits < best.bits) best = plan;
    if (escapes === 0) break;
  }
  return best!;
}

function relative(
  input: SlimInput,
  made: {
    readonly runs: 'escape' | 'padding';
    readonly width: number;
    readonly counts: Float64Array;
    readonly symbolBits: number;
    readonly entries: number;
    readonly runSymbols: number;
  },
): SlimPlan {
  const { runs, width, counts, symbolBits, entries, runSymbols } = made;
  const lengths = codeLengths(counts);
  const { streams, ...codes } = valueStreams(input, entries);
  const all: Streams = [
    ...streams,
    { kind: 'run-table', bits: tableBits(lengths, symbolBits) },
    { kind: 'runs', bits: codedBits(counts, lengths) },
  ];
  return {
    slim: { form: 'relative', runs, indexBits: width, streams: all },
    bits: all.reduce((sum, { bits }) => sum + bits, 0),
    ...codes,
    runs: lengths,
    runCounts: counts,
    entries,
    runSymbols,
    lossless: null,
  };
}
