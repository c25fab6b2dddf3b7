import type { Pass } from '../model/chunk.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { CodeTables } from '../kernels/shareCoder.ts';
import { groupHeadBits } from '../kernels/codeGroups.ts';
import type { LayerEie } from '../report/eie.ts';
import { gridCodeBits } from '../kernels/gridCode.ts';
import type {
  LayerProfile,
  LayerPrune,
  LayerReport,
  LayerShare,
  ShareGroups,
  SlimLayerForm,
} from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import { pruneText } from '../report/pruneRules.ts';
import { counted, bytesText, countText } from '../report/units.ts';
import { codebookEntryBits } from './centroidGrid.ts';
import { decibels } from './decibels.ts';
import { layerEie, slicesToSurvey } from './eieLayer.ts';
import { channelsRefused, sharesSteps } from './shareSteps.ts';
import { settleLayer, type AnalyzeOptions, type Settled } from './settleLayer.ts';
import { slimFormOf } from './slimForm.ts';

/** One layer in, one report out. */
export async function analyzeLayer(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions,
): Promise<LayerReport> {
  const settled = await settleLayer(layer, recipe, pass, {
    ...options,
    interleaving: slicesToSurvey(layer),
  });
  const report = layerReportOf(settled, [], await layerEie(settled, { weights: pass }, options.signal));
  options.progress(1);
  return report;
}

/** What is told of a layer that is settled. `stored`: see SlimLayerForm. */
export function layerReportOf(
  settled: Settled,
  stored: SlimLayerForm['stored'],
  eie: LayerEie | null,
): LayerReport {
  const { head, profile, survey, codebook, sizes } = settled;
  const noise = survey.energy.lost + (codebook?.error ?? 0);
  const prune = pruneOf(settled);
  return {
    ...head,
    profile,
    prune,
    share: shareOf(settled),
    sqnrDb: decibels(survey.energy.kept + survey.energy.lost, noise),
    exact: noise === 0,
    encode: { ...sizes.encode, slim: slimFormOf(settled, stored) },
    eie,
    problems: problemsOf(settled, prune),
  };
}

function pruneOf({ head, rule, threshold, masked, survey }: Settled): LayerPrune {
  const { weights } = head;
  const { kept, ties, energy } = survey;
  const below = threshold === null ? null : weights - kept;
  return {
    rule: pruneText(rule.prune),
    threshold,
    kept,
    ties,
    prunedBelow: below,
    prunedUpTo: below === null ? null : below + ties,
    keptL1: finite(energy.keptL1 / (energy.keptL1 + energy.lostL1)),
    keptL2: finite(Math.sqrt(energy.kept / (energy.kept + energy.lost))),
    saliency: masked.saliency,
    pattern: masked.pattern,
    density: weights === 0 ? 0 : kept / weights,
    deadRows: survey.deadRows,
    deadCols: survey.deadCols,
  };
}

function shareOf({
  layer,
  rule: { share },
  codebook,
  zeroReserved,
  survey,
  sizes,
  steps,
}: Settled): LayerShare | null {
  if (codebook === null || share.kind === 'none') return null;
  const { centroids, counts, error, groups } = codebook;
  return {
    bits: share.bits,
    k: counts.length,
    zeroReserved,
    method: share.method,
    centroids: groups === null ? Array.from(centroids) : [],
    inSteps: steps !== null && sharesSteps(layer.weight.dtype, steps),
    counts: Array.from(counts),
    empty: codebook.empty,
    tableBits:
      codebook.grid !== null
        ? gridCodeBits(codebook.grid.code, share.bits, groups?.map.count ?? 1)
        : centroids.length * codebookEntryBits(layer) +
          (groups === null ? 0 : groups.map.count * groupHeadBits(share.bits)),
    groups: groups === null ? null : groupsOf(codebook.centroids, groups),
    codeLengths: sizes.codeLengths,
    paddingLength: sizes.paddingLength,
    mse: survey.kept === 0 ? 0 : Math.min(error / survey.kept, Number.MAX_VALUE),
    sqnrDb: decibels(survey.energy.kept, error),
  };
}

/** Null when every weight is 0, or sums are beyond doubles. */
const finite = (share: number): number | null => (Number.isFinite(share) ? share : null);

