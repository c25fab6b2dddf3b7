import { limits } from '../../bytes/limits.ts';
import { dtypeBits, type DType } from '../../model/dtype.ts';
import type { Extent, Place, Tensor, TensorData } from '../../model/tensor.ts';
import { dtypeOfCode } from '../../model/onnxTypes.ts';
import { otherTypes, typedField } from './dtypes.ts';
import { externalData, type Files } from './external.ts';
import { bytesText, quoted, sizeText, type Problems, type Tell } from './problems.ts';
import type { Run, Runs, Stored, StoredSparse, StoredTensor } from './stored.ts';

/** What a tensor is built with. */
export interface Listing {
  readonly file: string;
  readonly files: Files;
  readonly problems: Problems;
}

/** Elements of a shape; null when they, or a dimension, are beyond what a double counts exactly. */
export function elementsOf(dims: readonly number[]): number | null {
  let product = 1;
  // A zero makes the whole empty, but must not hide a dimension that overflows.
  let empty = false;
  for (const d of dims) {
    if (!Number.isSafeInteger(d)) return null;
    if (d === 0) empty = true;
    else product *= d;
    if (product > limits.elements) return null;
  }
  return empty ? 0 : product;
}

/** The tensor of a record: shape, type and place checked, its numbers unread. What is wrong is told. */
export function tensorOf(listing: Listing, stored: Stored, name: string, place: Place): Tensor {
  const tell: Tell = (severity, code, what, file) => {
    const reason = `The tensor ${quoted(name)} ${what}.`;
    const at = { tensor: name, offset: stored.offset };
    listing.problems.tell(severity, code, reason, file === undefined ? at : { ...at, file });
    return { kind: 'none', code, reason };
  };
  const dims = stored.dims;
  const elements = dims.length > limits.rank ? null : elementsOf(dims);
  const code = stored.kind === 'tensor' ? stored.code : (stored.values?.code ?? 0);
  const dtype = dtypeOfCode.get(code);
  const make = (data: TensorData): Tensor => ({
    name,
    // A type that is not known has no place in the list of types; its data is none, so it is never read as bytes.
    dtype: dtype ?? 'u8',
    shape: elements === null ? [0] : dims,
    place,
    data,
  });
  if (stored.isCut && elements !== null) {
    // The cut is told once, for the file.
    return make({ kind: 'none', code: 'file/truncated', reason: `The file ends within ${quoted(name)}.` });
  }
  if (stored.damage !== null)
    return make(tell('warning', 'onnx/tensor-damaged', `is damaged: ${stored.damage}`));
  if (elements === null) {
    const reason =
      dims.length > limits.rank
        ? `has more than ${limits.rank.toString()} dimensions`
        : `is declared as ${shapeText(dims)}, more elements than can be counted exactly`;
    return make(tell('warning', 'limits/shape-overflow', reason));
  }
  if (dtype === undefined) {
    const other = otherTypes.get(code);
    return make(
      other === undefined
        ? tell('warning', 'onnx/unknown-dtype', `has the element type ${code.toString()}, which is not known`)
        : tell('note', 'onnx/unknown-dtype', `holds ${other}, which are not analysed`),
    );
  }
  if (stored.kind === 'sparse') return make(sparseData(listing, stored, name, place, dims, tell));
  return make(denseData(listing, stored, dtype, elements, tell));
}

function denseData(
  listing: Listing,
  stored: StoredTensor,
  dtype: DType,
  elements: number,
  tell: Tell,
): TensorData {
  const bytes = Math.ceil((elements * dtypeBits[dtype]) / 8);
  if (stored.isExternal) return externalData(listing.files, stored, bytes, tell);
  const field = typedField(dtype);
  const runs = stored.typed.get(field);
  if (stored.raw !== null && (stored.raw.byteLength > 0 || runs === undefined)) {
    if (stored.raw.byteLength !== bytes)
      return tell('warning', 'onnx/data-size', sizeText(stored.raw.byteLength, bytes));
    return { kind: 'raw', extents: bytes === 0 ? [] : extents([stored.raw]) };
  }
  if (runs === undefined || (runs.packed.length === 0 && runs.tagged.length === 0)) {
    if (elements === 0) return { kind: 'raw', extents: [] };
    return tell('warning', 'onnx/no-data', 'is declared, but the file holds no data of its type for it');
  }
  return typedData(runs, dtype, elements, tell);
}

