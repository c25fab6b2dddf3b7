import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import { openSources, type Sources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import type { Model } from '../model/model.ts';
import { readTensor } from '../model/weights.ts';
import type { Census } from '../rpc/contracts.ts';
import { readModel } from './openModel.ts';

/** A cryptographic hash in progress; the thread that reads provides it. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Hexadecimal. */
  finish(): string;
}

export interface CensusOptions {
  readonly signal: AbortSignal;
  readonly progress: (bytes: number) => void;
  /** Resolves in a later turn of the event loop, so that a cancel gets through. */
  readonly breathe: () => Promise<void>;
}

/** Bytes that are read at once for the fingerprint. */
const blockBytes = 4 * limits.chunkElements;

/**
 * What only reading every byte can tell: a fingerprint of the files and the raw zeros (-0 included) of all tensors
 * that can be read. `progress` gets bytes read so far.
 */
export async function takeCensus(
  ref: SourceRef,
  open: OpenSource,
  digest: () => Digest,
  options: CensusOptions,
): Promise<Census> {
  const { model } = await readModel(ref, open, options.signal);
  const sources = openSources(model.sources, open);
  try {
    const fingerprint = await fingerprintOf(model, sources, digest, options);
    return { fingerprint, zeros: await zerosOf(model, sources, options) };
  } finally {
    await sources.close();
  }
}

/** One file: its own hash. Several: the hash of their hashes, in the order of the model's files. */
async function fingerprintOf(
  model: Model,
  sources: Sources,
  digest: () => Digest,
  { signal, progress, breathe }: CensusOptions,
): Promise<string> {
  const hashes: string[] = [];
  let done = 0;
  for (const index of model.sources.keys()) {
    const source = await sources.at(index);
    const hash = digest();
    const block = new Uint8Array(Math.min(blockBytes, source.size));
    for (let at = 0; at < source.size; at += blockBytes) {
      const part = block.subarray(0, Math.min(blockBytes, source.size - at));
      await source.read(at, part, signal);
      hash.update(part);
      done += part.length;
      progress(done);
      await breathe();
    }
    hashes.push(hash.finish());
  }
  if (hashes.length === 1) return hashes[0]!;
  const whole = digest();
  whole.update(new TextEncoder().encode(hashes.join('\n')));
  return whole.finish();
}

async function zerosOf(model: Model, sources: Sources, { signal, breathe }: CensusOptions): Promise<number> {
  let zeros = 0;
  for (const tensor of model.tensors) {
    if (tensor.data.kind === 'none') continue;
    await breathe();
    let inTensor = 0;
    try {
      for await (const { values } of readTensor(sources, tensor, signal)) {
        inTensor += countZeros(values);
        await breathe();
      }
      zeros += inTensor;
    } catch (error) {
      // A tensor that cannot be read to its end is not counted; its layer says why.
      if (!(error instanceof ReadError)) throw error;
    }
  }
  return zeros;
}

function countZeros(values: Float32Array | Float64Array): number {
  let zeros = 0;
  for (let i = 0; i < values.length; i += 1) zeros += values[i] === 0 ? 1 : 0;
  return zeros;
}
