import type { DType } from '../../model/dtype.ts';

/** Codes that are no real numbers: they are told, not analysed. */
export const otherTypes: ReadonlyMap<number, string> = new Map([
  [8, 'strings'],
  [14, 'complex numbers'],
  [15, 'complex numbers'],
]);

/** The TensorProto field that holds elements of a type when raw_data does not (onnx.proto, TensorProto). */
export function typedField(dtype: DType): number {
  if (dtype === 'f32') return 4;
  if (dtype === 'f64') return 10;
  if (dtype === 'i64') return 7;
  return dtype === 'u32' || dtype === 'u64' ? 11 : 5;
}
