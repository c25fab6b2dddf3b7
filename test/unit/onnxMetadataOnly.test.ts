import assert from 'node:assert/strict';
import test from 'node:test';
import { limits } from '../../analyzers/bytes/limits.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import { countingSource, f32, onnxModel, type ModelSpec } from '../support/onnxFixture.ts';

const million = new Uint8Array(1_000_000);
const signal = new AbortController().signal;

async function bytesRead(spec: ModelSpec, beside: Readonly<Record<string, Uint8Array>> = {}) {
  const bytes = onnxModel(spec);
  const { source, counts } = countingSource(memorySource('m.onnx', bytes, new Map(Object.entries(beside))));
  const model = await onnxFormat.read(source, signal);
  assert.deepEqual(model.problems, []);
  return { read: counts.bytes, size: bytes.length, model };
}

/** The structure of these models fits in the first windows; after each payload one small window is read. */
const allowance = (payloads: number): number => 1024 + payloads * limits.firstWindow;

test('opening 40 megabytes of raw weights reads a few hundred bytes a tensor', async () => {
  const initializers = Array.from({ length: 40 }, (_, i) => ({
    name: `w${i.toString()}`,
    shape: [250_000],
    raw: million,
  }));
  const { read, size, model } = await bytesRead({ initializers });
  assert.ok(size > 40_000_000 && model.tensors.length === 40);
  assert.ok(read <= allowance(40), `${read.toString()} bytes were read`);
});

test('packed floats and packed varints of a weight are stepped over by their length', async () => {
  const n = 200_000;
  const { read, size } = await bytesRead({
    initializers: [
      { name: 'i', dtype: 'i64', shape: [n], int64s: Array<number>(n).fill(1000) },
      { name: 'q', dtype: 'i8', shape: [n], int32s: Array<number>(n).fill(100) },
      { name: 'f', shape: [n], floats: Array<number>(n).fill(1) },
    ],
  });
  assert.ok(size > 1_400_000);
  assert.ok(read <= allowance(3), `${read.toString()} bytes were read`);
});

test('weights in Constant nodes, subgraphs, functions and sparse tensors are not read either', async () => {
  const w = { name: 'w', shape: [250_000], raw: million };
  const constant = { op: 'Constant', outputs: ['c'], attributes: { value: { tensor: w } } };
  const { read, model } = await bytesRead({
    nodes: [
      constant,
      { op: 'If', attributes: { then_branch: { graph: { nodes: [constant], initializers: [w] } } } },
    ],
    functions: [{ name: 'F', domain: 'd', nodes: [constant] }],
    sparse: [
      {
        values: w,
        indices: { dtype: 'i64', shape: [250_000], raw: new Uint8Array(2_000_000) },
        shape: [1_000_000],
      },
    ],
  });
  assert.equal(model.tensors.length, 5);
  assert.ok(read <= allowance(6), `${read.toString()} bytes were read`);
});

test('a long list of floats in a Constant is not read', async () => {
  const floats = Array<number>(300_000).fill(1);
  const { read } = await bytesRead({
    nodes: [{ op: 'Constant', outputs: ['c'], attributes: { value_floats: { floats, packed: true } } }],
  });
  assert.ok(read <= allowance(1), `${read.toString()} bytes were read`);
});

test('documentation and fields that nobody knows are not read', async () => {
  const { read } = await bytesRead({
    initializers: [
      { ...f32('w', [1]), more: Uint8Array.from([0x62, 0x80, 0x80, 0x40, ...new Uint8Array(0x100000)]) },
    ],
  });
  assert.ok(read <= allowance(1), `${read.toString()} bytes were read`);
});

test('external files are opened for their size and not read', async () => {
  const { source, counts } = countingSource(
    memorySource(
      'm.onnx',
      onnxModel({ initializers: [{ name: 'w', shape: [250_000], external: { location: 'w.bin' } }] }),
      new Map([['w.bin', million]]),
    ),
  );
  const model = await onnxFormat.read(source, signal);
  assert.equal(model.files[1]?.bytes, 1_000_000);
  assert.ok(counts.bytes <= 1024);
});
