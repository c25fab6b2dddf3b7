import { countBefore, Elements } from './elements.ts';
import { damaged, ended, guarded, type CodedLayer, type ElementRun, type ReadStream } from './codedLayer.ts';
import { groupFinder, groupHeadBits } from './codeGroups.ts';
import type { GridCode } from './gridCode.ts';
import { gridDecoder } from './gridDecoder.ts';
import { decodePlanes } from './planesDecoder.ts';
import { blockSymbols, codeTable, StreamDamage, SymbolReader, type CodeTable } from './symbolReader.ts';

/**
 * The layer's stored elements in C order, `chunk` (a multiple of 8) at a time. Memory holds a chunk, a window for
 * each stream and the tables. Streams that contradict themselves are StreamDamage, whose `stream` says which.
 */
export async function* decodeLayer(
  coded: CodedLayer,
  read: ReadStream,
  chunk: number,
  signal: AbortSignal,
): AsyncGenerator<ElementRun, void, undefined> {
  if (coded.form === 'raw') yield* rawElements(coded, read, chunk, signal);
  else if (coded.form === 'lossless') yield* decodePlanes(coded, read, chunk, signal);
  else yield* entries(coded, read, chunk, signal);
}

async function* rawElements(
  { weights, elementBits }: CodedLayer,
  read: ReadStream,
  chunk: number,
  signal: AbortSignal,
): AsyncGenerator<ElementRun, void, undefined> {
  const bytes = new Uint8Array(Math.ceil((Math.min(chunk, weights) * elementBits) / 8));
  for (let first = 0; first < weights; first += chunk) {
    signal.throwIfAborted();
    const count = Math.min(chunk, weights - first);
    const part = bytes.subarray(0, Math.ceil((count * elementBits) / 8));
    await read(0, (first * elementBits) / 8, part);
    yield { first, count, bytes: part };
  }
}

/** Both sparse and dense forms: entries that each say where they stand (or stand everywhere) and what they are. */
async function* entries(
  coded: CodedLayer,
  read: ReadStream,
  chunk: number,
  signal: AbortSignal,
): AsyncGenerator<ElementRun, void, undefined> {
  const { weights, elementBits, zero } = coded;
  const values = await valueReader(coded, read);
  const places = coded.form === 'relative' ? await placeReader(coded, read) : null;
  const out = new Elements(elementBits, Math.min(chunk, weights));
  const positions = new Float64Array(blockSymbols);
  const low = new Uint32Array(blockSymbols);
  const high = new Uint32Array(elementBits === 64 ? blockSymbols : 0);
  let first = 0;
  out.fill(zero[0], zero[1]);
  for (let done = 0; done < coded.entries; done += blockSymbols) {
    signal.throwIfAborted();
    const count = Math.min(blockSymbols, coded.entries - done);
    if (places === null) for (let i = 0; i < count; i += 1) positions[i] = done + i;
    else await places.next(positions, count);
    if (positions[count - 1]! >= weights)
      throw damaged(places?.stream ?? 0, 'an entry lies behind the last weight');
    await values.next(positions, low, high, count);
    for (let i = 0; i < count;) {
      const to = countBefore(positions, i, count, first + chunk);
      out.setMany(positions, first, low, high, i, to);
      i = to;
      if (i === count) break;
      yield { first, count: chunk, bytes: out.part(chunk) };
      first += chunk;
      out.fill(zero[0], zero[1]);
    }
  }
  values.end();
  places?.end();
  for (; first < weights; first += chunk) {
    signal.throwIfAborted();
    const count = Math.min(chunk, weights - first);
    yield { first, count, bytes: out.part(count) };
    out.fill(zero[0], zero[1]);
  }
}

interface ValueReader {
  /** `positions` ascend: of groups, they say whose codebook a code is of. */
  next(positions: Float64Array, low: Uint32Array, high: Uint32Array, count: number): Promise<void>;
  end(): void;
}

