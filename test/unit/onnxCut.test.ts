import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import type { Model } from '../../analyzers/model/model.ts';
import { f32, onnxModel, tensorBytes, type ModelSpec, type TensorSpec } from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { numbersOf, outcome, readBytes, tensorNamed } from '../support/readOnnx.ts';

/** Two matrices of 4 numbers, one behind the other, as one node each reads them. */
const twoWeights = (second: TensorSpec): ModelSpec => ({
  nodes: [
    { op: 'MatMul', inputs: ['x', 'a'], outputs: ['h'] },
    { op: 'MatMul', inputs: ['h', 'b'], outputs: ['y'] },
  ],
  initializers: [f32('a', [2, 2], (i) => i + 1), second],
  inputs: [{ name: 'x', shape: [1, 2] }],
});

/** The file up to `more` bytes behind the first place of `mark`. */
function cutBehind(bytes: Uint8Array, mark: Uint8Array, more: number): Uint8Array {
  const at = Buffer.from(bytes).indexOf(mark);
  assert.ok(at > 0);
  return bytes.slice(0, at + mark.length + more);
}

const second = pb.text(8, 'b');
const codes = (model: Model) => model.problems.map(({ code }) => code);

test('a file that is cut off within a weight keeps all that stands before it', async () => {
  const whole = onnxModel(twoWeights(f32('b', [2, 2])));
  const cut = cutBehind(whole, second, 7);
  const model = await readBytes(cut);
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'a')), [1, 2, 3, 4]);
  assert.equal(model.graph?.nodes.length, 2);
  const b = tensorNamed(model, 'b');
  assert.deepEqual([b.dtype, b.shape, b.data.kind], ['f32', [2, 2], 'none']);
  assert.equal(b.data.kind === 'none' && b.data.code, 'file/truncated');
  await assert.rejects(numbersOf(model, b), { name: 'ReadError', code: 'file/truncated' });
});

test('the cut is told first, with its byte, the size that is missing, and the tensor', async () => {
  const whole = onnxModel(twoWeights(f32('b', [2, 2])));
  const cut = cutBehind(whole, second, 7);
  const [first, ...rest] = (await readBytes(cut)).problems;
  assert.deepEqual(first?.at, { file: 'model.onnx', tensor: 'b', offset: cut.length });
  assert.equal(first.severity, 'error');
  const graphEnd = onnxModel({ ...twoWeights(f32('b', [2, 2])), opset: {} }).length;
  assert.match(
    first.message,
    new RegExp(`^model.onnx ends at byte ${cut.length}, .* ${graphEnd} bytes; .*"b"`),
  );
  // What stood behind the graph is unknown.
  assert.deepEqual(
    rest.map(({ code }) => code),
    ['onnx/no-opset'],
  );
});

test('a tensor whose name stands behind the cut is listed without it', async () => {
  const whole = onnxModel(twoWeights({ name: 'b', shape: [3, 5], floats: Array<number>(15).fill(0.5) }));
  const model = await readBytes(cutBehind(whole, pb.floats32([0.5, 0.5]), 1));
  const last = model.tensors.at(-1);
  assert.deepEqual([model.tensors.length, last?.name, last?.shape], [2, '', [3, 5]]);
  assert.deepEqual(model.graph?.initializers, new Map([['a', 0]]));
});

test('a tensor whose shape stands behind the cut is not listed', async () => {
  const spec = { name: 'b', shape: [1000, 1000], raw: new Uint8Array(9) };
  const whole = onnxModel(twoWeights(spec));
  const start = Buffer.from(whole).indexOf(tensorBytes(spec));
  // Six bytes of shape and two of type.
  for (let length = start; length < start + 8; length += 1) {
    const model = await readBytes(whole.slice(0, length));
    assert.deepEqual(
      model.tensors.map(({ name }) => name),
      ['a'],
    );
    assert.equal(codes(model)[0], 'file/truncated');
  }
});

test('a part of a sparse tensor, of a value or of a function is left out', async () => {
  const whole = onnxModel({
    ...twoWeights(f32('b', [2, 2])),
    sparse: [
      {
        values: f32('s', [1]),
        indices: { dtype: 'i64', shape: [1], int64s: [0] },
        shape: [9],
      },
    ],
    outputs: [{ name: 'out', shape: [1, 2] }],
    functions: [{ name: 'F', domain: 'mine', nodes: [{ op: 'Relu' }] }],
  });
  const within = async (mark: Uint8Array) => await readBytes(cutBehind(whole, mark, 1));
  const sparse = await within(pb.text(8, 's'));
  assert.deepEqual([sparse.tensors.length, sparse.graph?.outputs.length], [2, 1]);
  const value = await within(pb.text(1, 'out'));
  assert.deepEqual([value.graph?.inputs.length, value.graph?.outputs.length], [1, 0]);
  const f = await within(pb.text(1, 'F'));
  assert.deepEqual([f.functions.length, f.tensors.length, f.metadata.get('opset')], [0, 3, '17']);
  for (const model of [sparse, value, f]) assert.equal(codes(model)[0], 'file/truncated');
});

test('a file without a whole node and a whole weight before the cut is refused', async () => {
  const nodesOnly = cutBehind(onnxModel(twoWeights(f32('b', [2, 2]))), pb.text(8, 'a'), 3);
  const weightsOnly = onnxModel({ initializers: [f32('a', [4]), f32('b', [4])] });
  for (const bytes of [nodesOnly, cutBehind(weightsOnly, second, 7)]) {
    const answer = await outcome(bytes);
    assert.ok(answer instanceof ReadError);
    assert.deepEqual([answer.code, answer.offset], ['file/truncated', bytes.length]);
  }
});

const lie = (length: number) =>
  onnxModel(twoWeights({ shape: [2, 2], name: 'b', more: pb.claim(9, length) }));

test('a weight that claims bytes behind the end of a whole file is a cut; behind its own end, it is damaged', async () => {
  assert.equal(codes(await readBytes(lie(2 ** 40)))[0], 'file/truncated');
  const inside = await readBytes(lie(3));
  assert.deepEqual([codes(inside), inside.metadata.get('opset')], [['onnx/tensor-damaged'], '17']);
});
