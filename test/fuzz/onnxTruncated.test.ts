import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import type { Model } from '../../analyzers/model/model.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { seedBytes, seedModels } from '../support/onnxSeeds.ts';
import { outcome, readModel } from '../support/readOnnx.ts';

/** What must hold of a model from the first `length` bytes of a file. */
function check(model: Model, length: number, graphEnd: number): void {
  const [first] = model.problems;
  const told = first?.code === 'file/truncated';
  // Between two parts behind the graph a cut cannot be seen.
  assert.ok(told || length >= graphEnd, `a model from ${length.toString()} bytes`);
  if (told) assert.deepEqual([first.severity, first.at.offset], ['error', length]);
  assert.ok((model.graph?.nodes.length ?? 0) > 0 || length >= graphEnd);
  for (const { data } of model.tensors) {
    if (data.kind !== 'raw' && data.kind !== 'varint' && data.kind !== 'tagged') continue;
    for (const { source, offset, byteLength } of data.extents)
      assert.ok(source > 0 || offset + byteLength <= length);
  }
}

for (const [name, whole] of seedBytes()) {
  test(`the model "${name}" cut at any byte is a model that says so or an error with code and offset`, async () => {
    const graphEnd = onnxModel({ ...seedModels[name], functions: [], metadata: {}, opset: {} }).length;
    for (let length = 0; length < whole.length; length += 1) {
      const answer = await outcome(whole.slice(0, length));
      if (answer instanceof ReadError) {
        const code = length === 0 ? 'file/empty' : 'file/truncated';
        assert.deepEqual([answer.code, answer.offset], [code, length], `${length.toString()} bytes`);
      } else check(answer, length, graphEnd);
    }
  });
}

test('the whole models are read', async () => {
  for (const spec of Object.values(seedModels)) assert.equal((await readModel(spec)).format, 'onnx');
});