/** Codes looked up in the codebook, or elements as they are. */
async function valueReader(coded: CodedLayer, read: ReadStream): Promise<ValueReader> {
  const { share, elementBits, zero } = coded;
  if (share === null) {
    const { reader, at } = open(coded, read, 'values');
    return {
      next: (_positions, low, high, count) =>
        guarded(at, () => elementsOf(reader, elementBits, low, high, count)),
      end: () => ended(reader, at),
    };
  }
  if (share.grid !== null) return levelReader(coded, share, share.grid, read);
  const table = await codebook(coded, read);
  const codes = await codeTableOf(coded, read, 'code-table', share.bits, share.codes);
  const { reader, at } = open(coded, read, 'codes');
  const symbols = new Uint32Array(blockSymbols);
  const reserved = share.zeroReserved ? 1 : 0;
  const find = share.groups === null ? null : groupFinder(share.groups);
  // Without groups and upper halves the word of a symbol is one look-up away, once every symbol is known to have one.
  const direct = find === null && elementBits < 64 ? new Uint32Array(share.k + reserved) : null;
  if (direct !== null) {
    for (const symbol of codes.sorted)
      if (symbol >= direct.length) throw damaged(at, 'a code has no centroid');
    direct.set(table.low.subarray(0, share.k), reserved);
    if (reserved > 0) direct[0] = zero[0];
  }
  return {
    async next(positions, low, high, count) {
      await guarded(at, () => reader.symbols(codes, symbols, count));
      if (direct !== null) {
        for (let i = 0; i < count; i += 1) low[i] = direct[symbols[i]!]!;
        return;
      }
      for (let i = 0; i < count; i += 1) {
        const code = symbols[i]! - reserved;
        const group = find === null ? 0 : find(positions[i]!);
        const entry = table.starts[group]! + code;
        if (entry >= table.starts[group + 1]!) throw damaged(at, 'a code has no centroid');
        low[i] = code < 0 ? zero[0] : table.low[entry]!;
        if (elementBits === 64) high[i] = code < 0 ? zero[1] : table.high[entry]!;
      }
    },
    end: () => ended(reader, at),
  };
}

/** Codes that are levels of a grid. */
async function levelReader(
  coded: CodedLayer,
  share: NonNullable<CodedLayer['share']>,
  grid: GridCode,
  read: ReadStream,
): Promise<ValueReader> {
  const book = open(coded, read, 'codebook');
  const reserved = share.zeroReserved ? 1 : 0;
  const wordsAt = await guarded(book.at, () => gridDecoder(book.reader, share, grid, coded.zero));
  ended(book.reader, book.at);
  const codes = await codeTableOf(coded, read, 'code-table', share.bits, share.codes);
  const { reader, at } = open(coded, read, 'codes');
  for (const symbol of codes.sorted)
    if (symbol >= grid.levels + reserved) throw damaged(at, 'a code has no centroid');
  const symbols = new Uint32Array(blockSymbols);
  return {
    async next(positions, low, high, count) {
      await guarded(at, () => reader.symbols(codes, symbols, count));
      wordsAt(symbols, positions, low, high, count);
    },
    end: () => ended(reader, at),
  };
}

/** Bit patterns of all centroids; those of group g from starts[g] on. */
interface CodebookWords {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly starts: Uint32Array;
}

/** Of groups, each codebook begins with how many centroids it has. */
async function codebook(coded: CodedLayer, read: ReadStream): Promise<CodebookWords> {
  const { share, elementBits } = coded;
  const k = share?.k ?? 0;
  const groups = share?.groups ?? null;
  const { reader, at } = open(coded, read, 'codebook');
  const heads = groups === null ? 0 : groups.count * groupHeadBits(share!.bits);
  const most =
    groups === null
      ? k
      : Math.max(0, Math.min(k * groups.count, Math.floor((reader.left - heads) / elementBits)));
  const low = new Uint32Array(most);
  const high = new Uint32Array(elementBits === 64 ? most : 0);
  const starts = new Uint32Array((groups?.count ?? 1) + 1);
  const size = Uint32Array.of(k);
  for (let group = 0; group + 1 < starts.length; group += 1) {
    const first = starts[group]!;
    if (groups !== null) await guarded(at, () => reader.numbers(groupHeadBits(share!.bits), size, 1));
    const end = first + size[0]!;
    if (size[0]! > k || end > most) throw damaged(at, 'a codebook is larger than it can be');
    for (let from = first; from < end; from += blockSymbols) {
      const count = Math.min(blockSymbols, end - from);
      await guarded(at, () =>
        elementsOf(reader, elementBits, low.subarray(from), high.subarray(from), count),
      );
    }
    starts[group + 1] = end;
  }
  ended(reader, at);
  return { low, high, starts };
}

