import assert from 'node:assert/strict';
import test from 'node:test';
import { codebookStudy } from '../../analyzers/analyses/codebookStudy.ts';
import { settleLayer, type Settled } from '../../analyzers/analyses/settleLayer.ts';
import { sweepsOf } from '../../analyzers/analyses/sweeps.ts';
import { optimalCurve } from '../../analyzers/kernels/optimalCurve.ts';
import { errorOfCuts } from '../../analyzers/kernels/linkPath.ts';
import { optimalCuts } from '../../analyzers/kernels/optimalCuts.ts';
import { pointsOfDistinct } from '../../analyzers/kernels/points.ts';
import { dtypeBits } from '../../analyzers/model/dtype.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import type { CodebookPoint, CodebookStudy } from '../../analyzers/report/studies.ts';
import { settled as settledLayer } from '../support/codedLayers.ts';
import { denseLayer, normals, passOf, recipeOf, reportOn } from '../support/layerFixture.ts';

const { signal } = new AbortController();

async function studyOf(
  layer: Layer,
  values: Float32Array | Float64Array,
  rule: Omit<RecipeRule, 'match'>,
): Promise<{ settled: Settled; study: CodebookStudy; shares: number[] }> {
  const pass = passOf(values);
  const settled = await settleLayer(layer, recipeOf(rule), pass, {
    signal,
    profile: null,
    progress: () => {},
  });
  const shares: number[] = [];
  const study = await codebookStudy(
    settled,
    sweepsOf(pass, values.length, 1, { signal, progress: () => {} }),
    {
      signal,
      progress: (share) => shares.push(share),
      breathe: () => Promise.resolve(),
    },
  );
  return { settled, study, shares };
}

const near = (got: number, wanted: number, part: number): boolean => Math.abs(got - wanted) <= part * wanted;

const pointsOf = (study: CodebookStudy): CodebookPoint[] => [
  ...study.optimal,
  ...study.rate,
  ...study.published,
  ...study.uniform,
  ...(study.current === null ? [] : [study.current]),
];

for (const [name, n] of [
  ['few', 6000],
  ['many', 240_000],
] as const)
  test(`the study of a layer of ${name} weights has the curve, and what its methods would give alone`, async () => {
    const layer = denseLayer(60, n / 60);
    const values = normals(n, 5, 0.05);
    const rule = { prune: 'density=0.5', share: '5:optimal', index: '4' };
    const { settled, study, shares } = await studyOf(layer, values, rule);
    assert.equal(study.optimal.length, 256);
    study.optimal.forEach(({ k, mse, per }, at) => {
      assert.equal(k, at + 1);
      assert.equal(per, 'layer');
      assert.ok(at === 0 || mse <= study.optimal[at - 1]!.mse * (1 + 1e-6));
    });
    assert.equal(study.current!.codedBits, settled.sizes.encode.bits.coded);
    assert.ok(near(study.optimal[30]!.mse, study.current!.mse, 1e-5), 'the optimal codebook of 31');
    assert.ok(near(study.optimal[30]!.codedBits, study.current!.codedBits, 1e-4));
    assert.deepEqual(
      study.published.map(({ method }) => method),
      ['linear', 'density', 'forgy'],
    );
    for (const [at, method] of (['linear', 'density', 'forgy'] as const).entries()) {
      const { share, encode } = await reportOn(layer, values, { ...rule, share: `5:${method}` });
      assert.ok(near(study.published[at]!.mse, share!.mse, 1e-3), method);
      assert.ok(near(study.published[at]!.codedBits, encode!.bits.coded, 1e-3), method);
    }
    assert.equal(study.uniform.length, 12);
    for (const point of study.uniform) {
      const alone = `${point.bits.toString()}:${point.method}${point.per === 'row' ? '/rows=1' : ''}`;
      const { share, encode } = await reportOn(layer, values, { ...rule, share: alone });
      assert.ok(near(point.mse, share!.mse, 1e-9), alone);
      assert.equal(point.k, share!.k, alone);
      assert.equal(point.codedBits, encode!.bits.coded, alone);
      const each = 32 + (point.method === 'uniform-asymmetric' ? point.bits : 0);
      assert.equal(share!.tableBits, (point.per === 'row' ? 60 : 1) * each, `${alone}: scales and no tables`);
      assert.deepEqual(encode!.slim.share?.grid?.method, point.method);
    }
    const [int4, , int8] = study.uniform;
    const rows = study.uniform.filter(({ per }) => per === 'row');
    assert.ok(rows[0]!.mse < int4!.mse && rows[2]!.mse < int8!.mse, 'a scale for each row has less error');
    assert.ok(study.optimal[14]!.mse < int4!.mse);
    for (const point of pointsOf(study))
      for (const number of [point.k, point.bits, point.mse, point.codedBits])
        assert.ok(Number.isFinite(number) && number >= 0);
    assert.ok(
      study.rate.length === 7 && study.rate.every(({ mse }, i) => i === 0 || mse < study.rate[i - 1]!.mse),
    );
    assert.ok(
      shares.every((share, i) => share >= (shares[i - 1] ?? 0)),
      'progress never falls',
    );
    assert.equal(shares.at(-1), 1);
  });

