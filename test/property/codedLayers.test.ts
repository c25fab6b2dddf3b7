import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LayerDamage } from '../../analyzers/kernels/codedLayer.ts';
import type { Settled } from '../../analyzers/analyses/settleLayer.ts';
import { dtypeBits } from '../../analyzers/model/dtype.ts';
import { codebookMethods } from '../../analyzers/report/rules.ts';
import {
  codedLayerOf,
  decoded,
  realNumbers,
  settled,
  streamsOf,
  whole,
  type Stored,
} from '../support/codedLayers.ts';
import { seeded } from '../support/layerFixture.ts';

const { signal } = new AbortController();
const dtypes = ['f32', 'f16', 'bf16', 'f64', 'i8', 'u8', 'i4', 'i16', 'f8e4m3fn', 'f8e5m2'] as const;
/** Scales of quantised weights: none, one, one for each row, and with zero points that differ too. */
const scalings = ['none', 'one', 'rows', 'points'] as const;

/** Stored elements of which about `zeros` are zero; floats are finite. */
function stored(
  dtype: (typeof dtypes)[number],
  rows: number,
  cols: number,
  zeros: number,
  seed: number,
  scaling: (typeof scalings)[number] = 'one',
): Stored {
  const draw = seeded(seed);
  const n = rows * cols;
  const zeroPoint = dtype === 'u8' ? 128 : 0;
  const numbers = Array.from({ length: n }, () => {
    if (draw() < zeros) return draw() < 0.1 && dtype.includes('f') ? -0 : zeroPoint;
    const value = (draw() + draw() + draw() - 1.5) * (draw() < 0.05 ? 8 : 1);
    if (dtype.includes('f')) return value;
    const most = dtype === 'i4' ? 7 : 100;
    return Math.max(-most, Math.min(most, Math.round(value * most))) + zeroPoint;
  });
  const bytes = new Uint8Array(Math.ceil((n * dtypeBits[dtype]) / 8));
  const view = new DataView(bytes.buffer);
  const single = new DataView(new ArrayBuffer(4));
  for (const [i, x] of numbers.entries()) {
    if (dtype === 'f32') view.setFloat32(4 * i, x, true);
    else if (dtype === 'f64') view.setFloat64(8 * i, x, true);
    else if (dtype === 'i16') view.setInt16(2 * i, x, true);
    else if (dtype === 'i4') bytes[i >> 1]! |= (x & 15) << (4 * (i & 1));
    else if (dtype.startsWith('f8')) {
      // Some finite number of the same sign: exponents short of the largest.
      bytes[i] = (x < 0 || Object.is(x, -0) ? 128 : 0) | (Math.round(Math.abs(x) * 16) & 63);
    } else if (dtype === 'i8' || dtype === 'u8') bytes[i] = x;
    else {
      single.setFloat32(0, x);
      // The upper half of a single is a bfloat16; as a half it is some other finite number of the same sign.
      view.setUint16(2 * i, single.getUint16(0) & (dtype === 'f16' ? 0xbbff : 0xffff), true);
    }
  }
  const quantised = /^(?:i8|u8|i4|f8.*)$/.test(dtype) && scaling !== 'none';
  const places = scaling === 'one' ? 1 : rows;
  const steps = {
    scales: Float64Array.from({ length: places }, (_, row) => Math.fround(0.25 * (1 + (row % 5)))),
    zeroPoints: Float64Array.from({ length: places }, (_, row) =>
      dtype.startsWith('f') ? 0 : zeroPoint + (scaling === 'points' ? row % 3 : 0),
    ),
    inner: places === 1 ? 1 : cols,
  };
  return { dtype, rows, cols, bytes, steps: quantised ? steps : null };
}

const cases = fc.record({
  dtype: fc.constantFrom(...dtypes),
  scaling: fc.constantFrom(...scalings),
  rows: fc.integer({ min: 1, max: 24 }),
  cols: fc.integer({ min: 1, max: 40 }),
  zeros: fc.constantFrom(0, 0.1, 0.5, 0.95, 1),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  density: fc.constantFrom(0.02, 0.1, 0.4, 1),
  prune: fc.constantFrom('none', 'density', 'density', 'nm=1:4', 'nm=2:4', 'block=2x3', 'filters', 'columns'),
  share: fc.oneof(
    fc.constant('none'),
    fc.integer({ min: 1, max: 8 }).map(String),
    fc
      .tuple(
        fc.oneof(
          fc
            .tuple(fc.constantFrom('3', '5', 'k=2', 'k=5', 'k=24'), fc.constantFrom(...codebookMethods))
            .map((of) => of.join(':')),
          fc
            .tuple(fc.integer({ min: 2, max: 8 }), fc.constantFrom('symmetric', 'asymmetric'))
            .map(([bits, kind]) => `${bits.toString()}:uniform-${kind}`),
          fc.constantFrom('8:fp8-e4m3', '8:fp8-e5m2'),
        ),
        fc.oneof(
          fc.constant(''),
          fc
            .tuple(fc.constantFrom('rows', 'columns', 'pes'), fc.integer({ min: 1, max: 9 }))
            .map(([by, size]) => `/${by}=${size.toString()}`),
        ),
      )
      .map((of) => of.join('')),
  ),
  index: fc.oneof(fc.constantFrom('best', 'none'), fc.integer({ min: 1, max: 16 }).map(String)),
  runs: fc.constantFrom('escape' as const, 'padding' as const),
});

