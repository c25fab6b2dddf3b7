import { groupFinder } from '../kernels/codeGroups.ts';
import { blockSymbols, codeTable, SymbolReader, type CodeTable } from '../kernels/symbolReader.ts';
import type { DecodingCost, DecodingStep } from '../report/breakEven.ts';
import { encodeLayer } from './encodeLayer.ts';
import type { LayerPasses } from './newWeights.ts';
import type { Settled } from './settleLayer.ts';
import { timed, type TimingOptions } from './timing.ts';

/** Symbols of each stream that are decoded, from its start on, and the bytes in which even the longest codes fit. */
const decodedSymbols = 2 ** 20;
const keptBytes = decodedSymbols * 4;
/** Weights that are put in place at once. */
const windowWeights = 2 ** 16;

/**
 * What it takes to make weights of the layer's streams, step by step: the real output of the encoder, its Huffman codes
 * read by the decoder's own reader, runs summed to places, codes looked up in the codebook and put in their places
 * among zeros. Large layers are decoded in part. Null where the layer is written without codes.
 */
export async function decodingCost(
  settled: Settled,
  passes: LayerPasses,
  options: TimingOptions,
): Promise<DecodingCost | null> {
  const { plan } = settled.sizes;
  const { form } = plan.slim;
  if ((form !== 'relative' && form !== 'dense') || plan.entries === 0) return null;
  if (plan.codes === null && plan.runs === null) return null;
  const streams = await startsOf(settled, passes, options.signal);
  const codes = plan.codes === null ? null : streamOf(streams, 'codes', plan.codes, plan.entries);
  const runs = plan.runs === null ? null : streamOf(streams, 'runs', plan.runs, plan.runSymbols);
  await codes?.decode();
  await runs?.decode();
  const places = new Float64Array(runs?.symbols.length ?? codes?.symbols.length ?? 0);
  const stride = runs === null ? 0 : 2 ** plan.slim.indexBits!;
  const expand = (): number => (runs === null ? 0 : placesOf(runs.symbols, stride, places));
  if (runs === null) for (let i = 0; i < places.length; i += 1) places[i] = i;
  const count = runs === null ? places.length : expand();
  const decoded = codes === null ? count : Math.min(count, codes.symbols.length);
  if (decoded === 0) return null;
  const covered = decoded === plan.entries ? settled.head.weights : places[decoded - 1]! + 1;

  const tasks: {
    readonly step: DecodingStep['step'];
    readonly label: string;
    run: () => void | Promise<void>;
  }[] = [
    {
      step: 'huffman',
      label: `Huffman decoding of ${codes === null ? 'runs' : runs === null ? 'codes' : 'codes and runs'}`,
      run: async () => {
        await codes?.decode();
        await runs?.decode();
      },
    },
  ];
  if (runs !== null)
    tasks.push({ step: 'index', label: 'places from runs of zeros', run: () => void expand() });
  if (codes !== null) {
    const into = new Float32Array(windowWeights);
    const look = lookUp(settled);
    tasks.push({
      step: 'lookup',
      label: 'centroids looked up and put in place',
      run: () => look(codes.symbols, places, decoded, into),
    });
  }
  const times = await timed(
    tasks.map(({ run }) => run),
    options,
  );
  const steps = tasks.map(({ step, label }, at): DecodingStep => {
    const time = times[at]!;
    return {
      step,
      label,
      time,
      nsPerWeight: (time.minMs * 1e6) / covered,
      nsPerEntry: (time.minMs * 1e6) / decoded,
    };
  });
  const nsPerEntry = steps.reduce((sum, step) => sum + step.nsPerEntry, 0);
  return {
    decoded,
    entries: plan.entries,
    covered,
    weights: settled.head.weights,
    steps,
    nsPerWeight: steps.reduce((sum, step) => sum + step.nsPerWeight, 0),
    nsPerEntry,
    layerMs: (nsPerEntry * plan.entries) / 1e6,
  };
}

/** The first bytes of the streams of codes and of runs. */
async function startsOf(
  settled: Settled,
  passes: LayerPasses,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const kept = new Map<string, Uint8Array[]>();
  const sizes = new Map<string, number>();
  for await (const { stream, bytes } of encodeLayer(settled, passes, signal)) {
    const kind = settled.sizes.plan.slim.streams[stream]!.kind;
    if (kind !== 'codes' && kind !== 'runs') continue;
    const size = sizes.get(kind) ?? 0;
    if (size >= keptBytes) continue;
    const part = bytes.subarray(0, keptBytes - size);
    sizes.set(kind, size + part.length);
    kept.set(kind, [...(kept.get(kind) ?? []), part]);
  }
  return new Map([...kept].map(([kind, parts]) => [kind, joined(parts)]));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

interface Decoded {
  readonly symbols: Uint32Array;
  /** Fills `symbols` anew. */
  readonly decode: () => Promise<void>;
}

function streamOf(
  streams: ReadonlyMap<string, Uint8Array>,
  kind: string,
  lengths: Uint8Array,
  all: number,
): Decoded {
  const bytes = streams.get(kind) ?? new Uint8Array(0);
  const table: CodeTable = codeTable(lengths);
  const symbols = new Uint32Array(Math.min(all, decodedSymbols));
  const decode = async (): Promise<void> => {
    const reader = new SymbolReader(bytes.length * 8, (offset, into) => {
      into.set(bytes.subarray(offset, offset + into.length));
      return Promise.resolve();
    });
    for (let at = 0; at < symbols.length; at += blockSymbols) {
      const part = symbols.subarray(at, at + blockSymbols);
      await reader.symbols(table, part, part.length);
    }
  };
  return { symbols, decode };
}

/** Places of the entries; a symbol of `stride` is an escape and no entry. Returns how many entries there are. */
function placesOf(runs: Uint32Array, stride: number, into: Float64Array): number {
  let at = -1;
  let count = 0;
  for (let i = 0; i < runs.length; i += 1) {
    const run = runs[i]!;
    at += run;
    if (run === stride) continue;
    at += 1;
    into[count] = at;
    count += 1;
  }
  return count;
}

/** Puts what the codes stand for in their places, a window of weights after the other, each cleared first. */
function lookUp({
  codebook,
  zeroReserved,
}: Settled): (codes: Uint32Array, places: Float64Array, count: number, into: Float32Array) => void {
  const table = Float32Array.from(codebook?.centroids ?? []);
  const reserved = zeroReserved ? 1 : 0;
  const groups = codebook?.groups ?? null;
  const find = groups === null ? () => 0 : groupFinder(groups.map);
  const starts = groups?.starts ?? Uint32Array.of(0);
  return (codes, places, count, into) => {
    let first = 0;
    into.fill(0);
    for (let i = 0; i < count; i += 1) {
      const at = places[i]!;
      while (at >= first + into.length) {
        first += into.length;
        into.fill(0);
      }
      const code = codes[i]! - reserved;
      into[at - first] = code < 0 ? 0 : table[starts[find(at)]! + code]!;
    }
  };
}
