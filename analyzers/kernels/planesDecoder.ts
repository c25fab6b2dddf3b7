import { countBefore, Elements } from './elements.ts';
import { damaged, ended, guarded, type CodedLayer, type ElementRun, type ReadStream } from './codedLayer.ts';
import { losslessCount, losslessLayouts } from './lossless.ts';
import { blockSymbols, codeTable, StreamDamage, SymbolReader, type CodeTable } from './symbolReader.ts';

/**
 * Undoes the lossless coding (analyses/encodeLayer.ts): the first stream has the layout, in the sparse one the count
 * and gaps of the non-zero elements too; then one stream for each byte plane, lowest first, coded or as it is.
 */
export async function* decodePlanes(
  coded: CodedLayer,
  read: ReadStream,
  chunk: number,
  signal: AbortSignal,
): AsyncGenerator<ElementRun, void, undefined> {
  const { weights, elementBits } = coded;
  const planes = Math.max(1, elementBits / 8);
  const symbolBits = Math.min(8, elementBits);
  if (coded.streams.length !== planes + 1) throw damaged(0, 'it has another number of planes');
  const readers = coded.streams.map(
    ({ bits }, at) => new SymbolReader(bits, (offset, into) => read(at, offset, into)),
  );
  const head = await guarded(0, () => header(readers[0]!, weights, planes));
  const tables: (CodeTable | null)[] = [];
  for (let plane = 0; plane < planes; plane += 1)
    tables.push(
      head.coded[plane] === true
        ? await guarded(plane + 1, () => readTable(readers[plane + 1]!, 2 ** symbolBits, symbolBits))
        : null,
    );
  const out = new Elements(elementBits, Math.min(chunk, weights));
  const symbols = new Uint32Array(blockSymbols);
  const low = new Uint32Array(blockSymbols);
  const high = new Uint32Array(planes > 4 ? blockSymbols : 0);
  const places = new Float64Array(blockSymbols);
  const gaps = head.gaps === null ? null : gapReader(readers[0]!, head.gaps, head.width);
  let first = 0;
  out.fill(0);
  for (let done = 0; done < head.count; done += blockSymbols) {
    signal.throwIfAborted();
    const count = Math.min(blockSymbols, head.count - done);
    low.fill(0);
    high.fill(0);
    for (let plane = 0; plane < planes; plane += 1) {
      const reader = readers[plane + 1]!;
      const table = tables[plane] ?? null;
      await guarded(plane + 1, () =>
        table === null ? reader.numbers(symbolBits, symbols, count) : reader.symbols(table, symbols, count),
      );
      const into = plane < 4 ? low : high;
      const shift = 8 * (plane % 4);
      for (let i = 0; i < count; i += 1) into[i] = into[i]! | (symbols[i]! << shift);
    }
    if (gaps === null) for (let i = 0; i < count; i += 1) places[i] = done + i;
    else await guarded(0, () => gaps.next(places, count, weights));
    for (let i = 0; i < count;) {
      const to = countBefore(places, i, count, first + chunk);
      out.setMany(places, first, low, high, i, to);
      i = to;
      if (i === count) break;
      yield { first, count: chunk, bytes: out.part(chunk) };
      first += chunk;
      out.fill(0);
    }
  }
  if (gaps !== null && !gaps.ended()) throw damaged(0, 'it has more gaps than elements');
  for (const [at, reader] of readers.entries()) ended(reader, at);
  for (; first < weights; first += chunk) {
    const count = Math.min(chunk, weights - first);
    yield { first, count, bytes: out.part(count) };
    out.fill(0);
  }
}

interface Head {
  readonly width: number;
  readonly coded: readonly boolean[];
  readonly count: number;
  readonly gaps: CodeTable | null;
}

async function header(reader: SymbolReader, weights: number, planes: number): Promise<Head> {
  const word = new Uint32Array(2);
  const next = async (width: number): Promise<number> => {
    await reader.numbers(width, word, 1);
    return word[0]!;
  };
  const layout = losslessLayouts[await next(2)];
  if (layout === undefined) throw new StreamDamage('it has no such layout');
  const width = await next(6);
  const flags = await next(8);
  const coded = Array.from({ length: planes }, (_, plane) => ((flags >>> (7 - plane)) & 1) === 1);
  if (layout !== 'sparse') return { width, coded, count: weights, gaps: null };
  if (width > 16) throw new StreamDamage('its gaps are wider than 16 bits');
  const count = (await next(losslessCount - 32)) * 2 ** 32 + (await next(32));
  if (count > weights) throw new StreamDamage('it has more non-zero elements than elements');
  return { width, coded, count, gaps: await readTable(reader, 2 ** width + 1, width + 1) };
}

async function readTable(reader: SymbolReader, symbols: number, symbolBits: number): Promise<CodeTable> {
  const word = new Uint32Array(1);
  await reader.numbers(symbolBits + 1, word, 1);
  const used = word[0]!;
  const lengths = new Uint8Array(symbols);
  for (let i = 0; i < used; i += 1) {
    await reader.numbers(symbolBits, word, 1);
    const symbol = word[0]!;
    await reader.numbers(5, word, 1);
    if (symbol >= symbols) throw new StreamDamage('it has no such symbol');
    lengths[symbol] = word[0]!;
  }
  return codeTable(lengths);
}

/** Reads positions; escapes are symbols and no elements. */
function gapReader(
  reader: SymbolReader,
  table: CodeTable,
  width: number,
): {
  next: (into: Float64Array, count: number, weights: number) => Promise<void>;
  /** Whether every symbol was used. */
  ended: () => boolean;
} {
  const stride = 2 ** width;
  const symbols = new Uint32Array(blockSymbols);
  let at = 0;
  let used = 0;
  let have = 0;
  return {
    async next(into, count, weights) {
      for (let i = 0; i < count;) {
        if (used === have) {
          have = await reader.symbolsUpTo(table, symbols, blockSymbols);
          if (have === 0) throw new StreamDamage('it ends early');
          used = 0;
        }
        const symbol = symbols[used]!;
        used += 1;
        at += symbol;
        if (at >= weights) throw new StreamDamage('an element lies behind the last one');
        if (symbol === stride) continue;
        into[i] = at;
        at += 1;
        i += 1;
      }
    },
    ended: () => used === have,
  };
}
