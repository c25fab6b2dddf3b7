import { BitWriter } from '../kernels/bits.ts';
import { elementsIn } from '../kernels/elements.ts';
import { findKeptBy } from '../kernels/mask.ts';
import { groupHeadBits } from '../kernels/codeGroups.ts';
import { isWide } from '../kernels/gridCode.ts';
import { shareCoder } from '../kernels/shareCoder.ts';
import { SymbolWriter } from '../kernels/symbolWriter.ts';
import type { CodedLayer } from '../kernels/codedLayer.ts';
import type { WeightBytes } from '../model/chunk.ts';
import { encodePlanes } from './encodePlanes.ts';
import type { StreamPart } from './streamPart.ts';
import type { LayerPasses } from './newWeights.ts';
import { shareNumbers } from './shareSteps.ts';
import { centroidWords } from './storedCentroids.ts';
import type { CodebookGrid } from './codebook.ts';
import type { Settled } from './settleLayer.ts';
import { scratchFor } from './sweeps.ts';

/** Bytes of a stream that are handed out at once. */
const partBytes = 1 << 16;

const used = (lengths: Uint8Array | null): number =>
  lengths?.reduce((n, length) => n + (length > 0 ? 1 : 0), 0) ?? 0;

/** How a container describes the layer for kernels/layerDecoder.ts. */
export function codedLayerOf(settled: Settled): CodedLayer {
  const { plan } = settled.sizes;
  const { share } = settled.rule;
  return {
    form: plan.slim.form,
    runs: plan.slim.runs,
    weights: settled.head.weights,
    elementBits: settled.elementBits,
    zero: settled.zero,
    // Elements as they are need no codebook, even where the layer was shared.
    share:
      plan.slim.form === 'raw' ||
      plan.slim.form === 'lossless' ||
      settled.codebook === null ||
      share.kind === 'none'
        ? null
        : {
            bits: share.bits,
            k: settled.codebook.counts.length,
            zeroReserved: settled.zeroReserved,
            codes: used(plan.codes),
            groups: settled.codebook.groups?.map ?? null,
            grid: settled.codebook.grid?.code ?? null,
          },
    indexBits: plan.slim.indexBits,
    entries: plan.entries,
    runSymbols: plan.runSymbols,
    runCodes: used(plan.runs),
    streams: plan.slim.streams,
  };
}

/**
 * Writes the streams of a settled layer, each in one more pass over its weights, with exactly as many bits as its plan
 * says (else a RangeError: the weights changed meanwhile). Every stream begins at a byte; its last one is filled up.
 */
export async function* encodeLayer(
  settled: Settled,
  passes: LayerPasses,
  signal: AbortSignal,
): AsyncGenerator<StreamPart, void, undefined> {
  const { plan } = settled.sizes;
  if (plan.slim.form === 'raw') {
    for await (const { bytes } of passes.newWeights(signal)) yield { stream: 0, bytes: bytes.slice() };
    return;
  }
  if (plan.lossless !== null) {
    yield* encodePlanes(plan.lossless, settled.layer.weight.dtype, passes.raw, signal);
    return;
  }
  for (const [stream, { kind, bits }] of plan.slim.streams.entries()) {
    const into = new BitWriter();
    const parts =
      kind === 'codebook'
        ? codebook(settled, into)
        : kind === 'code-table'
          ? table(plan.codes!, shareBits(settled), into, levelsIn(settled))
          : kind === 'run-table'
            ? table(plan.runs!, plan.slim.indexBits! + (plan.slim.runs === 'escape' ? 1 : 0), into)
            : kind === 'codes'
              ? codes(settled, passes, into, signal)
              : kind === 'runs'
                ? runs(settled, passes, into, signal)
                : values(settled, passes, into, signal);
    for await (const bytes of parts) yield { stream, bytes };
    const last = into.bytes();
    if (last.length > 0) yield { stream, bytes: last };
    if (into.length !== bits)
      throw new RangeError(
        `the stream ${kind} of ${settled.layer.name} came to ${into.length.toString()} bits, not ${bits.toString()}`,
      );
  }
}

type Parts = AsyncGenerator<Uint8Array, void, undefined>;

const shareBits = ({ rule }: Settled): number => (rule.share.kind === 'none' ? 0 : rule.share.bits);

async function* codebook(settled: Settled, into: BitWriter): Parts {
  await Promise.resolve();
  const { elementBits, codebook: book } = settled;
  if (book !== null && book.grid !== null) {
    yield* grids(book.grid, shareBits(settled), into);
    return;
  }
  const { low, high } = centroidWords(settled);
  const starts = book?.groups?.starts ?? Uint32Array.of(0, low.length);
  for (let group = 0; group + 1 < starts.length; group += 1) {
    if (book !== null && book.groups !== null)
      into.put(starts[group + 1]! - starts[group]!, groupHeadBits(shareBits(settled)));
    for (let entry = starts[group]!; entry < starts[group + 1]!; entry += 1) {
      if (elementBits === 64) into.put(high[entry]!, 32);
      into.put(low[entry]!, Math.min(32, elementBits));
      if (into.ready >= partBytes) yield into.take();
    }
    if (into.ready >= partBytes) yield into.take();
  }
}

const levelsIn = ({ codebook: book, zeroReserved }: Settled): { of: Uint16Array; reserved: number } | null =>
  book === null || book.grid === null ? null : { of: book.grid.levels, reserved: zeroReserved ? 1 : 0 };

