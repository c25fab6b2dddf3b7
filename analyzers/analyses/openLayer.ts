import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { keptRange } from '../kernels/kept.ts';
import type { Mask } from '../kernels/mask.ts';
import type { Pass } from '../model/chunk.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { LayerCurves } from '../report/curves.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { LayerRule, PruneRule, Recipe } from '../report/recipe.ts';
import { resolveRule } from '../report/rules.ts';
import { firstTaker, type FirstLook } from './choices.ts';
import { nearestMethods, type NearestMethod } from './codeTable.ts';
import { maskOf, scoredBy, scoresOf } from './mask.ts';
import { profileCounter } from './profile.ts';
import type { AnalyzeOptions } from './settleLayer.ts';
import { sweepsOf, type Sweep } from './sweeps.ts';
import { thresholdsFor } from './threshold.ts';

type OpenMask = Exclude<LayerCurves['mask'], 'carried'>;

/** A layer that has been looked at once, before any choice is tried on it. */
export interface OpenLayer {
  readonly layer: Layer;
  readonly weights: number;
  readonly profile: LayerProfile;
  readonly rule: LayerRule;
  /** What of the mask the rule leaves open. */
  readonly mask: OpenMask;
  readonly look: FirstLook;
  readonly steps: QuantisationSteps | null;
  readonly sweep: Sweep;
}

const usualPasses = 4;

export async function openLayer(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions,
): Promise<OpenLayer> {
  const weights = elementsOf(layer.weight.shape);
  const sweep = sweepsOf(pass, weights, usualPasses, options);
  const counter = options.profile === null ? profileCounter(layer) : null;
  const first = firstTaker(layer);
  await sweep(...(counter === null ? [] : [counter.take]), first.take);
  const profile = options.profile ?? counter!.profile();
  const rule = resolveRule(recipe, {
    name: layer.name,
    tensor: layer.tensorIndex === null ? null : layer.weight.name,
    op: layer.op,
    first: layer.first,
    weights,
    zeros: profile.zeros,
  });
  return {
    layer,
    weights,
    profile,
    rule,
    mask: maskKind(rule.prune),
    look: first.done(),
    steps: (await options.steps?.(options.signal)) ?? null,
    sweep,
  };
}

/** Rules of a magnitude alone leave the density open; a pattern, or a threshold that was named, does not. */
const open: ReadonlySet<PruneRule['kind']> = new Set(['density', 'std', 'global'] as const);

const maskKind = ({ kind }: PruneRule): OpenMask =>
  kind === 'none' ? 'none' : open.has(kind) ? 'open' : 'fixed';

/** The mask of each rule, ranked as the layer's own rule ranks; densities of stored magnitudes in the passes of one. */
export async function masksBy(
  { layer, weights, rule, profile, sweep }: OpenLayer,
  prunes: readonly PruneRule[],
  options: AnalyzeOptions,
): Promise<Mask[]> {
  const { batchNorm } = rule;
  const densities = prunes.map((prune) => densityOf(prune));
  if (isKnown(densities) && (await scoresOf(layer, rule, sweep, options)) === null) {
    const thresholds = await thresholdsFor(densities, weights, scoredBy(profile), sweep);
    return thresholds.map((threshold, i) => ({
      kind: 'range',
      range: keptRange(prunes[i]!.kind === 'none' ? null : threshold),
    }));
  }
  const masks: Mask[] = [];
  for (const prune of prunes)
    masks.push((await maskOf(layer, { prune, batchNorm }, profile, sweep, options)).mask);
  return masks;
}

/** The density that a rule names: 1 without pruning. */
const densityOf = (prune: PruneRule): number | null =>
  prune.kind === 'none' ? 1 : prune.kind === 'density' ? prune.density : null;

const isKnown = (densities: readonly (number | null)[]): densities is readonly number[] =>
  !densities.includes(null);

/**
 * The codebooks that are tried: those of the recipe, where the bits alone decide their size; `optimal` in the place
 * of others.
 */
export const triedMethod = ({ share }: LayerRule): NearestMethod =>
  share.kind === 'none' ? 'optimal' : (nearestMethods.find((method) => method === share.method) ?? 'optimal');
