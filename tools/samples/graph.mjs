// The few pieces of ONNX that the samples are made of, encoded with onnx-proto.
import { createRequire } from 'node:module';

const { onnx } = createRequire(import.meta.url)('onnx-proto');
const { DataType } = onnx.TensorProto;

const disclaimer =
  'Synthetic weights from a seeded generator (tools/makeSamples.mjs): shaped like a trained network, never trained.';

const littleEndian = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

export const float = (name, dims, values) => ({
  name,
  dims,
  dataType: DataType.FLOAT,
  rawData: littleEndian(Float32Array.from(values)),
});

export const int8 = (name, dims, values) => ({
  name,
  dims,
  dataType: DataType.INT8,
  rawData: littleEndian(Int8Array.from(values)),
});

export const int64 = (name, dims, values) => ({
  name,
  dims,
  dataType: DataType.INT64,
  rawData: littleEndian(BigInt64Array.from(values, BigInt)),
});

/** Moves a tensor's bytes into `file`, page aligned; the model then only says where they are. */
export function external(tensor, file) {
  const offset = Math.ceil(file.bytes.length / 4096) * 4096;
  const bytes = new Uint8Array(offset + tensor.rawData.length);
  bytes.set(file.bytes);
  bytes.set(tensor.rawData, offset);
  file.bytes = bytes;
  const { rawData, ...rest } = tensor;
  const place = { location: file.name, offset, length: rawData.length };
  return {
    ...rest,
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: Object.entries(place).map(([key, value]) => ({ key, value: String(value) })),
  };
}

const attribute = (name, value) => {
  const { AttributeType } = onnx.AttributeProto;
  if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value };
  if (Number.isInteger(value)) return { name, type: AttributeType.INT, i: value };
  return { name, type: AttributeType.FLOAT, f: value };
};

export const node = (opType, name, input, output, attributes = {}) => ({
  opType,
  name,
  input,
  output: [output],
  attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
});

const value = ([name, ...dims]) => ({
  name,
  type: {
    tensorType: {
      elemType: DataType.FLOAT,
      shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
    },
  },
});

/** The bytes of a model with one input and one output: [name, ...dims], a text is a symbolic dimension. */
export function model({ name, input, output, nodes, initializers }) {
  return onnx.ModelProto.encode({
    irVersion: 8,
    producerName: 'slimscope-samples',
    producerVersion: '1',
    docString: disclaimer,
    opsetImport: [{ domain: '', version: 13 }],
    graph: {
      name,
      docString: disclaimer,
      node: nodes,
      initializer: initializers,
      input: [value(input)],
      output: [value(output)],
    },
    metadataProps: [{ key: 'weights', value: 'synthetic' }],
  }).finish();
}
