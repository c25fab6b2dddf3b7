// Weights that look trained: heavy tails, outputs and inputs of unequal strength, units that died together.
import { heavy, normal, square, uniform } from './random.mjs';

/** A bump over [0, 1) without cos: 0 at both ends, 1 in the middle. */
const bump = (x) => 4 * x * (1 - x);

/**
 * [rows, cols] weights with standard deviation near `scale` (default that of He's initialisation).
 * Groups of `group` columns belong together (the positions of a channel); every group and every row has a strength
 * of its own, and within a group the middle counts for more. `dead` rows from the row `deadFrom` on are exactly zero.
 */
export function dense(
  seed,
  rows,
  cols,
  { group = 1, dead = 0, deadFrom = 0, scale = Math.sqrt(2 / cols) } = {},
) {
  const random = uniform(seed);
  const draw = heavy(random);
  const strength = () => 0.35 + 1.3 * square(random());
  const rowStrength = Array.from({ length: rows }, strength);
  const groupStrength = Array.from({ length: Math.ceil(cols / group) }, strength);
  const values = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      const within = group === 1 ? 1 : 0.4 + 0.9 * bump(((col % group) + 0.5) / group);
      const weight = draw() * scale * rowStrength[row] * groupStrength[Math.floor(col / group)] * within;
      const isDead = row >= deadFrom && row < deadFrom + dead;
      values[row * cols + col] = isDead ? 0 : weight;
    }
  return values;
}

/** [filters, channels, side, side] kernels: edges and blobs of a random direction with noise on them. */
export function kernels(seed, filters, channels, side) {
  const random = uniform(seed);
  const gauss = normal(random);
  const scale = Math.sqrt(2 / (channels * side * side));
  const values = new Float32Array(filters * channels * side * side);
  let at = 0;
  for (let filter = 0; filter < filters; filter++)
    for (let channel = 0; channel < channels; channel++) {
      const [dx, dy, level] = [gauss(), gauss(), 0.6 * gauss()];
      const strength = 0.3 + 1.2 * square(random());
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const [u, v] = [(x + 0.5) / side, (y + 0.5) / side];
          const shape = (dx * (u - 0.5) + dy * (v - 0.5) + level) * (0.3 + bump(u) * bump(v));
          values[at++] = strength * scale * (1.6 * shape + 0.35 * gauss());
        }
    }
  return values;
}

/** Sets the smaller of every four neighbours to zero until two are left. */
export function twoOfFour(values) {
  for (let at = 0; at + 4 <= values.length; at += 4) {
    const order = [0, 1, 2, 3].toSorted(
      (a, b) => Math.abs(values[at + a]) - Math.abs(values[at + b]) || a - b,
    );
    values[at + order[0]] = 0;
    values[at + order[1]] = 0;
  }
  return values;
}

/** Sets all but the largest `density` of the weights to zero. */
export function magnitudePruned(values, density) {
  const kept = Math.round(density * values.length);
  const threshold = Float32Array.from(values, Math.abs).toSorted()[values.length - kept];
  return values.map((value) => (Math.abs(value) >= threshold ? value : 0));
}

/** Symmetric int8 with one scale a row: { codes, scales }. */
export function quantised(values, rows) {
  const cols = values.length / rows;
  const scales = new Float32Array(rows);
  const codes = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) {
    const part = values.subarray(row * cols, (row + 1) * cols);
    scales[row] = part.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6) / 127;
    part.forEach((value, col) => {
      codes[row * cols + col] = Math.round(value / scales[row]);
    });
  }
  return { codes, scales };
}

/** Small numbers around `mean`: biases and the vectors of batch norm. */
export const vector = (seed, length, mean, spread) => {
  const gauss = normal(uniform(seed));
  return Float32Array.from({ length }, () => Math.max(mean + spread * gauss(), mean > 0 ? 0.05 : -9));
};
