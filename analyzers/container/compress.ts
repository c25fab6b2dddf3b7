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
import type { SlimParts } from '../report/budgetText.ts';
import { passesOf, type TaskOptions } from './layerSource.ts';
import type { Layout } from './layout.ts';
import { ladder, planWriting, type ModelJob } from './plan.ts';
import { draftHeader, headerLayerOf } from './slimHeader.ts';

export interface CompressJob extends ModelJob {
  /** 'slimscope@0.1.0' */
  readonly tool: string;
}

export interface Compressed {
  readonly bytes: number;
  /** What they are, summing to them: the streams of the layers, all else of the model, and headers with alignment. */
  readonly parts: SlimParts;
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
    const progress = (share: number): void => options.progress(shares.settle * share);
    const { settled, layout, notes } = await planWriting(job, { ...options, progress });
    const draft = draftHeader(job.model, layout, settled.map(headerLayerOf), job.tool);
    const start = slimHeaderBytes(draft);
    await sink.append(start);
    const skeleton = await copySkeleton(layout, draft.skeleton, job.sources, sink, options);
    const layers = await writeLayers(settled, draft.layers, job.sources, sink, options);
    const header = { ...draft, skeleton, layers };
    await sink.writeAt(0, slimHeaderBytes(header));
    await readBack(header, start.length, sink, options);
    await sink.commit();
    const bytes = start.length + slimEnd(header);
    return { bytes, parts: partsOf(header, bytes), notes };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function partsOf({ skeleton, layers }: SlimHeader, bytes: number): SlimParts {
  const streams = layers.flatMap((layer) => layer.streams).reduce((sum, stream) => sum + stream.bytes, 0);
  return { streams, rest: skeleton.bytes, headers: bytes - streams - skeleton.bytes };
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
      if (part.kind === 'weights') continue;
      if (part.kind === 'literal') {
        crc = crc32(part.value, crc);
        await sink.append(part.value);
        continue;
      }
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
