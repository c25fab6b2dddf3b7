import type { Recipe, RecipeRule } from '../../analyzers/report/recipe.ts';
import { f32, type ModelSpec, type TensorSpec } from './onnxFixture.ts';
import { recipeOf, seeded } from './layerFixture.ts';

/** Weights of which most are small, from a seed. */
export function drawn(name: string, shape: readonly number[], seed: number): TensorSpec {
  const draw = seeded(seed);
  return f32(name, shape, () => (draw() + draw() + draw() - 1.5) * (draw() < 0.1 ? 4 : 1));
}

/** A chain of matrices; the last one's numbers lie element by element. */
export function chain(sizes: readonly number[], last: 'raw' | 'floats' = 'raw'): ModelSpec {
  const names = sizes.slice(1).map((_, i) => `fc${(i + 1).toString()}`);
  return {
    nodes: names.map((name, i) => ({
      op: 'MatMul',
      name,
      inputs: [i === 0 ? 'x' : `y${i.toString()}`, `${name}.weight`],
      outputs: [`y${(i + 1).toString()}`],
    })),
    initializers: names.map((name, i) => {
      const spec = drawn(`${name}.weight`, [sizes[i]!, sizes[i + 1]!], 7 + i);
      if (last === 'raw' || i < names.length - 1) return spec;
      const { raw, ...rest } = spec;
      return { ...rest, floats: Array.from(new Float32Array(raw!.slice().buffer)), packed: false };
    }),
    inputs: [{ name: 'x', shape: [1, sizes[0]!] }],
    outputs: [{ name: `y${names.length.toString()}`, shape: [1, sizes.at(-1)!] }],
  };
}

/** A rule for each layer by name. */
export const recipeBy = (
  rules: Readonly<Record<string, Omit<RecipeRule, 'match'>>>,
  runs: Recipe['runs'] = 'escape',
): Recipe => ({
  ...recipeOf({}, { runs }),
  layers: [
    { match: '*', prune: 'none', share: 'none', index: 'best' },
    ...Object.entries(rules).map(([match, rule]) => ({ match, ...rule })),
  ],
});

/** One model that is coded in every form: sparse and shared, sparse, dense, lossless, as it is. */
export const everyForm = {
  spec: chain([12, 20, 16, 16, 3, 1]),
  recipe: recipeBy({
    fc1: { prune: 'density=0.1', share: '2:optimal/rows=10' },
    fc2: { prune: 'density=0.1' },
    fc3: { share: '2:uniform-asymmetric/rows=8' },
  }),
} as const;
