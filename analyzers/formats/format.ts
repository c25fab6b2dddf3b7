import type { ByteSource } from '../bytes/source.ts';
import type { Model } from '../model/model.ts';

/** A file format that the analyzers can list. To add one: a file here and a line in formats/index.ts. */
export interface Format {
  /** 'onnx' */
  readonly id: string;
  /** 'ONNX' */
  readonly name: string;
  /** '*.onnx': the manifest's selectors are tested against these. */
  readonly patterns: readonly string[];
  /** Decides on the first bytes (up to 64) and the name alone. */
  matches(head: Uint8Array, name: string): boolean;
  /** Lists the tensors without reading any of them. Throws ReadError only when no list can be made. */
  read(source: ByteSource, signal: AbortSignal): Promise<Model>;
}
