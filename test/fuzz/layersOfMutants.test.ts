import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { openSources } from '../../analyzers/bytes/sources.ts';
import { layersOf } from '../../analyzers/model/layers.ts';
import type { Model } from '../../analyzers/model/model.ts';
import { f32, i64, onnxModel } from '../support/onnxFixture.ts';
import { seedBytes } from '../support/onnxSeeds.ts';
import { random } from '../support/random.ts';
import { outcome } from '../support/readOnnx.ts';

const mutants = Number(process.env['FUZZ_LAYER_MUTANTS'] ?? 4000);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
const never = new AbortController().signal;

/** Layers of many kinds behind many operators. */
const rich = onnxModel({
  opset: { '': 17, local: 1 },
  inputs: [{ name: 'x', shape: ['N', 2, 6, 6] }],
  initializers: [
    f32('c.weight', [4, 2, 3, 3]),
    f32('t.weight', [4, 2, 2, 2]),
    i64('flat', [0, -1]),
    f32('d', [5, 50]),
    i64('split', [2, 3]),
    f32('e', [3, 4]),
    f32('W', [1, 8, 3]),
    f32('R', [1, 8, 2]),
    { name: 'q', dtype: 'i8', shape: [3, 4], raw: new Uint8Array(12) },
    f32('s', [4]),
    i64('three', [3], []),
    i64('axis', [0]),
  ],
  functions: [
    {
      name: 'F',
      domain: 'local',
      inputs: ['a', 'w'],
      outputs: ['b'],
      nodes: [{ op: 'MatMul', inputs: ['a', 'w'], outputs: ['b'] }],
    },
  ],
  nodes: [
    { op: 'Conv', inputs: ['x', 'c.weight'], outputs: ['h'], attributes: { strides: [1, 1] } },
    { op: 'ConvTranspose', inputs: ['h', 't.weight'], outputs: ['u'], attributes: { group: 2 } },
    { op: 'MaxPool', inputs: ['u'], outputs: ['p'], attributes: { kernel_shape: [2, 2] } },
    { op: 'Reshape', inputs: ['p', 'flat'], outputs: ['f'] },
    { op: 'Transpose', inputs: ['d'], outputs: ['dt'] },
    { op: 'Split', inputs: ['dt', 'split'], outputs: ['d1', 'd2'], attributes: { axis: 1 } },
    { op: 'Concat', inputs: ['d2', 'd1'], outputs: ['dd'], attributes: { axis: 1 } },
    { op: 'Gemm', inputs: ['f', 'dd'], outputs: ['g'] },
    { op: 'Slice', inputs: ['g', 'axis', 'split', 'axis'], outputs: ['sl'] },
    { op: 'F', domain: 'local', name: 'call', inputs: ['sl', 'e'], outputs: ['m'] },
    { op: 'DequantizeLinear', inputs: ['q', 's'], outputs: ['dq'], attributes: { axis: 1 } },
    { op: 'MatMul', inputs: ['sl', 'dq'], outputs: ['n'] },
    { op: 'Unsqueeze', inputs: ['sl', 'axis'], outputs: ['seq'] },
    { op: 'LSTM', inputs: ['seq', 'W', 'R'], outputs: ['l'], attributes: { hidden_size: 2 } },
    { op: 'Einsum', inputs: ['m', 'e'], outputs: ['z'], attributes: { equation: 'nk,dk->nd' } },
  ],
});

async function check(model: Model): Promise<number> {
  const sources = openSources(model.sources, async (ref) => {
    if (ref.kind !== 'bytes') throw new Error('only bytes in memory are read here');
    return memorySource(ref.name, new Uint8Array(ref.bytes));
  });
  const { layers, parameters } = await layersOf(model, sources, never);
  await sources.close();
  assert.ok(Number.isFinite(parameters) && parameters >= 0);
  for (const { rows, cols, view, macs, weight, index } of layers) {
    assert.ok(index >= 0 && rows > 0 && cols > 0);
    assert.equal(
      rows * cols,
      weight.shape.reduce((n, e) => n * e, 1),
    );
    assert.equal(view.rowAxes.length + view.colAxes.length, view.shape.length);
    assert.ok(macs === null || (Number.isSafeInteger(macs) && macs >= 0));
  }
  return layers.length;
}

test('a model that the reader accepts, however damaged, has layers or none, and never an error', async () => {
  const others = [...seedBytes()];
  // Every other mutant is of the rich one.
  const seeds = others.flatMap((seed): [string, Uint8Array][] => [seed, ['rich', rich]]);
  let layers = 0;
  for (let n = 0; n < mutants; n += 1) {
    const [name, bytes] = seeds[n % seeds.length]!;
    const next = random(firstSeed + n);
    const mutant = bytes.slice();
    for (let flips = 1 + Math.floor(next() * 4); flips > 0; flips -= 1)
      mutant[Math.floor(next() * mutant.length)]! ^= 1 << Math.floor(next() * 8);
    const model = await outcome(mutant);
    if (model instanceof ReadError) continue;
    try {
      layers += await check(model);
    } catch (error) {
      throw new Error(`mutant of ${name}, seed ${firstSeed + n}`, { cause: error });
    }
  }
  assert.ok(layers > mutants / 10, `${layers} layers in all`);
});