const extents = (runs: readonly Run[]): Extent[] =>
  runs.map((run) => ({ source: 0, offset: run.offset, byteLength: run.byteLength }));

/** float_data and double_data are little-endian elements, the others one varint an entry. */
function typedData(runs: Runs, dtype: DType, elements: number, tell: Tell): TensorData {
  const bits = dtypeBits[dtype];
  const fixed = dtype === 'f32' || dtype === 'f64';
  // Types below 8 bits stand packed, a byte in each entry of int32_data.
  const entries = bits < 8 ? Math.ceil((elements * bits) / 8) : elements;
  if (runs.tagged.length > 0) {
    if (runs.packed.length > 0 || runs.tagBytes === 0) {
      return tell(
        'warning',
        'onnx/mixed-encoding',
        'is written partly packed and partly not, as no exporter does',
      );
    }
    if (runs.taggedElements !== entries) {
      const reason = `holds ${runs.taggedElements.toString()} ${runs.taggedElements === 1 ? 'number' : 'numbers'}, but its shape needs ${entries.toString()}`;
      return tell('warning', 'onnx/data-size', reason);
    }
    const of = fixed ? 'raw' : 'varint';
    return { kind: 'tagged', of, tagBytes: runs.tagBytes, extents: extents(runs.tagged) };
  }
  const length = runs.packed.reduce((n, run) => n + run.byteLength, 0);
  if (fixed) {
    const bytes = (elements * bits) / 8;
    if (length !== bytes || runs.packed.some((run) => run.byteLength % (bits / 8) !== 0)) {
      return tell('warning', 'onnx/data-size', sizeText(length, bytes));
    }
    return { kind: 'raw', extents: extents(runs.packed) };
  }
  // A varint takes 1 to 10 bytes; whether there are exactly so many shows when they are read.
  if (length < entries || length > entries * 10) {
    const reason = `has ${bytesText(length)} of data, but its shape needs ${entries.toString()} numbers of 1 to 10 bytes`;
    return tell('warning', 'onnx/data-size', reason);
  }
  return { kind: 'varint', extents: extents(runs.packed) };
}

function sparseData(
  listing: Listing,
  stored: StoredSparse,
  name: string,
  place: Place,
  dims: readonly number[],
  tell: Tell,
): TensorData {
  const code = 'onnx/sparse-mismatch';
  if (stored.values === null || stored.indices === null) {
    return tell('warning', code, 'is sparse, but its values or their positions are missing');
  }
  const values = tensorOf(listing, stored.values, name, place);
  const indices = tensorOf(listing, stored.indices, `${name} (positions)`, place);
  if (values.data.kind === 'none') return values.data;
  if (indices.data.kind === 'none') return indices.data;
  const count = values.shape[0] ?? 0;
  const flat = indices.shape.length === 1;
  const rank = flat ? 1 : (indices.shape[1] ?? 0);
  const fits =
    values.shape.length === 1 &&
    indices.dtype === 'i64' &&
    indices.shape[0] === count &&
    count <= (elementsOf(dims) ?? 0) &&
    (flat || (indices.shape.length === 2 && rank === dims.length));
  if (!fits) {
    const reason = `is sparse with values ${shapeText(values.shape)} at positions ${shapeText(indices.shape)}, which do not fit its shape ${shapeText(dims)}`;
    return tell('warning', code, reason);
  }
  return { kind: 'sparse', values, indices, count, rank };
}

const shapeText = (dims: readonly number[]): string =>
  `[${dims.map((d) => (Number.isSafeInteger(d) ? d.toString() : 'a number beyond 2^53')).join(', ')}]`;
