import type { Extent } from './tensor.ts';
import type { WrittenAs } from './writtenAs.ts';

/** A run of bytes in which elements first .. first + count - 1 of a layer stand: of a sparse one, of its values. */
export interface Run {
  readonly extent: Extent;
  readonly first: number;
  readonly count: number;
  readonly written: WrittenAs;
  /** Bytes that the new numbers take; never fewer than there were. */
  readonly bytes: number;
}

/** The length of a message or of a packed field, itself a varint. Offsets and sizes are bytes of the file. */
export interface LengthPlace {
  readonly offset: number;
  readonly size: number;
  /** Bytes of what it is the length of, which begins behind it. */
  readonly value: number;
}

/** A layer that can be written with new weights, and where its numbers stand now. */
export interface FramedLayer {
  /** Layer.index */
  readonly layer: number;
  readonly runs: readonly Run[];
  /** The lengths around each run, the outermost first; empty of a run that cannot grow. */
  readonly around: readonly (readonly LengthPlace[])[];
}

/** Where new weights go in a model's files: all that is known of them before any layer is settled. */
export interface Frame {
  readonly name: string;
  readonly format: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly layers: readonly FramedLayer[];
  /** Of layers that are carried as they are, why. */
  readonly notes: readonly string[];
}
