import type { Pass } from '../../analyzers/model/chunk.ts';

/** Cells of the table that quantiles are read from; in the outermost ones they are computed. */
const cells = 1 << 14;
const chunk = 1 << 20;

/** Quantile of Student's t with 4 degrees of freedom, u in (0, 1) (Shaw 2006, "Sampling Student's T"). */
export function studentQuantile(u: number): number {
  const root = Math.sqrt(4 * u * (1 - u));
  const q = Math.cos(Math.acos(root) / 3) / root;
  return Math.sign(u - 0.5) * 2 * Math.sqrt(Math.max(0, q - 1));
}

const table = Float64Array.from({ length: cells + 1 }, (_, i) =>
  studentQuantile(Math.min(1 - 1e-9, Math.max(1e-9, i / cells))),
);

/** Heavy-tailed weights from a seed, made anew on every pass and never held: at most one chunk is in memory. */
export const heavyTailed = (count: number, seed: number): Pass =>
  async function* (signal) {
    await Promise.resolve();
    const values = new Float32Array(Math.min(chunk, count));
    let state = seed >>> 0 || 1;
    for (let first = 0; first < count; first += chunk) {
      signal.throwIfAborted();
      const length = Math.min(chunk, count - first);
      for (let i = 0; i < length; i += 1) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        const at = ((state >>> 0) + 0.5) * (cells / 2 ** 32);
        const cell = Math.trunc(at);
        const inner = cell > 8 && cell < cells - 9;
        const low = table[cell]!;
        values[i] =
          0.02 * (inner ? low + (at - cell) * (table[cell + 1]! - low) : studentQuantile(at / cells));
      }
      yield { first, values: values.subarray(0, length) };
    }
  };
