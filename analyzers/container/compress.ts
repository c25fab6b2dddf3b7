import { encodeLayer } from '../analyses/encodeLayer.ts';
import type { Settled } from '../analyses/settleLayer.ts';
import { crc32 } from '../bytes/crc32.ts';
import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import type { ByteSink } from '../bytes/sink.ts';
import type { Sources } from '../bytes/sources.ts';
import {
  slimEnd,
  slimHeaderBytes,
  type SlimHeader,
  type SlimLayer,
  type SlimStream,
} from '../formats/slim/header.ts';
import { LayerDamage } from '../kernels/codedLayer.ts';
import { decodeLayer } from '../kernels/layerDecoder.ts';
import { paddedTo8 } from '../model/codedElements.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import type { Recipe } from '../report/recipe.ts';
import { passesOf, settleForWriting, type TaskOptions } from './layerSource.ts';
import { codable, layoutOf, type Layout } from './layout.ts';
import { draftHeader } from './slimHeader.ts';

export interface CompressJob {
  readonly model: Model;
  readonly layers: readonly Layer[];
  readonly sources: Sources;
  /** In which every layer's rule stands by itself. */
  readonly recipe: Recipe;
  /** 'slimscope@0.1.0' */
  readonly tool: string;
}

export interface Compressed {
  readonly bytes: number;
  /** Layers that were carried unchanged, and why. */
  readonly notes: readonly string[];
}

/** Bytes that are copied at once. */
const blockBytes = 1 << 20;
/** Shares of the whole that settling, writing and reading back take. */
const shares = { settle: 0.6, write: 0.85 } as const;

/**
 * Writes a `.slim` of the model into the sink, reads every layer back and compares it with what was to be written,
 * and only then commits; on any error the sink is discarded. Memory holds the tables of the layers, and windows.
 * Throws ReadError 'slim/twice' of a container, the model's own code when its weights are not all there,
 * 'slim/differs' when a layer reads back differently, and the signal's reason.
 */
