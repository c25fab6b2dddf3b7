import assert from 'node:assert/strict';
import test from 'node:test';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { compress } from '../../analyzers/container/compress.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { allProblems } from '../../analyzers/report/problems.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { bothWays, type Files } from '../support/exporting.ts';
import { onnxModel, type ModelSpec, type TensorSpec } from '../support/onnxFixture.ts';
import { reportFaults } from '../support/reportFaults.ts';
import { memorySink, quiet } from '../support/slim.ts';
import { drawn, recipeBy } from '../support/slimModels.ts';
import { constantProduct, product } from '../support/writtenModels.ts';

const { signal } = new AbortController();
const pruned = recipeBy({ '*': { prune: 'density=0.3', share: '4' } });

const at = (name: string, shape: readonly number[], offset: number): TensorSpec => ({
  name,
  shape,
  external: { location: 'w.bin', offset, length: 4 * shape.reduce((a, b) => a * b, 1) },
});

/** 40 x 30 numbers from byte 0, and as many behind them. */
const beside: Files = new Map([['w.bin', drawn('w', [80, 30], 5).raw!]]);

/** Two products, the second of which reads what is told: of 40 inputs, or of 30. */
const pair = (second: TensorSpec, inputs: 30 | 40, transposed = false): ModelSpec => ({
  nodes: [
    { op: 'MatMul', name: 'first', inputs: ['x', 'a'], outputs: ['y'] },
    {
      op: transposed ? 'Gemm' : 'MatMul',
      name: 'second',
      inputs: [inputs === 40 ? 'x' : 'y', 'b'],
      outputs: ['z'],
      attributes: transposed ? { transB: 1 } : {},
    },
  ],
  initializers: [at('a', [40, 30], 0), second],
  inputs: [{ name: 'x', shape: [1, 40] }],
  outputs: [{ name: 'z' }],
});

const tied = pair(at('b', [40, 30], 0), 40);
const turned = pair(at('b', [40, 30], 0), 30, true);
const reshaped = pair(at('b', [30, 40], 0), 30);
const overlapping = pair(at('b', [30, 40], 2400), 30);

function reportOn(spec: ModelSpec, recipe: Recipe = pruned, files: Files = beside): Promise<Report> {
  const bytes = onnxModel(spec).slice().buffer;
  return analyze({ kind: 'bytes', name: 'net.onnx', bytes }, recipe, {
    open: (ref) =>
      ref.kind === 'bytes'
        ? Promise.resolve(memorySource(ref.name, new Uint8Array(ref.bytes), files))
        : Promise.reject(new RangeError('everything lies in memory')),
    digest: () => ({ update: () => {}, finish: () => '' }),
    signal,
  });
}

const carriedIn = (report: Report): readonly string[] =>
  allProblems(report).flatMap(({ code, message }) => (code === 'analysis/carried' ? [message] : []));

test('two tensors of the same bytes, read in the same way, are one layer with two readers', async () => {
  const { layers, totals, model } = await reportOn(tied);
  assert.deepEqual(
    layers.map(({ name, usedBy, macs }) => ({ name, usedBy, macs })),
    [{ name: 'a', usedBy: ['first', 'second'], macs: 2400 }],
  );
  assert.deepEqual([totals.weights, totals.parameters, model.weightBytes], [1200, 1200, 4800]);
});

test('the same bytes read in another way have no rule of their own, and count once', async () => {
  const alone = (await reportOn({ ...tied, nodes: tied.nodes!.slice(0, 1) })).totals;
  for (const spec of [turned, reshaped]) {
    const report = await reportOn(spec);
    assert.deepEqual(reportFaults(report), []);
    const [first, second] = report.layers;
    assert.deepEqual([first?.follows, second?.follows], [null, 0]);
    assert.deepEqual([first?.prune?.kept, second?.prune?.rule, second?.share], [360, 'none', null]);
    assert.match(carriedIn(report).join(' '), /^b has .* bytes are those of a, which are changed by/);
    const { totals } = report;
    for (const key of ['weights', 'parameters', 'kept', 'zeros', 'density', 'factor'] as const)
      assert.deepEqual(totals[key], alone[key], key);
    assert.deepEqual({ ...totals.bits, rest: 0 }, { ...alone.bits, rest: 0 });
    assert.equal(totals.macs, 2400);
  }
});

