import type { Recipe } from './recipe.ts';

/** The layers that Deep Compression prunes only when asked (docs/recipes.md). */
const leftUnpruned: Recipe['layers'] = [
  { match: '*', when: 'own-zeros', prune: 'none' },
  { match: '*', when: 'first', prune: 'none' },
  { match: '*', op: 'depthwise', prune: 'none' },
  { match: '*', op: 'embedding', prune: 'none' },
];

/** Weights are reported as they are stored: no batch norm is folded into them. */
const batchNorm = 'as-stored';
const start = { lossless: false, inputs: null, budgets: {}, budget: null, runs: 'escape' } as const;

/** What each preset does, as ordinary rules with nothing left to a default: the report prints them as they are. */
export const presets: Readonly<Record<Recipe['preset'], Recipe>> = {
  'as-is': {
    ...start,
    preset: 'as-is',
    layers: [{ match: '*', prune: 'none', share: 'none', index: 'best', batchNorm }],
  },
  /** Han, Mao and Dally 2016: 8-bit codebooks for convolutions, 5-bit for the rest, 5-bit relative index. */
  'deep-compression': {
    ...start,
    preset: 'deep-compression',
    layers: [
      { match: '*', prune: 'std=1', share: '5:optimal', index: '5', batchNorm },
      { match: '*', op: 'conv', share: '8:optimal' },
      { match: '*', op: 'depthwise', share: '8:optimal' },
      ...leftUnpruned,
    ],
  },
  /** Han et al. 2016, EIE: 4-bit codes, of which code 0 is padding, and a 4-bit relative index. */
  eie: {
    ...start,
    preset: 'eie',
    layers: [{ match: '*', prune: 'std=1', share: '4:optimal', index: '4', batchNorm }, ...leftUnpruned],
  },
};

export const presetNames = Object.keys(presets) as readonly Recipe['preset'][];
