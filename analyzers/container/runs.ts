import type { LayerPasses } from '../analyses/newWeights.ts';
import type { Settled } from '../analyses/settleLayer.ts';
import { crc32 } from '../bytes/crc32.ts';
import type { Sources } from '../bytes/sources.ts';
import { checksumOf } from '../model/codedElements.ts';
import { dtypeBits } from '../model/dtype.ts';
import { entryWriter, varintBytes } from '../model/entryWriter.ts';
import type { Run } from '../model/frame.ts';
import { elementsOf, type Extent, type Tensor } from '../model/tensor.ts';
import { backToBack, entriesOf, entryWidth, type WrittenAs } from '../model/writtenAs.ts';
import { valuesOf } from './sparseValues.ts';

const windowBytes = 1 << 16;

/** Where the numbers of a tensor stand in its files; `bytes` is what they take now. Reads tags, and counts varints in parts. */
export async function runsOf(tensor: Tensor, sources: Sources, signal: AbortSignal): Promise<readonly Run[]> {
  const { data } = tensor;
  if (data.kind === 'sparse')
    return (await runsOf(data.values, sources, signal)).map((run) => ({
      ...run,
      written: { ...run.written, sparse: true },
    }));
  if (data.kind !== 'raw' && data.kind !== 'varint' && data.kind !== 'tagged') return [];
  const { dtype, shape } = tensor;
  const count = elementsOf(shape);
  const extents = data.extents.filter(({ byteLength }) => byteLength > 0);
  const tag = new Uint8Array(data.kind === 'tagged' ? data.tagBytes : 0);
  const [head] = extents;
  if (head !== undefined && tag.length > 0)
    await (await sources.at(head.source)).read(head.offset, tag, signal);
  const varint = data.kind === 'varint' || (data.kind === 'tagged' && data.of === 'varint');
  const written: WrittenAs = { ...backToBack, numbers: varint ? 'varint' : 'raw', tag };
  const perEntry = dtypeBits[dtype] < 8 ? 8 / dtypeBits[dtype] : 1;
  const runs: Run[] = [];
  let first = 0;
  for (const [i, extent] of extents.entries()) {
    const left = entriesOf(dtype, count - first);
    const entries =
      i === extents.length - 1
        ? left
        : varint
          ? (await countEnds(extent, sources, signal)) / (tag.length > 0 ? 2 : 1)
          : extent.byteLength / (tag.length + entryWidth(dtype));
    const here = Math.min(count - first, entries * perEntry);
    runs.push({ extent, first, count: here, written, bytes: extent.byteLength });
    first += here;
  }
  return runs;
}

/** Bytes that end a varint. */
async function countEnds(extent: Extent, sources: Sources, signal: AbortSignal): Promise<number> {
  const source = await sources.at(extent.source);
  const window = new Uint8Array(Math.min(windowBytes, extent.byteLength));
  let ends = 0;
  for (let at = 0; at < extent.byteLength; at += window.length) {
    const part = window.subarray(0, Math.min(window.length, extent.byteLength - at));
    await source.read(extent.offset + at, part, signal);
    for (const byte of part) if (byte < 128) ends += 1;
  }
  return ends;
}

/**
 * The runs of a settled layer with what its new numbers take in each. Null when nothing of the layer changes but its
 * numbers stand in another way than they would be written: then they are to stay.
 */
export async function measureRuns(
  settled: Settled,
  passes: LayerPasses,
  sources: Sources,
  signal: AbortSignal,
): Promise<readonly Run[] | null> {
  const { weight } = settled.layer;
  const runs = await runsOf(weight, sources, signal);
  const { dtype } = weight.data.kind === 'sparse' ? weight.data.values : weight;
  const remade = settled.unchanged && weight.data.kind === 'sparse';
  if (!remade && runs.every(({ written }) => written.numbers === 'raw')) return runs;
  const needs = runs.map(() => 0);
  const values = valuesOf(weight, passes.newWeights(signal), sources, signal);
  for await (const { run, bytes } of byRun(runs, values, entryWidth(dtype), dtypeBits[dtype]))
    needs[run] =
      needs[run]! + (runs[run]!.written.numbers === 'raw' ? bytes.length : varintBytes(dtype, bytes));
  const measured = runs.map((run, i): Run => {
    const needed = needs[i]! + entriesOf(dtype, run.count) * run.written.tag.length;
    const bytes = Math.max(run.bytes, needed);
    return { ...run, bytes, written: { ...run.written, pad: bytes - needed } };
  });
  if (!settled.unchanged) return measured;
  if (measured.some((run, i) => run.bytes !== runs[i]!.bytes)) return null;
  const writers = measured.map(({ written }) => entryWriter(dtype, written));
  const sums = measured.map(() => 0);
  const again = valuesOf(weight, passes.newWeights(signal), sources, signal);
  for await (const { run, bytes } of byRun(runs, again, entryWidth(dtype), dtypeBits[dtype]))
    for (const piece of writers[run]!.write(bytes)) sums[run] = crc32(piece, sums[run]);
  for (const [i, { extent }] of runs.entries()) {
    const source = await sources.at(extent.source);
    if ((await checksumOf(source, extent.offset, extent.byteLength, signal)) !== sums[i]) return null;
  }
  return measured;
}

/** Cuts a stream of elements where runs end. */
async function* byRun(
  runs: readonly Run[],
  elements: AsyncIterable<Uint8Array>,
  width: number,
  bits: number,
): AsyncGenerator<{ readonly run: number; readonly bytes: Uint8Array }> {
  let run = 0;
  const sizeOf = (at: number): number =>
    bits < 8 ? Math.ceil(((runs[at]?.count ?? 0) * bits) / 8) : (runs[at]?.count ?? 0) * width;
  let left = sizeOf(0);
  for await (const all of elements)
    for (let rest = all; rest.length > 0;) {
      while (left === 0 && run < runs.length) {
        run += 1;
        left = sizeOf(run);
      }
      if (run >= runs.length) return;
      const bytes = rest.subarray(0, left);
      yield { run, bytes };
      left -= bytes.length;
      rest = rest.subarray(bytes.length);
    }
}