/** Of each group the scale, and the zero point where there is one. */
async function* grids({ code, drawn }: CodebookGrid, codeBits: number, into: BitWriter): Parts {
  await Promise.resolve();
  const view = new DataView(new ArrayBuffer(8));
  const wide = isWide(code.type);
  for (const { scale, zero } of drawn) {
    if (wide) view.setFloat64(0, scale);
    else view.setFloat32(0, scale);
    into.put(view.getUint32(0), 32);
    if (wide) into.put(view.getUint32(4), 32);
    if (code.method === 'uniform-asymmetric') into.put(zero, codeBits);
    if (into.ready >= partBytes) yield into.take();
  }
}

/** `levels`: codes are listed as the levels that they are, behind what is reserved. */
async function* table(
  lengths: Uint8Array,
  symbolBits: number,
  into: BitWriter,
  levels: { readonly of: Uint16Array; readonly reserved: number } | null = null,
): Parts {
  await Promise.resolve();
  for (let symbol = 0; symbol < lengths.length; symbol += 1) {
    if (lengths[symbol] === 0) continue;
    const level = levels === null || symbol < levels.reserved ? null : levels.of[symbol - levels.reserved]!;
    into.put(level === null ? symbol : level + levels!.reserved, symbolBits);
    into.put(lengths[symbol]!, 5);
    if (into.ready >= partBytes) yield into.take();
  }
}

/** Visits the kept weights of each chunk in order; `values` at their positions are what centroids are compared with. */
export async function* keptOf(
  settled: Settled,
  passes: Pick<LayerPasses, 'weights'>,
  signal: AbortSignal,
): AsyncGenerator<{
  values: Float32Array | Float64Array;
  positions: Uint32Array;
  count: number;
  first: number;
}> {
  const numbers = shareNumbers(settled.layer.weight.dtype, settled.steps);
  for await (const { first, values: some } of passes.weights(signal)) {
    signal.throwIfAborted();
    const positions = scratchFor(some.length);
    const count = findKeptBy(settled.survey.mask, some, first, positions);
    yield { values: numbers(some, positions, count, first), positions, count, first };
  }
}

async function* codes(settled: Settled, passes: LayerPasses, into: BitWriter, signal: AbortSignal): Parts {
  const { plan } = settled.sizes;
  const symbols = new SymbolWriter(into, plan.codes!);
  const coder = shareCoder(settled.codebook!);
  const reserved = settled.zeroReserved ? 1 : 0;
  const stride = plan.slim.runs === 'padding' ? 2 ** plan.slim.indexBits! : Infinity;
  const dense = plan.slim.form === 'dense';
  let last = -1;
  for await (const { values: some, positions, count, first } of keptOf(settled, passes, signal)) {
    for (let i = 0; i < count; i += 1) {
      const at = first + positions[i]!;
      const gap = at - last - 1;
      for (let zeros = dense ? gap : gap < stride ? 0 : Math.floor(gap / stride); zeros > 0; zeros -= 1) {
        symbols.put(0);
        if (into.ready >= partBytes) yield into.take();
      }
      symbols.put(coder.code(some[positions[i]!]!, at) + reserved);
      last = at;
      if (into.ready >= partBytes) yield into.take();
    }
  }
  const end = dense ? settled.head.weights : 0;
  for (let at = last + 1; at < end; at += 1) {
    symbols.put(0);
    if (into.ready >= partBytes) yield into.take();
  }
  symbols.flush();
}

async function* runs(settled: Settled, passes: LayerPasses, into: BitWriter, signal: AbortSignal): Parts {
  const { plan } = settled.sizes;
  const symbols = new SymbolWriter(into, plan.runs!);
  const stride = 2 ** plan.slim.indexBits!;
  const long = plan.slim.runs === 'escape' ? stride : stride - 1;
  let last = -1;
  for await (const { positions, count, first } of keptOf(settled, passes, signal)) {
    for (let i = 0; i < count; i += 1) {
      const at = first + positions[i]!;
      let gap = at - last - 1;
      for (; gap >= stride; gap -= stride) {
        symbols.put(long);
        if (into.ready >= partBytes) yield into.take();
      }
      symbols.put(gap);
      last = at;
      if (into.ready >= partBytes) yield into.take();
    }
  }
  symbols.flush();
}

/** Kept elements as they are stored, and zeros for padding. */
async function* values(settled: Settled, passes: LayerPasses, into: BitWriter, signal: AbortSignal): Parts {
  const { elementBits, zero } = settled;
  const stride =
    settled.sizes.plan.slim.runs === 'padding' ? 2 ** settled.sizes.plan.slim.indexBits! : Infinity;
  const put = (low: number, high: number): void => {
    if (elementBits === 64) into.put(high, 32);
    into.put(low, Math.min(32, elementBits));
  };
  const raw = passes.raw(signal)[Symbol.asyncIterator]();
  let last = -1;
  for await (const { positions, count, first } of keptOf(settled, passes, signal)) {
    const { value: part } = (await raw.next()) as { value: WeightBytes };
    const stored = elementsIn(part.bytes, elementBits);
    for (let i = 0; i < count; i += 1) {
      const at = first + positions[i]!;
      for (let gap = at - last - 1; gap >= stride; gap -= stride) {
        put(zero[0], zero[1]);
        if (into.ready >= partBytes) yield into.take();
      }
      put(stored.low(positions[i]!), stored.high(positions[i]!));
      last = at;
      if (into.ready >= partBytes) yield into.take();
    }
  }
}
