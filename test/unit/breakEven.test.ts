import assert from 'node:assert/strict';
import test from 'node:test';
import { bisect, measuredSize, type Race } from '../../analyzers/analyses/breakEven.ts';
import { breakEvenStudy } from '../../analyzers/analyses/breakEvenStudy.ts';
import { timingOf, type TimingOptions } from '../../analyzers/analyses/timing.ts';
import { modelDecodingMs, type BreakEvenStudy, type Timing } from '../../analyzers/report/breakEven.ts';
import { breakEvenLine, breakEvenLines } from '../../analyzers/report/breakEvenText.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import { thin } from '../../analyzers/report/units.ts';
import { settled } from '../support/codedLayers.ts';
import { normals } from '../support/layerFixture.ts';

/** A clock that goes on by a tenth of a second whenever it is looked at: no figure depends on the machine. */
function stopwatch(): TimingOptions['stopwatch'] {
  let at = 0;
  return {
    machine: { processor: 'none', runtime: 'test', threads: 1 },
    now: () => {
      at += 100;
      return at;
    },
  };
}

async function studyOf(
  values: Float32Array,
  rows: number,
  rule: Omit<RecipeRule, 'match'>,
  { signal = new AbortController().signal, breathe = () => Promise.resolve() } = {},
): Promise<{ study: BreakEvenStudy; entries: number; shares: number[] }> {
  const bytes = new Uint8Array(values.slice().buffer);
  const made = await settled({ dtype: 'f32', rows, cols: values.length / rows, bytes }, rule);
  const shares: number[] = [];
  const study = await breakEvenStudy(made.settled, made.passes, {
    stopwatch: stopwatch(),
    signal,
    breathe,
    progress: (share) => shares.push(share),
  });
  return { study, entries: made.settled.sizes.plan.entries, shares };
}

const of = (ms: number): Timing => ({ runs: 1, minMs: ms, medianMs: ms, spreadMs: 0 });
/** Dense takes 1, sparse a little and so much for each part of the weights. */
const race =
  (fixed: number, slope: number): Race =>
  (density) => {
    const sparse = fixed + slope * density;
    return Promise.resolve({ density, dense: of(1), sparse: of(sparse), speedup: 1 / sparse });
  };

test('the break-even is found where sparse takes as long as dense', async () => {
  for (const [fixed, slope] of [
    [0, 4],
    [0.05, 10],
    [0.01, 1.2],
  ] as const) {
    const { density, outcome, points } = await bisect(race(fixed, slope), () => {});
    assert.equal(outcome, 'between');
    assert.ok(Math.abs(density! / ((1 - fixed) / slope) - 1) < 0.01, density?.toString());
    assert.deepEqual(
      points,
      points.toSorted((a, b) => a.density - b.density),
    );
    assert.ok(points.length <= 8);
  }
});

test('sparse that always wins or always loses has no break-even', async () => {
  assert.equal((await bisect(race(0, 0.9), () => {})).outcome, 'always');
  const { outcome, density } = await bisect(race(2, 1), () => {});
  assert.deepEqual([outcome, density], ['never', null]);
});

test('times are told by their minimum, their median and where the middle half lies', () => {
  assert.deepEqual(timingOf([5, 1, 2, 3, 4]), { runs: 5, minMs: 1, medianMs: 3, spreadMs: 2 });
  assert.deepEqual(timingOf([7]), { runs: 1, minMs: 7, medianMs: 7, spreadMs: 0 });
});

test('large layers are cut to what takes a moment', () => {
  assert.deepEqual(measuredSize({ rows: 100, cols: 50 }, 64), { rows: 100, cols: 50 });
  const { rows, cols } = measuredSize({ rows: 4096, cols: 25_088 }, 1);
  assert.equal(cols, 25_088);
  assert.ok(rows * cols <= 2 ** 22 && rows > 100);
  assert.ok(measuredSize({ rows: 2 ** 20, cols: 2 ** 30 }, 64).cols === 2 ** 16);
});

