import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { seedBytes, seedModels } from '../support/onnxSeeds.ts';
import { outcome, readModel } from '../support/readOnnx.ts';

for (const [name, whole] of seedBytes()) {
  test(`the model "${name}" cut at any byte is a model or an error with code and offset`, async () => {
    const graphEnd = onnxModel({ ...seedModels[name], functions: [], metadata: {}, opset: {} }).length;
    for (let length = 0; length < whole.length; length += 1) {
      const answer = await outcome(whole.slice(0, length));
      if (!(answer instanceof ReadError)) {
        assert.ok(length >= graphEnd, `a model from ${length.toString()} bytes`);
        continue;
      }
      const code = length === 0 ? 'file/empty' : 'file/truncated';
      assert.deepEqual([answer.code, answer.offset], [code, length], `${length.toString()} bytes`);
    }
  });
}

test('the whole models are read', async () => {
  for (const spec of Object.values(seedModels)) assert.equal((await readModel(spec)).format, 'onnx');
});
