import assert from 'node:assert/strict';
import test from 'node:test';
import { layersIn } from '../support/layersIn.ts';
import { f32, type GraphSpec, type NodeSpec } from '../support/onnxFixture.ts';

/** What is told to be the bias of the first layer. */
async function biasIn(nodes: readonly NodeSpec[], more: Partial<GraphSpec> = {}): Promise<string | null> {
  const { layers } = await layersIn({
    nodes,
    initializers: [
      f32('w', [6, 4], (i) => i + 1),
      f32('k', [4, 2, 3, 3], (i) => i + 1),
      f32('b', [4]),
      f32('row', [1, 4]),
      f32('short', [1]),
      f32('column', [4, 1]),
    ],
    inputs: [
      { name: 'x', shape: [1, 6] },
      { name: 'p', shape: [1, 2, 8, 8] },
    ],
    outputs: [{ name: 'z' }],
    ...more,
  });
  return layers[0]!.bias?.name ?? null;
}

const gemm = (bias: string, attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op: 'Gemm',
  inputs: ['x', 'w', bias],
  outputs: ['z'],
  attributes,
});
const matmul: NodeSpec = { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] };
const add = (...inputs: string[]): NodeSpec => ({ op: 'Add', inputs, outputs: ['z'] });

test('the vector that an operator adds itself is the bias, when it has a number for each row', async () => {
  assert.equal(await biasIn([gemm('b')]), 'b');
  assert.equal(await biasIn([gemm('row')]), 'row');
  assert.equal(await biasIn([gemm('short')]), null);
  assert.equal(await biasIn([gemm('column')]), null);
  assert.equal(await biasIn([gemm('b', { beta: { float: 0 } })]), null);
  const conv = { op: 'Conv', inputs: ['p', 'k', 'b'], outputs: ['z'] };
  assert.equal(await biasIn([conv]), 'b');
});

test('so is the vector of an Add that alone reads a product', async () => {
  assert.equal(await biasIn([matmul, add('y', 'b')]), 'b');
  assert.equal(await biasIn([matmul, add('b', 'y')]), 'b');
  assert.equal(await biasIn([matmul, add('y', 'short')]), null);
  assert.equal(await biasIn([matmul, add('y', 'y')]), null);
  const both = { outputs: [{ name: 'z' }, { name: 'y' }] };
  assert.equal(await biasIn([matmul, add('y', 'b')], both), null, 'somebody reads it without');
  assert.equal(await biasIn([{ ...matmul, outputs: ['z'] }]), null);
});

const groupsOf = async (group: number, shape: number[]): Promise<number | undefined> =>
  (
    await layersIn({
      nodes: [{ op: 'Conv', inputs: ['p', 'k'], outputs: ['z'], attributes: { group: { int: group } } }],
      initializers: [f32('k', shape, (i) => i + 1)],
      inputs: [{ name: 'p', shape: [1, 4, 8, 8] }],
      outputs: [{ name: 'z' }],
    })
  ).layers[0]!.groups;

test('the groups of a convolution are told, and one group is none', async () => {
  assert.equal(await groupsOf(1, [6, 4, 3, 3]), undefined);
  assert.equal(await groupsOf(2, [6, 2, 3, 3]), 2);
});
