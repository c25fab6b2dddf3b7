import type { CodeGroups } from './codeGroups.ts';
import type { GridCode } from './gridCode.ts';
import { StreamDamage, type SymbolReader } from './symbolReader.ts';

/** How the streams of one layer are to be read: what a container keeps of it. Plain values, safe to clone. */
export interface CodedLayer {
  readonly form: 'relative' | 'dense' | 'lossless' | 'raw';
  readonly runs: 'escape' | 'padding' | null;
  readonly weights: number;
  /** Bits of a stored element: 2, 4, 8, 16, 32 or 64. */
  readonly elementBits: number;
  /** The bit pattern of a weight that is not kept: lower and upper 32 bits. */
  readonly zero: readonly [number, number];
  /** Null: values as stored. `codes`: symbols in the code table. `zeroReserved`: code 0 is a weight that is not kept. */
  readonly share: {
    readonly bits: number;
    readonly k: number;
    readonly zeroReserved: boolean;
    readonly codes: number;
    /** What has a codebook of its own; `k` is then that of the largest. Null: one codebook. */
    readonly groups: CodeGroups | null;
    /** Codes are levels of a grid, and the codebook has its scale (and zero point) for each group; `k` are in use. Null: tables. */
    readonly grid: GridCode | null;
  } | null;
  readonly indexBits: number | null;
  /** Codes (or values) in their stream; symbols in the stream of runs, and in its table. */
  readonly entries: number;
  readonly runSymbols: number;
  readonly runCodes: number;
  readonly streams: readonly { readonly kind: string; readonly bits: number }[];
}

/** Fills `into` from a byte of one of the layer's streams, by its place in `streams`. */
export type ReadStream = (stream: number, offset: number, into: Uint8Array) => Promise<void>;

/** Stored elements first .. first + count - 1, little-endian and packed; `bytes` is used again. */
export interface ElementRun {
  readonly first: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Damage with the place of the stream that it is in. */
export class LayerDamage extends Error {
  override readonly name = 'LayerDamage';
  readonly stream: number;
  constructor(stream: number, message: string) {
    super(message);
    this.stream = stream;
  }
}

export const damaged = (stream: number, message: string): LayerDamage => new LayerDamage(stream, message);

export async function guarded<T>(stream: number, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof StreamDamage) throw damaged(stream, error.message);
    throw error;
  }
}

export function ended(reader: SymbolReader, stream: number): void {
  if (reader.left > 0) throw damaged(stream, 'it is longer than it should be');
}
