import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { codebookOf } from '../../analyzers/analyses/codebook.ts';
import { emptyHeld, heldCap, hold, visitHeld } from '../../analyzers/analyses/heldValues.ts';
import { surveyKept } from '../../analyzers/analyses/keptWeights.ts';
import { sweepsOf } from '../../analyzers/analyses/sweeps.ts';
import { keptRange } from '../../analyzers/kernels/kept.ts';
import { denseLayer, normals, passOf } from '../support/layerFixture.ts';

test('kept weights are held in their order, whatever chunks they came in', () => {
  const lists = fc.array(fc.array(fc.double({ noNaN: true }), { maxLength: 3000 }), { maxLength: 6 });
  fc.assert(
    fc.property(lists, fc.boolean(), (chunks, single) => {
      const held = emptyHeld();
      const wanted: number[] = [];
      for (const chunk of chunks) {
        const values = single ? Float32Array.from(chunk) : Float64Array.from(chunk);
        const positions = Uint32Array.from(values.keys()).filter((i) => i % 3 !== 1);
        hold(held, values, positions, positions.length);
        for (const i of positions) wanted.push(values[i]!);
      }
      const got: number[] = [];
      visitHeld(held.values!, held.count, (values, positions, count) => {
        for (let i = 0; i < count; i += 1) got.push(values[positions[i]!]!);
      });
      assert.deepEqual(got, wanted);
    }),
    { numRuns: 40 },
  );
});

test('more kept weights than the cap are not held at all', () => {
  const held = emptyHeld();
  const values = new Float32Array(heldCap / 4).fill(1);
  const positions = Uint32Array.from(values.keys());
  for (let i = 0; i < 4; i += 1) hold(held, values, positions, values.length);
  assert.equal(held.count, heldCap);
  hold(held, values, positions, 1);
  assert.equal(held.values, null);
});

test('a layer whose kept weights are read again has the codebook of one whose are held', async () => {
  const layer = denseLayer(300, 400);
  const values = normals(120_000, 23, 0.1);
  const options = { signal: new AbortController().signal, progress: () => {} };
  const sweep = sweepsOf(passOf(values, 50_000), values.length, 4, options);
  const mask = { kind: 'range', range: keptRange(0.03) } as const;
  const masked = { mask, threshold: 0.03, ties: null };
  const survey = await surveyKept(layer, masked, true, sweep);
  const share = { kind: 'codebook', bits: 5, k: null, method: 'optimal', per: { kind: 'layer' } } as const;
  const how = { steps: null, measure: () => assert.fail() };
  const held = await codebookOf(layer, survey, share, true, sweep, how);
  const again = await codebookOf(
    layer,
    { ...survey, held: { values: null, count: 0 } },
    share,
    true,
    sweep,
    how,
  );
  assert.ok(survey.distinct!.overflow);
  assert.deepEqual(again, held);
});
