import type { ByteSource } from './source.ts';

/**
 * A file that is being written beside its place. Nothing is there under its name until `commit`, which replaces what
 * was there in one step; `discard` leaves no trace, after `commit` too where nothing was replaced. Offsets and lengths are bytes.
 */
export interface ByteSink {
  /** Bytes appended so far, or behind the last one written. */
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Overwrites, or fills a gap that an earlier `writeAt` left; holes read as zeros. */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** What was written so far, to be read back. */
  readBack(offset: number, into: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** Opens a file to write: `name` is relative to the folder of the job's output, and may not leave it. */
export type OpenSink = (name: string) => Promise<ByteSink>;

export type ReadBack = Pick<ByteSource, 'read' | 'size'>;
