import type { CodeTable } from '../kernels/symbolReader.ts';
import { blockSymbols, SymbolReader } from '../kernels/symbolReader.ts';
import type { StreamPart } from './streamPart.ts';

/** Streams that are read while they are written: their parts come one after another and are not kept. */
export interface WrittenStreams {
  /** The symbols of one stream, some at a time. Streams are asked for in their order; those between are passed over. */
  symbols(
    at: number,
    bits: number,
    table: CodeTable,
    count: number,
    visit: (symbols: Uint32Array, count: number) => void,
  ): Promise<void>;
  /** Lets the writer come to its end, which is where it compares what it wrote with its plan. */
  end(): Promise<void>;
}

export function writtenStreams(parts: AsyncGenerator<StreamPart, void, undefined>): WrittenStreams {
  let part: StreamPart = { stream: -1, bytes: new Uint8Array(0) };
  let used = 0;
  /** The part with the next byte of a stream. */
  const partOf = async (at: number): Promise<StreamPart> => {
    while (part.stream < at || used === part.bytes.length) {
      const { value, done } = await parts.next();
      if (done === true) break;
      used = 0;
      part = value;
    }
    if (part.stream !== at || used === part.bytes.length) throw new RangeError('a stream ends early');
    return part;
  };
  const reader =
    (at: number) =>
    async (_: number, into: Uint8Array): Promise<void> => {
      for (let filled = 0; filled < into.length;) {
        const { bytes } = await partOf(at);
        const some = bytes.subarray(used, used + into.length - filled);
        into.set(some, filled);
        filled += some.length;
        used += some.length;
      }
    };
  return {
    async symbols(at, bits, table, count, visit) {
      const from = new SymbolReader(bits, reader(at));
      const block = new Uint32Array(blockSymbols);
      for (let done = 0; done < count; done += blockSymbols) {
        const some = Math.min(blockSymbols, count - done);
        await from.symbols(table, block, some);
        visit(block, some);
      }
    },
    async end() {
      for (;;) if ((await parts.next()).done === true) return;
    },
  };
}
