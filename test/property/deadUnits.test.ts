import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feed, outputsOf, withoutDead } from '../support/deadNets.ts';
import { largestDifference } from '../support/ort.ts';
import { randomNet } from '../support/randomNets.ts';

const nets = 60;

test('random nets give the same without their dead units, and have none left', async (t) => {
  let units = 0;
  let smaller = 0;
  let largest = 0;
  for (let seed = 0; seed < nets; seed += 1) {
    const { bytes, ops } = randomNet(seed);
    const { bytes: after, layers } = await withoutDead(bytes);
    const what = `net ${seed}: ${ops.join(' ')}; ${layers.map((l) => `${l.units} of ${l.name}`).join(', ')}`;
    const feeds = { x: feed([1, 3, 8, 8], seed + 1) };
    const before = await outputsOf(bytes, feeds);
    const now = await outputsOf(after, feeds).catch((error: unknown) =>
      assert.fail(`${what}: ${String(error)}`),
    );
    const scale = Math.max(1, ...Array.from(before['y']!.values as Float32Array, Math.abs));
    const difference = largestDifference(before, now) / scale;
    assert.ok(difference <= 1e-5, `${what}: ${difference}`);
    largest = Math.max(largest, difference);
    units += layers.reduce((n, layer) => n + layer.units, 0);
    smaller += layers.length > 0 ? 1 : 0;
    assert.deepEqual((await withoutDead(after)).layers, [], what);
  }
  t.diagnostic(`${units} units of ${smaller} of ${nets} nets, outputs differ by ${largest} at most`);
});
