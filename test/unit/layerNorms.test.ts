import assert from 'node:assert/strict';
import test from 'node:test';
import { openSources } from '../../analyzers/bytes/sources.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { layersOf } from '../../analyzers/model/layers.ts';
import { readRowFactors } from '../../analyzers/model/rowFactors.ts';
import { f32, type GraphSpec, type NodeSpec } from '../support/onnxFixture.ts';
import { layersIn } from '../support/layersIn.ts';
import { readModel } from '../support/readOnnx.ts';

const norm = (read: string, more: Partial<NodeSpec> = {}): NodeSpec => ({
  op: 'BatchNormalization',
  inputs: [read, 'scale', 'bias', 'mean', 'variance'],
  outputs: ['z'],
  ...more,
});

const vectors = (channels: number) => [
  f32('scale', [channels], (i) => (i % 2 === 0 ? -2 : 0)),
  f32('bias', [channels]),
  f32('mean', [channels]),
  f32('variance', [channels], () => 3),
];

/** A convolution of 2 to 4 channels, with nodes behind it. */
const convThen = (nodes: readonly NodeSpec[], more: Partial<GraphSpec> = {}): GraphSpec => ({
  nodes: [{ op: 'Conv', name: 'c', inputs: ['x', 'w'], outputs: ['y'] }, ...nodes],
  initializers: [f32('w', [4, 2, 3, 3], (i) => i + 1), ...vectors(4)],
  inputs: [{ name: 'x', shape: [1, 2, 8, 8] }],
  outputs: [{ name: 'z' }],
  ...more,
});

const hasNorm = async (graph: GraphSpec): Promise<boolean> => {
  const { layers } = await layersIn(graph);
  return layers[0]!.norm !== undefined;
};

test('the batch norm right behind a convolution is the layer’s own, with its epsilon', async () => {
  const { layers } = await layersIn(convThen([norm('y', { attributes: { epsilon: { float: 0.5 } } })]));
  assert.equal(layers[0]!.norm!.scale.name, 'scale');
  assert.equal(layers[0]!.norm!.variance.name, 'variance');
  assert.equal(layers[0]!.norm!.epsilon, 0.5);
  assert.equal((await layersIn(convThen([norm('y')]))).layers[0]!.norm!.epsilon, 1e-5);
});

test('a batch norm is nobody’s when something stands between, or something else reads the output', async () => {
  const relu = { op: 'Relu', inputs: ['y'], outputs: ['r'] };
  assert.equal(await hasNorm(convThen([norm('y')])), true);
  assert.equal(await hasNorm(convThen([relu, norm('r')])), false, 'a Relu between');
  assert.equal(await hasNorm(convThen([norm('y'), relu])), false, 'a second reader');
  const both = { outputs: [{ name: 'z' }, { name: 'y' }] };
  assert.equal(await hasNorm(convThen([norm('y')], both)), false, 'an output of the model');
  const branch = {
    op: 'If',
    inputs: ['flag'],
    outputs: ['i'],
    attributes: {
      then_branch: { graph: { nodes: [relu], outputs: [{ name: 'r' }] } },
      else_branch: { graph: { nodes: [relu], outputs: [{ name: 'r' }] } },
    },
  };
  assert.equal(await hasNorm(convThen([norm('y'), branch])), false, 'a graph in the graph');
});

test('a batch norm that trains, that scales another number of channels, or another axis, is left alone', async () => {
  assert.equal(await hasNorm(convThen([norm('y', { attributes: { training_mode: 1 } })])), false);
  const wide = { initializers: [f32('w', [4, 2, 3, 3]), ...vectors(5)] };
  assert.equal(await hasNorm(convThen([norm('y')], wide)), false);
  const matmul = (shape: number[]): GraphSpec => ({
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, norm('y')],
    initializers: [f32('w', [6, 4]), ...vectors(4)],
    inputs: [{ name: 'x', shape }],
    outputs: [{ name: 'z' }],
  });
  assert.equal(await hasNorm(matmul([3, 6])), true, 'columns of a matrix');
  assert.equal(await hasNorm(matmul([2, 4, 6])), false, 'axis 1 of three is no output of the layer');
});

test('a row’s factor is |scale| over the root of variance and epsilon', async () => {
  const model = await readModel(convThen([norm('y', { attributes: { epsilon: { float: 1 } } })]));
  const sources = openSources(model.sources, (ref) => {
    if (ref.kind !== 'bytes') return Promise.reject(new Error('only bytes in memory'));
    return Promise.resolve(memorySource(ref.name, new Uint8Array(ref.bytes)));
  });
  const { signal } = new AbortController();
  const { layers } = await layersOf(model, sources, signal);
  assert.deepEqual(await readRowFactors(sources, layers[0]!, signal), Float64Array.of(1, 0, 1, 0));
  assert.equal(await readRowFactors(sources, { rows: 4 }, signal), null);
  await sources.close();
});
