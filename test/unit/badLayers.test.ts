import assert from 'node:assert/strict';
import test from 'node:test';
import type { Settled } from '../../analyzers/analyses/settleLayer.ts';
import { layerReportOf } from '../../analyzers/analyses/analyzeLayer.ts';
import { dtypeBits, type DType } from '../../analyzers/model/dtype.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import { codedLayerOf, decoded, settled, streamsOf, whole } from '../support/codedLayers.ts';
import { normals } from '../support/layerFixture.ts';

const { signal } = new AbortController();

const rules: readonly Omit<RecipeRule, 'match'>[] = [
  { prune: 'none', share: 'none' },
  { prune: 'density=0.5', share: 'none', index: '2' },
  { prune: 'std=1', share: '3:rate', index: 'best' },
  ...['optimal', 'linear', 'density', 'forgy', 'uniform-symmetric', 'uniform-asymmetric'].map((method) => ({
    prune: 'none',
    share: `4:${method}`,
    index: '3',
  })),
  { prune: 'none', share: '8:fp8-e4m3', index: '3' },
  { prune: 'density=0.3', share: '16:optimal', index: '1' },
  { prune: 'none', share: '2:optimal', index: 'none' },
  { prune: 'nm=2:4', share: '1:linear', index: '4' },
];

/** Settles, writes, reads back; what comes back is what an export would write. */
async function roundTrip(
  bytes: Uint8Array,
  rows: number,
  cols: number,
  rule: Omit<RecipeRule, 'match'>,
  dtype: DType = 'f32',
): Promise<{ settled: Settled; back: Uint8Array }[]> {
  const results: { settled: Settled; back: Uint8Array }[] = [];
  for (const runs of ['escape', 'padding'] as const) {
    const made = await settled({ dtype, rows, cols, bytes }, rule, runs);
    const streams = await streamsOf(made.settled, made.passes);
    const back = await decoded(codedLayerOf(made.settled), streams, 64);
    assert.deepEqual(back, await whole(made.passes.newWeights(signal), rows * cols, dtypeBits[dtype]));
    const { bits } = made.settled.sizes.encode;
    for (const size of Object.values(bits)) assert.ok(Number.isFinite(size) && size >= 0);
    assert.ok(bits.slim <= bits.dense);
    results.push({ settled: made.settled, back });
  }
  return results;
}

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.slice().buffer);
const floats = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);

/** Every rule on these weights; `check` sees the weights that come back. */
async function everyRule(
  values: Float32Array,
  rows: number,
  check: (back: Float32Array, settled: Settled, rule: Omit<RecipeRule, 'match'>) => void = () => {},
): Promise<void> {
  for (const rule of rules)
    for (const { settled: all, back } of await roundTrip(bytesOf(values), rows, values.length / rows, rule))
      check(floats(back), all, rule);
}

test('a layer of zeros comes back as zeros, in next to no bits', () =>
  everyRule(new Float32Array(600), 20, (back, { sizes }) => {
    assert.deepEqual(back, new Float32Array(600));
    assert.ok(sizes.encode.bits.slim < 700);
  }));

test('a constant layer is one symbol, and exact under every codebook without pruning', () =>
  everyRule(new Float32Array(600).fill(-0.3), 20, (back, { rule, codebook }) => {
    if (rule.prune.kind !== 'none' || (rule.share.kind === 'codebook' && rule.share.method.startsWith('fp8')))
      return;
    assert.deepEqual(back, new Float32Array(600).fill(-0.3));
    if (codebook !== null) assert.deepEqual(Array.from(codebook.counts), [600]);
  }));

test('two symbols, and zeros among them', async () => {
  for (const zeros of [false, true]) {
    const values = Float32Array.from({ length: 480 }, (_, i) =>
      zeros && i % 3 === 0 ? 0 : i % 2 === 0 ? 0.5 : -0.25,
    );
    await everyRule(values, 16, (back, { rule }) => {
      if (rule.prune.kind === 'none' && rule.share.kind === 'codebook' && rule.share.method === 'optimal')
        assert.deepEqual(back, values);
    });
  }
});

test('an empty layer and one of a single weight', async () => {
  for (const rule of rules) {
    for (const [rows, cols] of [
      [0, 5],
      [5, 0],
      [0, 0],
    ] as const)
      await roundTrip(new Uint8Array(0), rows, cols, rule);
    for (const value of [0, -0, 1, -1e-45, 3e38])
      await roundTrip(bytesOf(Float32Array.of(value)), 1, 1, rule);
  }
});

