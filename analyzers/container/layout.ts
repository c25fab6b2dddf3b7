/**
 * The bytes of an exported model, part by part: what is copied from the model's own files, what is written anew
 * (lengths that changed), and where weights go. Of a file without weights there is one copied part.
 * Sizes and offsets are bytes.
 */
export interface Layout {
  /** The model's file first; `name` is relative to its folder. */
  readonly files: readonly OutputFile[];
  /** What a reader should know of the output. */
  readonly notes: readonly string[];
}

export interface OutputFile {
  readonly name: string;
  readonly size: number;
  readonly segments: readonly Segment[];
}

export type Segment =
  | { readonly kind: 'copy'; readonly source: number; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | WeightSegment;

/** Elements first .. first + count - 1 of a layer's tensor in C order, `bytes` long in the file. */
export interface WeightSegment {
  readonly kind: 'weights';
  /** Layer.index */
  readonly layer: number;
  readonly first: number;
  readonly count: number;
  readonly bytes: number;
  readonly written: WrittenAs;
}

/**
 * raw     little-endian elements back to back
 * varint  one protobuf varint an element; the first ones are longer than they need be until `bytes` is reached
 * tagged  `tag` before each element, which is raw or a varint
 * sparse  the values of a sparse tensor at the positions that its indices name, as raw elements
 */
export type WrittenAs =
  | { readonly as: 'raw' }
  | { readonly as: 'varint'; readonly elementBytes: number }
  | {
      readonly as: 'tagged';
      readonly of: 'raw' | 'varint';
      readonly tag: Uint8Array;
      readonly elementBytes: number;
    }
  | { readonly as: 'sparse' };

/** A layer's weights as they are to be stored: little-endian elements in C order, packed as ONNX packs raw_data. */
export interface WeightBytes {
  /** Index of the first element; of types below 8 bits a multiple of 8. */
  readonly first: number;
  readonly count: number;
  /** Valid until the next one is asked for. */
  readonly bytes: Uint8Array;
}