test('a layer that is not shared, holds few values, or keeps nothing has the curve that there is', async () => {
  const layer = denseLayer(4, 5);
  const values = Float32Array.from({ length: 20 }, (_, i) => [0, 1, -2, 3][i % 4]!);
  const { study } = await studyOf(layer, values, {});
  assert.deepEqual(
    study.optimal.map(({ k }) => k),
    [1, 2, 3],
  );
  assert.equal(study.optimal[2]!.mse, 0);
  assert.equal(study.optimal[2]!.sqnrDb, null);
  assert.equal(study.current, null);
  const nothing = await studyOf(layer, new Float32Array(20), { share: '3' });
  assert.deepEqual([nothing.study.optimal, nothing.study.uniform], [[], []]);
  const broken = await studyOf(layer, values.with(3, Number.NaN), { share: '3' });
  assert.deepEqual(broken.study.optimal, []);
});

test('the whole curve has the error of each optimal codebook alone', () => {
  const values = Float64Array.from(new Set(normals(3000, 8))).toSorted();
  const points = pointsOfDistinct(
    values,
    values.map((_, i) => 1 + (i % 3)),
  );
  const curve = optimalCurve(points, 256);
  assert.equal(curve.length, 256);
  for (const [at, cuts] of curve.entries()) {
    assert.equal(cuts.length, at + 2);
    const wanted = errorOfCuts(points, optimalCuts(points, at + 1));
    assert.ok(near(errorOfCuts(points, cuts), wanted, 1e-9), `k ${(at + 1).toString()}`);
  }
});

test('a quantised layer has a study too, also where each row has a scale of its own', async () => {
  const rows = 6;
  const cols = 90;
  const bytes = Uint8Array.from(normals(rows * cols, 3, 40), (value) =>
    Math.max(-127, Math.min(127, Math.round(value))),
  );
  for (const scales of [
    Float64Array.of(0.01),
    Float64Array.from({ length: rows }, (_, i) => 0.01 * (i + 1)),
  ]) {
    const steps = { scales, zeroPoints: new Float64Array(scales.length), inner: cols };
    for (const share of ['3:optimal', 'none']) {
      const { settled, passes } = await settledLayer(
        { dtype: 'i8', rows, cols, bytes, steps },
        { prune: 'density=0.6', share },
      );
      const study = await codebookStudy(
        settled,
        sweepsOf(passes.weights, rows * cols, 1, { signal, progress: () => {} }),
        {
          signal,
          progress: () => {},
          breathe: () => Promise.resolve(),
        },
      );
      assert.ok(study.optimal.length > 60, share);
      assert.ok(study.optimal[6]!.mse > study.optimal[7]!.mse && study.optimal[7]!.mse > 0);
      assert.equal(study.current === null, share === 'none');
      if (study.current !== null && scales.length === 1)
        assert.ok(near(study.optimal[6]!.mse, study.current.mse, 1e-9), 'the same codebook, in whole steps');
    }
  }
});

test('a grid has one size in the study and in the analysis, whatever is stored', async () => {
  for (const [dtype, zeroPoint] of [
    ['f64', null],
    ['f16', null],
    ['bf16', null],
    ['f8e4m3fn', null],
    ['i8', null],
    ['i8', 3],
    ['u8', 128],
    ['i4', 0],
    ['i16', -7],
  ] as const) {
    const [rows, cols] = [7, 60];
    const width = dtypeBits[dtype];
    const bytes = new Uint8Array((rows * cols * width) / 8);
    const draws = normals(bytes.length, 4, 30);
    if (dtype === 'f64')
      new Float64Array(bytes.buffer).set(Float64Array.from(normals(rows * cols, 4, 1), (x) => x * 1e-300));
    // Exponents short of the largest: no infinities.
    else for (const [i, x] of draws.entries()) bytes[i] = dtype.includes('f') ? x & 0xbb : x;
    const steps =
      zeroPoint === null
        ? null
        : { scales: Float64Array.of(0.03), zeroPoints: Float64Array.of(zeroPoint), inner: 1 };
    // Codes with a reserved zero, and without one.
    for (const prune of [zeroPoint === null && dtype !== 'f64' ? 'none' : 'density=0.3']) {
      const rule = { prune, share: '3', index: 'best' };
      const made = { dtype, rows, cols, bytes, steps };
      const { settled, passes } = await settledLayer(made, rule);
      const sweep = sweepsOf(passes.weights, rows * cols, 1, { signal, progress: () => {} });
      const study = await codebookStudy(settled, sweep, {
        signal,
        progress: () => {},
        breathe: () => Promise.resolve(),
      });
      assert.equal(study.uniform.length, 12);
      for (const { method, bits, per, codedBits, k, mse } of study.uniform) {
        const share = `${bits.toString()}:${method}${per === 'row' ? '/rows=1' : ''}`;
        const alone = (await settledLayer(made, { ...rule, share })).settled;
        const text = `${dtype} ${String(zeroPoint)} ${prune} ${share}`;
        assert.equal(codedBits, alone.sizes.encode.bits.coded, text);
        assert.equal(k, alone.codebook!.counts.length, text);
        assert.ok(near(mse, alone.codebook!.error / alone.survey.kept, 1e-9), text);
      }
    }
  }
});

test('eight bits with a scale for each row cost what the codes and the scales cost', async () => {
  const layer = denseLayer(500, 800);
  const values = normals(400_000, 5, 0.05);
  const { encode } = await reportOn(layer, values, { share: '8:uniform-symmetric/rows=1' });
  assert.ok(encode!.bits.coded < 8 * 400_000, encode!.bits.coded.toString());
  assert.equal(encode!.slim.streams.find(({ kind }) => kind === 'codebook')?.bits, 500 * 32);
});
