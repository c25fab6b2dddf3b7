import assert from 'node:assert/strict';
import test from 'node:test';
import { maskByScores } from '../../analyzers/analyses/mask.ts';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { limits } from '../../analyzers/bytes/limits.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import { parsePrune } from '../../analyzers/report/pruneRules.ts';
import { denseLayer } from '../support/layerFixture.ts';

/** Refused before a weight is read, and before anything of the layer's size is made. */
async function refusal(layer: Layer, rule: string): Promise<string> {
  const prune = parsePrune(rule);
  assert.ok(prune.kind !== 'none');
  try {
    await maskByScores(layer, prune, () => Promise.reject(new Error('the weights were read')));
  } catch (error) {
    assert.ok(error instanceof ReadError, String(error));
    assert.equal(error.code, 'limits/shape-overflow');
    return error.message;
  }
  return assert.fail('not refused');
}

test('a layer with more blocks than are ranked is refused, with larger ones as the mend', async () => {
  const layer = denseLayer(1 << 13, 1 << 13);
  assert.match(await refusal(layer, 'block=1x1:0.5'), /blocks of 1 x 1; choose larger ones/);
  assert.match(await refusal(layer, 'block=1x3:0.5'), /choose larger ones/);
});

test('a layer with too many groups side by side is refused for N:M', async () => {
  const wide = denseLayer(limits.nmScores / 2 + 1, 4);
  const stored = {
    ...wide,
    weight: { ...wide.weight, shape: [4, wide.rows] },
    view: { ...wide.view, shape: [4, wide.rows], rowAxes: [1], colAxes: [0], reductionAxis: 0 },
  };
  assert.match(await refusal(stored, 'nm=2:4'), /groups of 4 side by side, more than nm=2:4/);
});

test('a layer with more weights than a mask has bits is refused by every rule that needs one', async () => {
  const layer = denseLayer(1 << 20, (1 << 12) + 1);
  for (const rule of ['nm=2:4', 'block=64x4096:0.5', 'filters=0.5', 'columns=0.5'])
    assert.match(await refusal(layer, rule), /a bit for each weight, of at most 4294967296/, rule);
});
