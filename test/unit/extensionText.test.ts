import assert from 'node:assert/strict';
import test from 'node:test';
import { settingsFrom, threadsFor } from '../../extension/settings.ts';
import { layerDescription } from '../../extension/text.ts';

test('a layer that has not been read yet is described by its view alone', () => {
  const stub = { index: 0, name: 'conv1', op: 'conv', rows: 20, cols: 25, weights: 500, macs: null };
  assert.equal(layerDescription(stub, undefined), 'conv 20 x 25');
});

const read = (values: Record<string, unknown>) => settingsFrom((key) => values[key]);

test('settings of the wrong kind count as not set, and numbers are kept within their bounds', () => {
  assert.deepEqual(read({}), { threads: 0, preset: 'deep-compression', maxRemoteMegabytes: 256 });
  assert.deepEqual(read({ threads: 'all', preset: '__proto__', maxRemoteMegabytes: Number.NaN }), read({}));
  assert.deepEqual(read({ threads: 1e9, preset: 'eie', maxRemoteMegabytes: -3 }), {
    threads: 16,
    preset: 'eie',
    maxRemoteMegabytes: 1,
  });
});

test('without a setting a processor is left to the editor, and never more than four threads start', () => {
  assert.deepEqual(
    [1, 2, 4, 64].map((cores) => threadsFor(0, cores)),
    [1, 1, 3, 4],
  );
  assert.equal(threadsFor(8, 2), 8);
});
