import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { hostileModels } from '../support/hostileModels.ts';
import { outcome } from '../support/readOnnx.ts';

for (const hostile of hostileModels) {
  test(`${hostile.name}: ${hostile.as} ${hostile.code}`, async () => {
    const answer = await outcome(hostile.make());
    if (hostile.as === 'error') {
      assert.ok(answer instanceof ReadError);
      assert.equal(answer.code, hostile.code);
      assert.equal(answer.file, 'model.onnx');
      assert.equal(typeof answer.offset, 'number');
      assert.match(answer.message, /^model\.onnx /);
    } else {
      assert.ok(!(answer instanceof ReadError));
      assert.deepEqual(
        answer.problems.map((p) => p.code),
        answer.problems.map(() => hostile.code),
      );
      assert.ok(answer.problems.length > 0);
      assert.ok(answer.problems.every((p) => p.message.length < 400));
    }
  });
}

test('a file that is cut off says how many bytes it would need', async () => {
  const cut = hostileModels.find((h) => h.name === 'a graph longer than the file');
  const answer = await outcome(cut?.make() ?? new Uint8Array(0));
  assert.ok(answer instanceof ReadError);
  assert.equal(
    answer.message,
    'model.onnx ends at byte 19, but the field at byte 5 needs at least 1000009 bytes; the file is cut off: copy or export it again',
  );
  assert.equal(answer.offset, 19);
});