test('a study measures three batches and decodes every entry of the streams', async () => {
  const n = 12_000;
  const { study, entries, shares } = await studyOf(normals(n, 3), 60, {
    prune: 'density=0.1',
    share: '4:linear',
    index: '4',
  });
  assert.deepEqual(
    study.batches.map(({ batch, rows, cols }) => [batch, rows, cols]),
    [1, 8, 64].map((batch) => [batch, 60, 200]),
  );
  assert.equal(study.density, 0.1);
  for (const { here } of study.batches) assert.equal(here?.density, 0.1);
  const { decoding } = study;
  assert.ok(decoding !== null);
  assert.deepEqual(
    decoding.steps.map(({ step }) => step),
    ['huffman', 'index', 'lookup'],
  );
  assert.deepEqual([decoding.decoded, decoding.entries, decoding.covered], [entries, entries, n]);
  // Every run took 100 ms on this clock.
  assert.ok(Math.abs(decoding.layerMs - 300) < 1e-6);
  assert.ok(Math.abs(decoding.nsPerWeight - 3e8 / n) < 1e-6);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.equal(shares.at(-1), 1);
});

test('values that are not shared are not looked up, and what has no codes is not decoded', async () => {
  const pruned = await studyOf(normals(4000, 3), 40, { prune: 'density=0.1', share: 'none', index: '4' });
  assert.deepEqual(
    pruned.study.decoding?.steps.map(({ step }) => step),
    ['huffman', 'index'],
  );
  const whole = await studyOf(normals(4000, 3), 40, { prune: 'none', share: 'none' });
  assert.equal(whole.study.decoding, null);
  assert.ok(whole.study.notes.some((note) => /decod/.test(note)));
  const none = await studyOf(new Float32Array(400), 20, {
    prune: 'density=0.1',
    share: '4:linear',
    index: '4',
  });
  assert.equal(none.study.decoding, null);
  assert.ok(none.study.batches.every(({ here }) => here === null));
});

test('a codebook of each row is looked up by its row', async () => {
  const { study } = await studyOf(normals(6000, 3), 30, {
    prune: 'density=0.2',
    share: '3:linear/rows=1',
    index: '4',
  });
  assert.equal(study.decoding?.steps.length, 3);
});

test('a study that is given up ends', async () => {
  const stop = new AbortController();
  let turns = 0;
  await assert.rejects(
    studyOf(
      normals(4000, 3),
      40,
      { prune: 'density=0.1', share: '4:linear', index: '4' },
      {
        signal: stop.signal,
        breathe: () => {
          turns += 1;
          if (turns === 40) stop.abort();
          return Promise.resolve();
        },
      },
    ),
    { name: 'AbortError' },
  );
  assert.equal(turns, 40);
});

const codedLayer = (form: string, entries: number): never =>
  ({ encode: { slim: { form, entries } } }) as never;

test('a model is decoded at the price of an entry, without what has no codes', () => {
  const layers = [
    codedLayer('relative', 1e6),
    codedLayer('dense', 5e5),
    codedLayer('raw', 1e9),
    { encode: null } as never,
  ];
  assert.equal(modelDecodingMs({ nsPerEntry: 4 }, layers), 6);
});

test('a study reads as sentences with its machine, every batch and what decoding takes', async () => {
  const { study, entries } = await studyOf(normals(6000, 3), 30, {
    prune: 'density=0.2',
    share: '3:linear',
    index: '4',
  });
  const lines = breakEvenLines(study, [codedLayer('relative', entries)]).map((line) =>
    line.replaceAll(thin, ' '),
  );
  assert.equal(lines[0], 'Measured on none, test, 1 thread.');
  assert.match(
    lines[1] ?? '',
    /^Batch 1, 30 × 200: sparse is slower at every density; at the layer's 20 % it is 1\.00x/,
  );
  assert.match(lines[4] ?? '', /^Decoding the layer takes 300 ms, 50 000 ns a weight: Huffman/);
  assert.match(lines[5] ?? '', /the whole model takes 300 ms \(projected\)/);
  const [batch] = study.batches;
  assert.ok(batch !== undefined);
  assert.match(breakEvenLine({ ...batch, outcome: 'between', density: 0.36, here: null }), /below 36/);
  assert.match(breakEvenLine({ ...batch, outcome: 'always', here: null }), /faster at every density\.$/);
});