test('what is decoded is the pruned and shared weights byte for byte, from as many bits as the report says', async () => {
  const forms = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      cases,
      async ({ dtype, scaling, rows, cols, zeros, seed, density, prune, share, index, runs }) => {
        const made = stored(dtype, rows, cols, zeros, seed, scaling);
        const whose = prune.includes('=') ? ':' : '=';
        const pruned =
          prune === 'none' || prune.startsWith('nm') ? prune : `${prune}${whose}${density.toString()}`;
        const rule = { prune: pruned, share, index };
        const { settled: all, passes } = await settled(made, rule, runs);
        const streams = await streamsOf(all, passes);
        const { bits } = all.sizes.encode;
        const { slim } = all.sizes.plan;
        forms.add(`${slim.form} ${slim.runs ?? ''}`);
        assert.deepEqual(
          streams.map((bytes) => bytes.length),
          slim.streams.map((stream) => Math.ceil(stream.bits / 8)),
        );
        assert.equal(
          slim.streams.reduce((sum, stream) => sum + stream.bits, 0),
          bits.slim,
        );
        assert.ok(bits.slim <= bits.dense, 'never larger than the elements as they are');
        const wanted = await whole(passes.newWeights(signal), rows * cols, dtypeBits[dtype]);
        assert.deepEqual(await decoded(codedLayerOf(all), streams), wanted);
        if (all.unchanged) assert.deepEqual(wanted, made.bytes, 'unchanged, -0 included');
        else if (share !== 'none') assertNear(made, wanted, all);
        assert.equal(all.unchanged, scalingRefused(made) || (prune === 'none' && share === 'none'));
      },
    ),
    { numRuns: 400 },
  );
  assert.deepEqual([...forms].toSorted(), [
    'dense ',
    'lossless ',
    'raw ',
    'relative escape',
    'relative padding',
  ]);
});

const scalingRefused = ({ steps }: Stored): boolean => new Set(steps?.zeroPoints).size > 1;

/** The error of decoded weights against the original ones is the one that the codebook was chosen by. */
function assertNear(made: Stored, decodedBytes: Uint8Array, all: Settled): void {
  const before = realNumbers(made, made.bytes);
  const after = realNumbers(made, decodedBytes);
  let error = 0;
  let energy = 0;
  for (const [i, value] of before.entries()) {
    energy += value * value;
    if (after[i] !== 0) error += (value - after[i]!) ** 2;
  }
  const told = all.codebook!.error;
  assert.ok(Math.abs(error - told) <= 1e-5 * told + 1e-9 * energy, `${error.toString()} ${told.toString()}`);
}

test('the padding stream of a shared layer takes exactly the coded bits of the report', async () => {
  const made = stored('f32', 60, 50, 0, 5);
  const { settled: all, passes } = await settled(
    made,
    { prune: 'density=0.1', share: '5', index: '3' },
    'padding',
  );
  const { bits, form } = all.sizes.encode;
  const { slim } = all.sizes.plan;
  assert.equal(form, 'relative');
  assert.equal(slim.runs, 'padding');
  assert.equal(bits.slim, bits.coded);
  const streams = await streamsOf(all, passes);
  assert.deepEqual(
    await decoded(codedLayerOf(all), streams),
    await whole(passes.newWeights(signal), 3000, 32),
  );
});

test('streams with a flipped bit are told or decode to as many elements, and never read past their end', async () => {
  for (const rule of [
    { prune: 'density=0.2', share: '3', index: '2' },
    { prune: 'density=0.2', share: 'none', index: '4' },
    { prune: 'none', share: '2', index: 'none' },
    { prune: 'none', share: 'none', index: 'best' },
    { prune: 'density=0.3', share: '2:rate/columns=4', index: '3' },
    { prune: 'none', share: 'k=2:optimal/pes=3', index: 'none' },
  ]) {
    const made = stored('f32', 12, 11, 0.4, 9);
    const { settled: all, passes } = await settled(made, rule);
    const streams = await streamsOf(all, passes);
    for (const [at, stream] of streams.entries())
      for (let bit = 0; bit < 8 * stream.length; bit += 1) {
        const broken = streams.map((bytes) => bytes.slice());
        broken[at]![bit >> 3]! ^= 128 >> (bit & 7);
        try {
          assert.equal((await decoded(codedLayerOf(all), broken)).length, 12 * 11 * 4);
        } catch (error) {
          assert.ok(error instanceof LayerDamage, String(error));
        }
      }
  }
});