test('NaN and infinities: never pruned or shared, told with their number, and every bit comes back', async () => {
  const values = normals(300, 4);
  values[7] = NaN;
  values[8] = Infinity;
  values[299] = -Infinity;
  const bytes = bytesOf(values);
  // A NaN with a payload, and -0.
  bytes.set([0x34, 0x12, 0xa5, 0xff], 40);
  bytes.set([0, 0, 0, 0x80], 44);
  for (const rule of rules)
    for (const { settled: all, back } of await roundTrip(bytes, 20, 15, rule)) {
      assert.deepEqual(back, bytes);
      assert.equal(all.unchanged, true);
      const report = layerReportOf(all, [], null);
      assert.equal(report.prune!.rule, 'none');
      assert.equal(report.share, null);
      assert.equal(report.exact, true);
      const told = report.problems.find(({ code }) => code === 'weights/non-finite');
      assert.match(told!.message, /\b4 weights that are NaN or infinite/);
    }
});

test('bits that numbers do not tell come back: payloads of narrow NaNs, integers beyond 2^53, bytes of a bool', async () => {
  const every = new Uint8Array(2 * 65536);
  for (let code = 0; code < 65536; code += 1) every.set([code & 255, code >> 8], 2 * code);
  const long = new Uint8Array(new BigInt64Array(64).map((_, i) => -(2n ** 62n) + BigInt(i * 3)).buffer);
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const kinds: [DType, Uint8Array][] = [
    ['f16', every],
    ['bf16', every],
    ['f8e4m3fn', bytes],
    ['f8e5m2', bytes],
    ['f8e8m0', bytes],
    ['i64', long],
    ['u64', long],
    ['bool', bytes],
    ['u4', bytes],
    ['i2', bytes],
  ];
  for (const [dtype, stored] of kinds) {
    const n = (stored.length * 8) / dtypeBits[dtype];
    for (const { back } of await roundTrip(stored, 4, n / 4, { prune: 'none', share: 'none' }, dtype))
      assert.deepEqual(back, stored, dtype);
  }
});

test('integers beyond 2^53 that pruning keeps are those of the file', async () => {
  const numbers = new BigInt64Array(64).map((_, i) => (i % 4 === 0 ? 0n : 2n ** 60n + BigInt(i)));
  const bytes = new Uint8Array(numbers.buffer);
  for (const { back } of await roundTrip(bytes, 8, 8, { prune: 'threshold=1', index: '2' }, 'i64'))
    assert.deepEqual(back, bytes);
});

test('denormals are weights as any other', async () => {
  const values = Float32Array.from({ length: 400 }, (_, i) => ((i % 7) - 3) * 2 ** -149);
  await everyRule(values, 20, (back, { rule }) => {
    if (rule.prune.kind === 'none' && rule.share.kind === 'codebook' && rule.share.method === 'optimal') {
      if (rule.share.bits >= 3) assert.deepEqual(back, values);
      else assert.ok(back.every((value, i) => (value === 0) === (values[i] === 0)));
    }
  });
});

test('-0 counts as zero: +0 in a layer that is pruned or shared, itself in one that is not', () =>
  everyRule(
    Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? -0 : i - 100)),
    10,
    (back, { unchanged, survey }) => {
      assert.ok(survey.kept <= 100);
      for (let i = 0; i < 200; i += 2) assert.ok(Object.is(back[i], unchanged ? -0 : 0));
    },
  ));

test('more centroids than distinct weights: only those are in the codebook, and nothing is lost', async () => {
  const values = Float32Array.from({ length: 900 }, (_, i) => ((i * i) % 11) / 8 - 0.5);
  for (const method of ['optimal', 'linear', 'density', 'forgy', 'rate'])
    for (const { settled: all, back } of await roundTrip(bytesOf(values), 30, 30, {
      share: `8:${method}`,
      index: 'best',
    })) {
      assert.deepEqual(floats(back), values, method);
      assert.ok(all.codebook!.centroids.length <= 11);
    }
});

test('gaps at the limit of the width, and one above it: so many padding entries, and the same weights', async () => {
  for (const width of [1, 2, 4, 8])
    for (const [gap, padding] of [
      [2 ** width - 1, 0],
      [2 ** width, 1],
      [2 ** (width + 1) - 1, 1],
      [2 ** (width + 1), 2],
    ] as const) {
      const values = new Float32Array(1200);
      values[gap] = 0.5;
      values[gap + 1] = -0.5;
      const rule = { prune: 'none', share: '2:optimal', index: width.toString() };
      for (const { settled: all, back } of await roundTrip(bytesOf(values), 40, 30, rule)) {
        assert.deepEqual(floats(back), values);
        const { encode } = all.sizes;
        if (encode.form === 'relative') assert.equal(encode.padding, padding, `${width.toString()} bits`);
      }
    }
});

test('a gap runs on over the ends of rows, and zeros after the last weight take nothing', async () => {
  // Rows of 8: a weight last in row 0, none in rows 1 to 3, one first in row 4.
  const values = new Float32Array(1600);
  values[7] = 1;
  values[32] = -1;
  for (const { settled: all, back } of await roundTrip(bytesOf(values), 200, 8, {
    share: '2:optimal',
    index: '3',
  })) {
    assert.deepEqual(floats(back), values);
    // 7 zeros, then 24: three padding entries, each at the end of a row.
    assert.equal(all.sizes.encode.entries, 2 + 3);
  }
});
