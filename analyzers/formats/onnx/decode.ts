import proto, { type onnx } from 'onnx-proto';

/** What stands in a decoded message where a 64-bit integer is: a number in bundles, a Long where that package is found. */
export type Integer = number | { toNumber(): number } | null | undefined;

/** The double nearest to a decoded integer. */
export function integer(value: Integer): number {
  if (value === null || value === undefined) return 0;
  return typeof value === 'number' ? value : value.toNumber();
}

export const decodeModel = (skeleton: Uint8Array): onnx.ModelProto => proto.onnx.ModelProto.decode(skeleton);

export type { onnx } from 'onnx-proto';