export async function compress(job: CompressJob, sink: ByteSink, options: TaskOptions): Promise<Compressed> {
  try {
    refuseIncomplete(job.model);
    const { settled, notes } = await settleAll(job, options);
    const layout = layoutOf(
      job.model,
      settled.map(({ layer }) => layer),
    );
    const draft = draftHeader(job.model, layout, settled, job.tool);
    const start = slimHeaderBytes(draft);
    await sink.append(start);
    const skeleton = await copySkeleton(layout, draft.skeleton, job.sources, sink, options);
    const layers = await writeLayers(settled, draft.layers, job.sources, sink, options);
    const header = { ...draft, skeleton, layers };
    await sink.writeAt(0, slimHeaderBytes(header));
    await readBack(header, start.length, sink, options);
    await sink.commit();
    return { bytes: start.length + slimEnd(header), notes };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function refuseIncomplete({ format, name, tensors, problems }: Model): void {
  if (format === 'slim')
    throw new ReadError(
      'slim/twice',
      name,
      `${name} is compressed already; compress the model that it was made from`,
    );
  const cut = problems.find(({ code }) => code === 'file/truncated');
  if (cut !== undefined) throw new ReadError('file/truncated', name, cut.message, cut.at.offset ?? undefined);
  for (const { data } of tensors)
    if (data.kind === 'none' && data.code.startsWith('onnx/external-data-'))
      throw new ReadError(
        'onnx/external-data-missing',
        name,
        `${data.reason}. Nothing is written without it`,
      );
}

async function settleAll(
  { model, layers, sources, recipe }: CompressJob,
  options: TaskOptions,
): Promise<{ settled: readonly Settled[]; notes: readonly string[] }> {
  const chosen = codable(model, layers);
  const notes = [...chosen.notes];
  const settled: Settled[] = [];
  const along = ladder(chosen.layers.map(({ rows, cols }) => rows * cols));
  for (const [i, layer] of chosen.layers.entries()) {
    const progress = (share: number): void => options.progress(shares.settle * along(i, share));
    try {
      settled.push(await settleForWriting(layer, recipe, sources, { ...options, progress }));
    } catch (error) {
      if (!(error instanceof ReadError) || error.code !== 'weights/malformed') throw error;
      notes.push(`${layer.name} is carried as it is: ${error.message}`);
    }
  }
  return { settled, notes };
}

/** The share of all work that is done when the i-th piece is done to a share. */
function ladder(pieces: readonly number[]): (i: number, share: number) => number {
  const total = Math.max(
    1,
    pieces.reduce((sum, piece) => sum + piece, 0),
  );
  const before: number[] = [];
  let sum = 0;
  for (const piece of pieces) {
    before.push(sum);
    sum += piece;
  }
  return (i, share) => (before[i]! + share * pieces[i]!) / total;
}

async function copySkeleton(
  layout: Layout,
  skeleton: SlimStream,
  sources: Sources,
  sink: ByteSink,
  { signal, breathe }: TaskOptions,
): Promise<SlimStream> {
  const block = new Uint8Array(Math.min(blockBytes, skeleton.bytes));
  let crc = 0;
  for (const { parts } of layout.files)
    for (const part of parts) {
      if (part.kind !== 'copy') continue;
      const source = await sources.at(part.source);
      for (let done = 0; done < part.bytes; done += block.length) {
        await breathe();
        signal.throwIfAborted();
        const piece = block.subarray(0, Math.min(block.length, part.bytes - done));
        await source.read(part.offset + done, piece, signal);
        crc = crc32(piece, crc);
        await sink.append(piece);
      }
    }
  return { ...skeleton, crc: await fillUp(sink, skeleton.bytes, crc) };
}

/** Zeros up to the next multiple of 8 bytes; the checksum with them. */
async function fillUp(sink: ByteSink, bytes: number, crc: number): Promise<number> {
  const zeros = new Uint8Array(paddedTo8(bytes) - bytes);
  if (zeros.length > 0) await sink.append(zeros);
  return crc32(zeros, crc);
}

async function writeLayers(
  settled: readonly Settled[],
  drafts: readonly SlimLayer[],
  sources: Sources,
  sink: ByteSink,
  options: TaskOptions,
): Promise<readonly SlimLayer[]> {
  const along = ladder(drafts.map(({ coded }) => coded.weights));
  const written: SlimLayer[] = [];
  for (const [i, one] of settled.entries()) {
    written.push(await writeLayer(one, drafts[i]!, sources, sink, options));
    options.progress(shares.settle + (shares.write - shares.settle) * along(i, 1));
  }
  return written;
}

async function writeLayer(
  settled: Settled,
  draft: SlimLayer,
  sources: Sources,
  sink: ByteSink,
  { signal, breathe }: TaskOptions,
): Promise<SlimLayer> {
  const passes = passesOf(settled, sources, breathe);
  const sums = draft.streams.map(() => ({ crc: 0, bytes: 0 }));
  let at = 0;
  const closeUpTo = async (stream: number): Promise<void> => {
    for (; at < stream; at += 1) {
      const sum = sums[at]!;
      if (sum.bytes !== draft.streams[at]!.bytes)
        throw differs(`the stream ${at.toString()} of ${draft.name} has another length than was counted`);
      sum.crc = await fillUp(sink, sum.bytes, sum.crc);
    }
  };
  for await (const { stream, bytes } of encodeLayer(settled, passes, signal)) {
    signal.throwIfAborted();
    await closeUpTo(stream);
    const sum = sums[stream]!;
    sum.crc = crc32(bytes, sum.crc);
    sum.bytes += bytes.length;
    await sink.append(bytes);
  }
  await closeUpTo(sums.length);
  let checksum = 0;
  for await (const { bytes } of passes.newWeights(signal)) checksum = crc32(bytes, checksum);
  return { ...draft, checksum, streams: draft.streams.map((one, i) => ({ ...one, crc: sums[i]!.crc })) };
}

/** Decodes every layer out of what was written. */
async function readBack(
  { layers }: SlimHeader,
  base: number,
  sink: ByteSink,
  { signal, breathe, progress }: TaskOptions,
): Promise<void> {
  const along = ladder(layers.map(({ coded }) => coded.weights));
  for (const [i, { name, coded, streams, checksum }] of layers.entries()) {
    let found = 0;
    const read = (stream: number, offset: number, into: Uint8Array): Promise<void> =>
      sink.readBack(base + streams[stream]!.offset + offset, into);
    try {
      for await (const { bytes } of decodeLayer(coded, read, limits.chunkElements, signal)) {
        await breathe();
        found = crc32(bytes, found);
      }
    } catch (error) {
      if (error instanceof LayerDamage) throw differs(`${name} cannot be read back (${error.message})`);
      throw error;
    }
    if (found !== checksum) throw differs(`${name} reads back differently`);
    progress(shares.write + (1 - shares.write) * along(i, 1));
  }
}

const differs = (what: string): ReadError =>
  new ReadError(
    'slim/differs',
    '',
    `Nothing was written: ${what}. The model may have changed meanwhile; run again`,
  );
