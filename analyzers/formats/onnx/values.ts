import type { ValueInfo } from '../../model/graph.ts';
import { integer, type onnx } from './decode.ts';
import { dtypeOfCode } from '../../model/onnxTypes.ts';

/** Name, type and declared shape of a value. What is no plain tensor has neither type nor shape. */
export function valueInfo(value: onnx.IValueInfoProto): ValueInfo {
  const tensor = value.type?.tensorType;
  const dims = tensor?.shape?.dim;
  return {
    name: value.name ?? '',
    dtype: dtypeOfCode.get(tensor?.elemType ?? 0) ?? null,
    shape: dims === null || dims === undefined ? null : dims.map(dimension),
  };
}

/** A negative dimension is how some exporters write an unknown one. */
function dimension(d: onnx.TensorShapeProto.IDimension): number | string | null {
  if (d.dimParam !== undefined && d.dimParam !== null && d.dimParam !== '') return d.dimParam;
  if (!Object.hasOwn(d, 'dimValue')) return null;
  const value = integer(d.dimValue);
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}