test('tensors that share some bytes only are carried as they are, and the report says so', async () => {
  const report = await reportOn(overlapping);
  assert.deepEqual(reportFaults(report), []);
  for (const [i, other] of ['b', 'a'].entries()) {
    const { name, prune, share, exact, encode } = report.layers[i]!;
    assert.deepEqual([prune?.rule, share, exact], ['none', null, true]);
    assert.deepEqual([encode?.bits.coded, encode?.bits.slim, encode?.slim.form], [38_400, 38_400, 'raw']);
    assert.match(
      carriedIn(report)[i]!,
      new RegExp(`^${name} is neither .*: ${other} holds some of its bytes`),
    );
  }
  assert.equal(report.totals.factor.coded, 1);
});

test('numbers in an attribute are carried as they are, and the report says so', async () => {
  const spec = constantProduct([4, 3], {
    value_floats: { floats: Array.from({ length: 12 }, (_, i) => i - 6) },
  });
  const report = await reportOn(spec, pruned, new Map());
  assert.deepEqual(
    report.layers.map(({ prune, share }) => [prune?.rule, share]),
    [['none', null]],
  );
  assert.match(carriedIn(report).join(' '), /stand in an attribute/);
});

test('a sparse tensor whose positions do not ascend is carried as it is, and the report says so', async () => {
  const spec = product([3, 2], {
    sparse: [
      {
        values: { name: 'w', shape: [3], floats: [3, 4, 5] },
        indices: { dtype: 'i64', shape: [3], int64s: [4, 1, 2] },
        shape: [3, 2],
      },
    ],
  });
  const report = await reportOn(spec, pruned, new Map());
  assert.equal(report.layers[0]?.prune?.rule, 'none');
  assert.match(carriedIn(report).join(' '), /positions of its values do not ascend/);
});

for (const [what, spec] of Object.entries({ tied, turned, reshaped, overlapping }))
  test(`the report has the size of the container, and both ways give the same files: ${what}`, async () => {
    for (const recipe of [
      pruned,
      { ...pruned, lossless: true },
      presets['as-is'],
      presets['deep-compression'],
    ]) {
      const both = await bothWays(onnxModel(spec), recipe, beside);
      assert.deepEqual(both.decompressed, both.exported);
      assert.equal(both.after.layers.length, both.before.layers.length);
      assert.deepEqual(
        both.inside.layers.map(({ follows }) => follows),
        both.before.layers.map(({ follows }) => follows),
      );
      const report = await reportOn(spec, recipe);
      const sink = memorySink();
      const { bytes } = await compress({ ...both.before, recipe, tool: report.tool }, sink, quiet);
      assert.equal(report.totals.slimBytes, bytes);
    }
  });

test('a budget has no part for bytes that are counted already, nor a rule for what is carried', async () => {
  const open = recipeBy({ '*': { prune: 'density=0.5', share: '4' } });
  const report = await reportOn(turned, { ...open, budget: 'factor=8' });
  assert.deepEqual(
    report.budget?.choices.map(({ layer }) => layer),
    [0],
  );
  assert.ok(report.totals.bits.coded <= report.totals.bits.dense / 8);
  assert.equal(report.layers[1]?.prune?.rule, 'none');
  await assert.rejects(
    reportOn(overlapping, { ...open, budget: 'factor=8' }),
    /take 9\u202f600 bytes at least/,
  );
});

test('a rule over all layers counts the same bytes once', async () => {
  const everywhere = recipeBy({ '*': { prune: 'global=0.25' } });
  const { layers } = await reportOn(turned, everywhere);
  assert.deepEqual(
    layers.map(({ prune }) => prune?.rule),
    ['global=0.25', 'none'],
  );
  assert.equal(layers[0]?.prune?.kept, 300);
});

test('a file that cannot be had is told once, as an error', async () => {
  const report = await reportOn(turned, pruned, new Map());
  const told = allProblems(report).filter(({ code }) => code.startsWith('onnx/external-data'));
  assert.deepEqual(
    told.map(({ severity }) => severity),
    ['error'],
  );
  assert.match(told[0]!.message, /it holds the tensor "?a"? and 1 more/);
});
