import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { isFloating, type DType } from '../../analyzers/model/dtype.ts';
import { sha256 } from '../../analyzers/node/digest.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { presets } from '../../analyzers/report/presets.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { withFolder } from '../support/folder.ts';
import { f32, onnxModel, type ModelSpec, type NodeSpec, type TensorSpec } from '../support/onnxFixture.ts';

/** The report of a model as it stands in a folder, with other files beside it. */
const reportIn = (spec: ModelSpec, beside: Readonly<Record<string, Uint8Array>> = {}): Promise<Report> =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'm.onnx');
    await writeFile(file, onnxModel(spec));
    for (const [name, bytes] of Object.entries(beside)) await writeFile(path.join(folder, name), bytes);
    const options = { open: openFile, digest: sha256, signal: new AbortController().signal };
    return analyze({ kind: 'file', path: file }, presets['as-is'], options);
  });

const facts = ({ name, op, dtype, rows, cols, profile }: LayerReport) => [
  name,
  op,
  dtype,
  [rows, cols],
  profile && [profile.zeros, profile.min, profile.max],
];

const x = { name: 'x', shape: [1, 2] };
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const product = (input: string, weight: string, output: string): NodeSpec => ({
  op: 'MatMul',
  inputs: [input, weight],
  outputs: [output],
});

/** Four elements of each narrow type: raw bytes, how many are zero, and the least and largest number. */
const narrow: readonly [dtype: DType, raw: Uint8Array, zeros: number, least: number, most: number][] = [
  ['f8e4m3fn', Uint8Array.of(0x38, 0xb8, 0, 0x40), 1, -1, 2],
  ['f8e4m3fnuz', Uint8Array.of(0x40, 0xc0, 0, 0x48), 1, -1, 2],
  ['f8e5m2', Uint8Array.of(0x3c, 0xbc, 0, 0x40), 1, -1, 2],
  ['f8e5m2fnuz', Uint8Array.of(0x40, 0xc0, 0, 0x44), 1, -1, 2],
  ['f4e2m1', Uint8Array.of(0x20, 0x02), 2, 0, 1],
  ['i4', Uint8Array.of(0x10, 0xf2), 1, -1, 2],
  ['u4', Uint8Array.of(0x10, 0x72), 1, 0, 7],
  // 0, 1, -2, -1 and 0, 1, 2, 3.
  ['i2', Uint8Array.of(0b11_10_01_00), 1, -2, 1],
  ['u2', Uint8Array.of(0b11_10_01_00), 1, 0, 3],
];

for (const [dtype, raw, zeros, least, most] of narrow)
  test(`a weight of ${dtype} is a layer of that type, with its numbers`, async () => {
    const weight: TensorSpec = { name: 'fc.weight', dtype, shape: [2, 2], raw };
    const stepped = !isFloating(dtype);
    const { layers, problems } = await reportIn({
      opset: 25,
      inputs: [x],
      outputs: [{ name: 'y' }],
      initializers: [weight, ...(stepped ? [f32('scale', [], () => 0.5)] : [])],
      nodes: stepped
        ? [{ op: 'DequantizeLinear', inputs: ['fc.weight', 'scale'], outputs: ['w'] }, product('x', 'w', 'y')]
        : [
            { op: 'Cast', inputs: ['fc.weight'], outputs: ['w'], attributes: { to: 1 } },
            product('x', 'w', 'y'),
          ],
    });
    const step = stepped ? 0.5 : 1;
    assert.deepEqual(problems, []);
    assert.deepEqual(layers.map(facts), [['fc', 'dense', dtype, [2, 2], [zeros, least * step, most * step]]]);
  });

test('a sparse initializer that a product reads is a layer of its whole shape', async () => {
  const { layers, model } = await reportIn({
    inputs: [{ name: 'x', shape: [1, 4] }],
    outputs: [{ name: 'y' }],
    sparse: [
      {
        values: f32('fc.weight', [3], (i) => i + 1),
        indices: { dtype: 'i64', shape: [3], int64s: [0, 5, 11] },
        shape: [4, 3],
      },
    ],
    nodes: [product('x', 'fc.weight', 'y')],
  });
  assert.deepEqual(layers.map(facts), [['fc', 'dense', 'f32', [3, 4], [9, 0, 3]]]);
  assert.equal(model.tensors.byPlace.sparse, 12);
});

test('layers whose weights lie in several files are read from each', async () => {
  const { layers, model } = await reportIn(
    {
      inputs: [x],
      outputs: [{ name: 'y' }],
      initializers: [
        { name: 'a', shape: [2, 2], external: { location: 'a.bin' } },
        { name: 'b', shape: [2, 2], external: { location: 'b.bin', offset: 4, length: 16 } },
      ],
      nodes: [product('x', 'a', 'h'), product('h', 'b', 'y')],
    },
    { 'a.bin': floats(1, 2, 3, 4), 'b.bin': floats(99, 0, -5, 6, 7) },
  );
  assert.deepEqual(layers.map(facts), [
    ['a', 'dense', 'f32', [2, 2], [0, 1, 4]],
    ['b', 'dense', 'f32', [2, 2], [1, -5, 7]],
  ]);
  assert.deepEqual(model.files, ['m.onnx', 'a.bin', 'b.bin']);
});
