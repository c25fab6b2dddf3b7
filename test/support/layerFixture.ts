import type { Pass } from '../../analyzers/model/chunk.ts';
import type { DType } from '../../analyzers/model/dtype.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import { analyzeLayer } from '../../analyzers/analyses/analyzeLayer.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Recipe, RecipeRule } from '../../analyzers/report/recipe.ts';

/** A dense layer of rows x cols, stored in that order. */
export function denseLayer(rows: number, cols: number, more: Partial<Layer> & { dtype?: DType } = {}): Layer {
  const { dtype = 'f32', ...rest } = more;
  return {
    index: 0,
    name: 'dense',
    op: 'dense',
    tensorIndex: 0,
    weight: {
      name: 'dense.weight',
      dtype,
      shape: [rows, cols],
      place: 'initializer',
      data: { kind: 'raw', extents: [] },
    },
    usedBy: ['Gemm_0'],
    operator: 'Gemm',
    rows,
    cols,
    view: { shape: [rows, cols], rowAxes: [0], colAxes: [1], reductionAxis: 1, positions: 1 },
    quantisation: null,
    macs: rows * cols,
    first: false,
    ...rest,
  };
}

/** Passes over values in memory, in chunks that share one buffer as those of a file do. */
export const passOf = (values: Float32Array | Float64Array, chunk = 1 << 20): Pass =>
  async function* (signal) {
    await Promise.resolve();
    const buffer = values.slice(0, Math.min(chunk, values.length));
    for (let first = 0; first < values.length; first += chunk) {
      signal.throwIfAborted();
      const part = values.subarray(first, first + chunk);
      buffer.set(part);
      yield { first, values: buffer.subarray(0, part.length) };
    }
  };

/** A recipe with one rule for every layer; what it leaves out is none, and the index the cheapest. */
export const recipeOf = (rule: Omit<RecipeRule, 'match'> = {}, more: Partial<Recipe> = {}): Recipe => ({
  preset: 'as-is',
  lossless: false,
  layers: [{ match: '*', prune: 'none', share: 'none', index: 'best', ...rule }],
  inputs: null,
  budgets: {},
  budget: null,
  runs: 'escape',
  ...more,
});

/** The report of values in memory under one rule. */
export const reportOn = (
  layer: Layer,
  values: Float32Array | Float64Array,
  rule: Omit<RecipeRule, 'match'> = {},
  chunk?: number,
): Promise<LayerReport> =>
  analyzeLayer(layer, recipeOf(rule), passOf(values, chunk), {
    signal: new AbortController().signal,
    profile: null,
    progress: () => {},
  });

/** Uniform numbers in [0, 1) from a seed, the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** n draws of a normal distribution (Box and Muller) times `scale`, in single precision. */
export function normals(n: number, seed: number, scale = 1): Float32Array {
  const random = seeded(seed);
  return Float32Array.from(
    { length: n },
    () => scale * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}
