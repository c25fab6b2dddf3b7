import type { CodedLayer } from '../kernels/codedLayer.ts';
import type { DType } from './dtype.ts';

/** A run of bytes in one of the model's sources. */
export interface Extent {
  /** Index into Model.sources. */
  readonly source: number;
  /** Bytes from the start of that source. */
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * Where a tensor's numbers lie and how they are written; never the numbers of a weight.
 *
 * raw     little-endian elements back to back over all extents, in C order (packed float_data is the same bytes)
 * varint  one protobuf varint an element; narrow types as their bit pattern (int32_data, int64_data, uint64_data);
 *         of types below 8 bits one varint a byte, packed as in `raw`
 * tagged  unpacked repeated field: before each element its tag of `tagBytes` bytes; `of` says how the element is written
 * sparse  `values` at positions given by `indices` (i64; flat, or [count, rank] coordinates when `rank` > 1); the rest is zero
 * inline  a handful of numbers kept here, since they stood in an attribute (value_float, value_ints)
 * coded   pruned, shared and coded as a layer of a container: `extents` and `checksums` by stream
 * none    declared, but nothing can be read; `code` and `reason` say why
 */
export type TensorData =
  | { readonly kind: 'raw'; readonly extents: readonly Extent[] }
  | { readonly kind: 'varint'; readonly extents: readonly Extent[] }
  | {
      readonly kind: 'tagged';
      readonly of: 'raw' | 'varint';
      readonly tagBytes: number;
      readonly extents: readonly Extent[];
    }
  | {
      readonly kind: 'sparse';
      readonly values: Tensor;
      readonly indices: Tensor;
      readonly count: number;
      readonly rank: number;
    }
  | { readonly kind: 'inline'; readonly values: readonly number[] }
  | {
      readonly kind: 'coded';
      readonly coded: CodedLayer;
      readonly extents: readonly Extent[];
      /** CRC-32 of each stream with the zeros behind it, up to the next multiple of 8 bytes. */
      readonly checksums: readonly number[];
    }
  | { readonly kind: 'none'; readonly code: string; readonly reason: string };

/** Where in the model a tensor stands; the keys of report.model.tensors.byPlace. */
export type Place =
  'initializer' | 'constant' | 'subgraphInitializer' | 'subgraphConstant' | 'sparse' | 'function';

/** What a tensor is and where its bytes lie. */
export interface Tensor {
  readonly name: string;
  readonly dtype: DType;
  /** C order. Every dimension and their product are safe integers; [] is a scalar. */
  readonly shape: readonly number[];
  readonly place: Place;
  readonly data: TensorData;
}

/** Elements of a shape; 1 for a scalar. */
export const elementsOf = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

/** The type to tell of a tensor: one without a known type has no data, and its `dtype` says nothing. */
export const toldType = ({ dtype, data }: Pick<Tensor, 'dtype' | 'data'>): DType | 'unknown' =>
  data.kind === 'none' && data.code === 'onnx/unknown-dtype' ? 'unknown' : dtype;
