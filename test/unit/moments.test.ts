import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentFigures, moments } from '../../analyzers/kernels/moments.ts';
import { addTo, valueOf } from '../../analyzers/kernels/sum.ts';
import { magnitudesOf, zeroWords } from '../../analyzers/kernels/words.ts';

const shape = { rows: 1, cols: 1 };

function stateOf(values: Float32Array | Float64Array, chunk = values.length) {
  const state = moments.empty(shape);
  for (let at = 0; at < values.length; at += chunk) moments.add(state, values.subarray(at, at + chunk), at);
  return state;
}

const relative = (a: number | null, b: number): number => Math.abs((a ?? Number.NaN) - b) / Math.abs(b);

/** 100,000 numbers that look random and are always the same, in [-0.5, 0.5). */
const noise = Float64Array.from({ length: 100_000 }, (_, i) => ((i * 40_503) % 65_536) / 65_536 - 0.5);

test('a mean far from zero costs the deviation no digits', () => {
  const plain = momentFigures(stateOf(noise));
  const far = momentFigures(stateOf(noise.map((v) => v + 2 ** 24)));
  assert.ok(relative(far.std, plain.std!) < 1e-12, `${far.std} and ${plain.std}`);
  assert.ok(Math.abs(far.mean! - 2 ** 24 - plain.mean!) < 1e-8);
});

test('how the weights are cut into chunks shows at most in the twelfth digit', () => {
  const whole = momentFigures(stateOf(noise));
  for (const chunk of [1, 7, 4095, 4096, 4097, 33_333]) {
    const cut = momentFigures(stateOf(noise, chunk));
    assert.deepEqual([cut.min, cut.max], [whole.min, whole.max]);
    assert.ok(relative(cut.std, whole.std!) < 1e-12);
    assert.ok(relative(cut.stdNonZero, whole.stdNonZero!) < 1e-12);
    // The mean is compared with the size of the weights: their sum nearly cancels.
    assert.ok(Math.abs(cut.mean! - whole.mean!) < 1e-12 * whole.std!);
  }
});

test('values that are not finite are counted and left out of everything else', () => {
  const state = stateOf(
    Float32Array.of(1, Number.NaN, -0, 3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  );
  assert.deepEqual([state.finite, state.zeros, state.nonFinite], [3, 1, 3]);
  const { min, max, mean, std, stdNonZero } = momentFigures(state);
  assert.deepEqual([min, max, mean], [0, 3, 4 / 3]);
  assert.ok(relative(std, Math.sqrt(14 / 9)) < 1e-15);
  assert.ok(relative(stdNonZero, Math.sqrt(5)) < 1e-15);
});

test('without finite values there are no figures, without non-zeros no deviation of them', () => {
  const nothing = { min: null, max: null, mean: null, std: null, stdNonZero: null };
  assert.deepEqual(momentFigures(stateOf(new Float32Array(0))), nothing);
  assert.deepEqual(momentFigures(stateOf(Float32Array.of(Number.NaN))), nothing);
  const zeros = momentFigures(stateOf(new Float32Array(9)));
  assert.deepEqual(zeros, { min: 0, max: 0, mean: 0, std: 0, stdNonZero: null });
});

test('float32 weights of any size have exact squares: subnormals do not vanish', () => {
  const { stdNonZero } = momentFigures(stateOf(new Float32Array(1000).fill(2 ** -149)));
  assert.equal(stdNonZero, 2 ** -149);
  const huge = momentFigures(stateOf(new Float32Array(1000).fill(3e38)));
  assert.ok(relative(huge.stdNonZero, Math.fround(3e38)) < 1e-13);
});

test('sums that overflow a double give no figure', () => {
  const { max, std } = momentFigures(stateOf(Float64Array.of(1e308, -1e308, 1e300)));
  assert.deepEqual([max, std], [1e308, null]);
});

test('a carried sum keeps what plain addition loses', () => {
  const sum = { high: 0, low: 0 };
  for (const value of [1, 1e100, 1, -1e100]) addTo(sum, value);
  assert.equal(valueOf(sum), 2);
});

test('zeros, infinities and the largest exponent are read from the bits of floats and doubles alike', () => {
  const numbers = [0, -0, 1, -1, 0.75, 2 ** -149, Number.NaN, Number.NEGATIVE_INFINITY, 3.999];
  for (const values of [Float32Array.from(numbers), Float64Array.from(numbers)]) {
    assert.deepEqual(magnitudesOf(values), { zeros: 2, nonFinite: 2, exponent: 2 });
    assert.deepEqual(
      Array.from(zeroWords(values), (word) => (word & 0x7fffffff) === 0),
      numbers.map((v) => v === 0),
    );
    assert.equal(magnitudesOf(values.subarray(0, 2)).exponent, null);
    assert.equal(magnitudesOf(values.subarray(6, 8)).exponent, null);
  }
  // The lowest and the highest bit of a double's lower half.
  const tiny = Float64Array.of(5e-324, 2 ** -1043, 0);
  assert.deepEqual(magnitudesOf(tiny), { zeros: 1, nonFinite: 0, exponent: -126 });
  assert.equal(magnitudesOf(Float32Array.of(1)).exponent, 1);
  assert.equal(magnitudesOf(Float64Array.of(1)).exponent, 1);
  assert.equal(magnitudesOf(Float32Array.of(2 ** -149)).exponent, -126);
});