/** Elements as they are written in a stream of values: the most significant bit first. */
async function elementsOf(
  reader: SymbolReader,
  bits: number,
  low: Uint32Array,
  high: Uint32Array,
  count: number,
): Promise<void> {
  if (bits < 64) return reader.numbers(bits, low, count);
  const pair = new Uint32Array(2);
  for (let i = 0; i < count; i += 1) {
    await reader.numbers(32, pair, 2);
    high[i] = pair[0]!;
    low[i] = pair[1]!;
  }
}

interface PlaceReader {
  readonly stream: number;
  next(into: Float64Array, count: number): Promise<void>;
  end(): void;
}

/** Positions from runs of zeros; an escape says 2^width zeros more and is no entry. */
async function placeReader(coded: CodedLayer, read: ReadStream): Promise<PlaceReader> {
  const width = coded.indexBits ?? 0;
  const stride = 2 ** width;
  const escapes = coded.runs === 'escape';
  const table = await codeTableOf(coded, read, 'run-table', width + (escapes ? 1 : 0), coded.runCodes);
  const { reader, at: stream } = open(coded, read, 'runs');
  const symbols = new Uint32Array(blockSymbols);
  let left = coded.runSymbols;
  let have = 0;
  let used = 0;
  let at = -1;
  return {
    stream,
    async next(into, count) {
      // Variables of the call are quicker than those that outlive it.
      let position = at;
      for (let i = 0; i < count;) {
        if (used === have) {
          have = Math.min(blockSymbols, left);
          if (have === 0) throw damaged(stream, 'it ends early');
          await guarded(stream, () => reader.symbols(table, symbols, have));
          left -= have;
          used = 0;
        }
        let next = used;
        for (; i < count && next < have; next += 1) {
          const run = symbols[next]!;
          position += run;
          if (run >= stride) {
            if (run > stride || !escapes) throw damaged(stream, 'a run is too long');
            if (position >= coded.weights) throw damaged(stream, 'an escape lies behind the last weight');
            continue;
          }
          position += 1;
          into[i] = position;
          i += 1;
        }
        used = next;
      }
      at = position;
    },
    end() {
      if (left > 0 || used < have) throw damaged(stream, 'it has more symbols than entries');
      ended(reader, stream);
    },
  };
}

/** Reads a table of symbols and lengths: each symbol in `symbolBits`, its length in 5 bits. */
async function codeTableOf(
  coded: CodedLayer,
  read: ReadStream,
  kind: string,
  symbolBits: number,
  codes: number,
): Promise<CodeTable> {
  const { reader, at } = open(coded, read, kind);
  return guarded(at, async () => {
    const lengths = new Uint8Array(2 ** symbolBits);
    const pair = new Uint32Array(1);
    for (let i = 0; i < codes; i += 1) {
      await reader.numbers(symbolBits, pair, 1);
      const symbol = pair[0]!;
      await reader.numbers(5, pair, 1);
      if (lengths[symbol]! > 0 || pair[0] === 0)
        throw new StreamDamage('a symbol stands twice or has no code');
      lengths[symbol] = pair[0]!;
    }
    if (reader.left > 0) throw new StreamDamage('it is longer than its symbols');
    return codeTable(lengths);
  });
}

function open(coded: CodedLayer, read: ReadStream, kind: string): { reader: SymbolReader; at: number } {
  const at = coded.streams.findIndex((stream) => stream.kind === kind);
  const stream = coded.streams[at];
  if (stream === undefined) throw damaged(0, `the layer has no stream ${kind}`);
  return { reader: new SymbolReader(stream.bits, (offset, into) => read(at, offset, into)), at };
}
