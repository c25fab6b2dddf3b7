import { BitWriter } from '../kernels/bits.ts';
import { elementsIn } from '../kernels/elements.ts';
import { canonicalCodes } from '../kernels/huffman.ts';
import { losslessCount, losslessLayouts, type LosslessPlan } from '../kernels/lossless.ts';
import { wordsIn, type StoredWords } from '../kernels/storedWords.ts';
import { dtypeBits, type DType } from '../model/dtype.ts';
import type { RawPass } from '../model/chunk.ts';
import type { StreamPart } from './streamPart.ts';

const partBytes = 1 << 16;
/** Elements that are taken apart at once. */
const block = 1 << 12;
const symbols = new Uint32Array(block);
const lowWords = new Uint32Array(block);
const highWords = new Uint32Array(block);

/**
 * The lossless coding (kernels/planesDecoder.ts reads it): the layout, in the sparse one the count and the gaps of the
 * non-zero elements, then each byte plane in a pass of its own, lowest first, by its Huffman code or as it is.
 */
export async function* encodePlanes(
  plan: LosslessPlan,
  dtype: DType,
  raw: RawPass,
  signal: AbortSignal,
): AsyncGenerator<StreamPart, void, undefined> {
  const bits = dtypeBits[dtype];
  const symbolBits = Math.min(8, bits);
  const sparse = plan.layout === 'sparse';
  const head = new BitWriter();
  head.put(losslessLayouts.indexOf(plan.layout), 2);
  head.put(plan.width, 6);
  for (let plane = 0; plane < 8; plane += 1) head.put(plan.lengths[plane] ? 1 : 0, 1);
  if (sparse && plan.gapLengths !== null) {
    let count = 0;
    for await (const part of raw(signal)) {
      const stored = elementsIn(part.bytes, bits);
      for (let i = 0; i < part.count; i += 1) if (stored.low(i) !== 0 || stored.high(i) !== 0) count += 1;
    }
    head.put(Math.floor(count / 2 ** 32), losslessCount - 32);
    head.put((count % 2 ** 32) | 0, 32);
    writeTable(head, plan.gapLengths, plan.width + 1);
    const codes = canonicalCodes(plan.gapLengths);
    const stride = 2 ** plan.width;
    let gap = 0;
    for await (const part of raw(signal)) {
      const stored = elementsIn(part.bytes, bits);
      for (let i = 0; i < part.count; i += 1) {
        if (stored.low(i) === 0 && stored.high(i) === 0) {
          gap += 1;
          continue;
        }
        for (; gap >= stride; gap -= stride) head.put(codes[stride]!, plan.gapLengths[stride]!);
        head.put(codes[gap]!, plan.gapLengths[gap]!);
        gap = 0;
        if (head.ready >= partBytes) yield { stream: 0, bytes: head.take() };
      }
    }
  }
  yield { stream: 0, bytes: head.bytes() };
  checked(head, plan, 0);
  for (const [plane, lengths] of plan.lengths.entries()) {
    const into = new BitWriter();
    if (lengths !== null) writeTable(into, lengths, symbolBits);
    // A plane as it is has every symbol as its own code.
    const every = 2 ** symbolBits;
    const codes =
      lengths === null ? Uint32Array.from({ length: every }, (_, i) => i) : canonicalCodes(lengths);
    const widths = lengths ?? new Uint8Array(every).fill(symbolBits);
    const shift = 8 * (plane % 4);
    for await (const { count, bytes } of raw(signal)) {
      for (let from = 0; from < count; from += block) {
        const some = Math.min(block, count - from);
        const { low, high } = blockOf(bytes, bits, from, some);
        const of = plane < 4 ? low : high;
        let used = 0;
        for (let i = 0; i < some; i += 1) {
          symbols[used] = (of[i]! >>> shift) & (every - 1);
          used += sparse && low[i] === 0 && (high.length === 0 || high[i] === 0) ? 0 : 1;
        }
        into.putSymbols(symbols, used, codes, widths);
        if (into.ready >= partBytes) yield { stream: plane + 1, bytes: into.take() };
      }
    }
    const last = into.bytes();
    if (last.length > 0) yield { stream: plane + 1, bytes: last };
    checked(into, plan, plane + 1);
  }
}

/** The words of some elements, the first of which begins at a byte. */
function blockOf(bytes: Uint8Array, bits: number, from: number, count: number): StoredWords {
  return wordsIn(bytes.subarray((from * bits) / 8), bits, count, lowWords, highWords);
}

function checked(into: BitWriter, plan: LosslessPlan, stream: number): void {
  if (into.length !== plan.streamBits[stream])
    throw new RangeError(`a lossless stream came to ${into.length.toString()} bits: the weights changed`);
}

function writeTable(into: BitWriter, lengths: Uint8Array, symbolBits: number): void {
  into.put(
    lengths.reduce((n, length) => n + (length > 0 ? 1 : 0), 0),
    symbolBits + 1,
  );
  for (let symbol = 0; symbol < lengths.length; symbol += 1) {
    if (lengths[symbol] === 0) continue;
    into.put(symbol, symbolBits);
    into.put(lengths[symbol]!, 5);
  }
}
