import assert from 'node:assert/strict';
import test from 'node:test';
import { planBudget } from '../../analyzers/analyses/budgetPlan.ts';
import type { BudgetJob, BudgetOffer, BudgetStep } from '../../analyzers/report/budget.ts';

/** A layer with one point for each pair of estimated bytes and distortion. */
const layer = (index: number, points: readonly (readonly [number, number])[]): BudgetOffer => ({
  layer: index,
  name: `fc${index.toString()}`,
  mask: 'open',
  points: points.map(([bytes, distortion], i) => ({
    density: 1 / (i + 1),
    bits: i + 2,
    codedBits: 8 * bytes,
    distortion,
  })),
  encoded: points.map(() => null),
  tried: null,
});

/** Steps until the end; encoding takes `factor` times the estimate. */
function walk(
  layers: readonly BudgetOffer[],
  bytes: number,
  factor: number,
): { last: BudgetStep; encoded: number } {
  let job: BudgetJob = {
    layers,
    places: null,
    refined: [0, 0],
    target: { text: `bytes=${bytes.toString()}`, bytes },
  };
  let encoded = 0;
  for (let round = 0; round < 100; round += 1) {
    const step = planBudget(job);
    if (step.kind !== 'encode') return { last: step, encoded };
    const known = job.layers.map((one, at) => ({
      ...one,
      encoded: one.encoded.map((bits, place) => {
        if (place !== step.places[at] || bits !== null) return bits;
        encoded += 1;
        return factor * one.points[place]!.codedBits;
      }),
    }));
    job = { ...job, layers: known, places: step.chosen ? step.places : null };
  }
  return assert.fail('no end');
}

const layers = [
  layer(0, [
    [100, 0.5],
    [200, 0.1],
    [400, 0],
  ]),
  layer(1, [
    [50, 0.9],
    [150, 0.3],
    [300, 0.05],
  ]),
];

test('sizes that were estimated right are chosen at once', () => {
  const { last, encoded } = walk(layers, 500, 1);
  assert.equal(encoded, 2);
  assert.ok(last.kind === 'done');
  const { codedBytes, gapBytes, choices, leastBytes, mostBytes, largestJumpBytes } = last.result;
  assert.deepEqual(
    { codedBytes, gapBytes, leastBytes, mostBytes, largestJumpBytes },
    { codedBytes: 500, gapBytes: 0, leastBytes: 150, mostBytes: 700, largestJumpBytes: 200 },
  );
  assert.deepEqual(
    choices.map(({ bits }) => bits),
    [3, 4],
  );
});

test('where encoding takes more, smaller choices make up for it: never above the target', () => {
  for (const factor of [1.001, 1.05, 1.3])
    for (const bytes of [200, 320, 500, 640, 2000]) {
      const { last } = walk(layers, bytes, factor);
      assert.ok(last.kind === 'done');
      assert.ok(last.result.codedBytes <= bytes);
      assert.equal(last.result.gapBytes, bytes - last.result.codedBytes);
    }
});

test('where encoding takes less, a target below the estimates is met', () => {
  const { last } = walk(layers, 140, 0.9);
  assert.ok(last.kind === 'done' && last.result.codedBytes === 135);
});

test('a target below the least is refused with what the smallest choices take', () => {
  assert.deepEqual(walk(layers, 149, 1).last, { kind: 'refused', leastBytes: 150 });
  assert.deepEqual(walk(layers, 150, 1.5).last, { kind: 'refused', leastBytes: 225 });
});

test('reasons name the neighbours and what they trade', () => {
  const { last } = walk(layers, 500, 1);
  assert.ok(last.kind === 'done');
  const [first, second] = last.result.choices.map(({ why }) => why);
  assert.match(
    first!,
    /^larger \(33.3\s% kept, 4 bits\): 200 bytes more at [\d.]+x the price; smaller \(not pruned, 2 bits\)/,
  );
  assert.match(second!, /^no larger choice loses less; smaller \(50\s% kept, 3 bits\): 150 bytes less at/);
});

test('a model without layers meets every target', () => {
  const step = planBudget({ layers: [], places: [], refined: [], target: { text: 'bytes=0', bytes: 0 } });
  assert.ok(step.kind === 'done' && step.result.codedBytes === 0 && step.result.multiplier === null);
});