/** Most centroids of groups that are listed one by one. */
const listedCentroids = 4096;

const groupsOf = (
  centroids: Float64Array,
  { map: { by, size, count }, starts }: NonNullable<CodeTables['groups']>,
): ShareGroups => ({
  by,
  size,
  count,
  tables:
    centroids.length > listedCentroids
      ? null
      : Array.from({ length: count }, (_, group) =>
          Array.from(centroids.subarray(starts[group], starts[group + 1])),
        ),
});

function problemsOf({ layer, profile, steps, codebook }: Settled, prune: LayerPrune): Problem[] {
  const at = {
    file: null,
    tensor: layer.tensorIndex === null ? null : layer.weight.name,
    offset: null,
  };
  const problems: Problem[] = [];
  if (profile.nonFinite > 0)
    problems.push({
      severity: 'warning',
      code: 'weights/non-finite',
      message: `${layer.name} has ${counted(profile.nonFinite, 'weight that is', 'weights that are')} NaN or infinite: it is neither pruned nor shared, and written bit for bit; every figure of values is of the others. Train or export the model again.`,
      at,
    });
  if (prune.kept === 0 && profile.zeros + profile.nonFinite < layer.rows * layer.cols)
    problems.push({
      severity: 'warning',
      code: 'analysis/nothing-kept',
      message: `${layer.name} keeps no weight by ${prune.rule}: whatever it reads, its output is its bias. Keep more of it.`,
      at,
    });
  const { dtype } = layer.weight;
  const refused = layer.carried ?? channelsRefused(dtype, steps);
  if (refused !== null)
    problems.push({
      severity: 'note',
      code: 'analysis/carried',
      message:
        layer.follows === undefined
          ? `${layer.name} is neither pruned nor shared, and written bit for bit: ${refused}.`
          : `${layer.name} has no rule of its own, and no part in the totals: ${refused}.`,
      at,
    });
  if (codebook !== null && steps !== null && sharesSteps(dtype, steps))
    problems.push({
      severity: 'note',
      code: 'analysis/steps',
      message: `${layer.name} shares what is stored, since ${steps.scales.length > 1 ? 'each channel has a scale of its own' : 'it is floats with a scale'}: its centroids are told in steps of the scale.`,
      at,
    });
  if (prune.rule.startsWith('nm=') && prune.pattern === null)
    problems.push({
      severity: 'note',
      code: 'analysis/no-reduction-axis',
      message: `${layer.name} sums over no single axis of its weight, so ${prune.rule} leaves all its non-zeros. Prune it by density or threshold.`,
      at,
    });
  const dead = deadLines(layer, profile, prune);
  return dead === null ? problems : [...problems, dead];
}

/** What is said of rows and columns that keep no weight before the graph is followed; null when there are none. */
export function deadLines(layer: Layer, profile: LayerProfile, prune: LayerPrune): Problem | null {
  const dead = deadText(layer, prune);
  if (dead === null || profile.zeros + profile.nonFinite >= layer.rows * layer.cols) return null;
  return {
    severity: 'note',
    code: 'analysis/dead-units',
    message: `${layer.name}: ${dead}`,
    at: { file: null, tensor: layer.tensorIndex === null ? null : layer.weight.name, offset: null },
  };
}

/** Which outputs and inputs keep no weight, and the bytes of their rows and columns as stored; null when there are none. */
function deadText({ rows, cols, weight }: Layer, { deadRows, deadCols }: LayerPrune): string | null {
  const units = (dead: number, of: number, length: number, what: string, lines: string): string => {
    const bytes = bytesText((dead * length * dtypeBits[weight.dtype]) / 8);
    return `${countText(dead)} of ${countText(of)} ${what}; ${lines} hold ${bytes} of the dense weights.`;
  };
  const parts: string[] = [];
  if (deadRows > 0)
    parts.push(units(deadRows, rows, cols, 'outputs keep no weight and are constant', 'their rows'));
  if (deadCols > 0) parts.push(units(deadCols, cols, rows, 'inputs are read by no weight', 'their columns'));
  return parts.length > 0 ? parts.join(' ') : null;
}
