import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { groupHeadBits } from '../kernels/codeGroups.ts';
import type { Interleaving } from '../kernels/interleaved.ts';
import { gridCodeBits } from '../kernels/gridCode.ts';
import type { LosslessPlan } from '../kernels/lossless.ts';
import { wordsAreExact } from '../kernels/storedWords.ts';
import type { Pass, RawPass } from '../model/chunk.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { LayerRule, Recipe } from '../report/recipe.ts';
import { codebookEntryBits } from './centroidGrid.ts';
import { codebookOf, type Codebook, type Measure } from './codebook.ts';
import { surveyKept, type KeptWeights } from './keptWeights.ts';
import { layerRuleOf } from './layerRule.ts';
import { losslessCounter } from './lossless.ts';
import { maskOf, type Masked, type MaskOptions } from './mask.ts';
import { profileCounter } from './profile.ts';
import { isCarried, sharesSteps } from './shareSteps.ts';
import { groupsOf, sharedAs, unitOf } from './sharing.ts';
import { sizesOf, type Sizes } from './sizes.ts';
import { zeroWord } from './storedCentroids.ts';
import { sweepsOf, type Sweep } from './sweeps.ts';
import { layerHead, type LayerHead } from './unreadLayer.ts';

export interface AnalyzeOptions {
  /** Aborting it ends the analysis between two chunks with the signal's reason. */
  readonly signal: AbortSignal;
  /** What an earlier run found in the same weights; it is not computed again. */
  readonly profile: LayerProfile | null;
  /** What was found over all layers; without it, rules that need it are refused. */
  readonly context?: LayerContext;
  /** What the batch norm behind the layer multiplies each row by, null without one: what `folded` rules rank by. */
  readonly factors?: MaskOptions['factors'];
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
  /**
   * The stored elements: what lossless coding is of where numbers do not tell every bit. Without it, it is of the
   * numbers; of quantised ones it is not known.
   */
  readonly raw?: RawPass;
  /** Scale and zero point of a quantised layer: its centroids then lie on this grid, else on values that it holds. */
  readonly steps?: (signal: AbortSignal) => Promise<QuantisationSteps | null>;
  /** Entries of the interleaved form are counted on the way. */
  readonly interleaving?: Interleaving | null;
}

/** Everything that is decided about one layer: enough to tell its figures, and to write its streams in more passes. */
export interface Settled {
  readonly layer: Layer;
  readonly head: LayerHead;
  readonly profile: LayerProfile;
  readonly rule: LayerRule;
  readonly threshold: number | null;
  readonly masked: Masked;
  readonly survey: KeptWeights;
  readonly codebook: Codebook | null;
  /** Code 0 is zero: a padding entry, or a pruned weight. */
  readonly zeroReserved: boolean;
  /** Neither pruned nor shared: every element stays as it is, bit for bit. */
  readonly unchanged: boolean;
  /** Scale and zero point, when they are known. */
  readonly steps: QuantisationSteps | null;
  /** The bit pattern of a weight that is not kept, lower and upper 32 bits. */
  readonly zero: readonly [number, number];
  readonly elementBits: number;
  readonly sizes: Sizes;
}

/** Passes that most layers take: profile, threshold (two), kept weights; those with millions of kept weights take four more. */
const usualPasses = 4;

/**
 * Profile, threshold, kept weights, codebook, codes, sizes. The layer is streamed several times and never held: what
 * is kept of it are counts (of magnitudes, gaps, values, buckets, codes, bytes), and of its kept weights at most
 * heldCap. A layer with NaN, infinities or zero points that differ is neither pruned nor shared, and is told.
 */
export async function settleLayer(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions,
): Promise<Settled> {
  const head = layerHead(layer);
  const { weights } = head;
  const sweep = sweepsOf(pass, weights, usualPasses, options);
  const { profile, lossless, plan } = await firstLook(layer, weights, sweep, options);
  const steps = (await options.steps?.(options.signal)) ?? null;
  const asStored = layer.carried !== undefined;
  const carried = isCarried(layer, profile.nonFinite, steps);
  const first = layerRuleOf(layer, recipe, profile, steps);
  const masked = await maskOf(layer, first, profile, sweep, options);
  const ownSteps = steps !== null && sharesSteps(layer.weight.dtype, steps);
  const survey = await surveyKept(
    layer,
    masked,
    first.share.kind !== 'none' && !ownSteps,
    sweep,
    options.interleaving,
  );
  // Pruned weights and padding take code 0; only a layer that keeps every weight can use it for a centroid.
  const zeroReserved = survey.kept < weights;
  const share = sharedAs(first.share, zeroReserved);
  const rule = { ...first, share };
  const groups = groupsOf(layer, share, zeroReserved);
  const unchanged = share.kind === 'none' && rule.prune.kind === 'none';
  const sizesWith = (book: Parameters<Measure>[0] | null): Sizes =>
    sizesOf({
      weights,
      rows: layer.rows,
      cols: layer.cols,
      kept: survey.kept,
      valueBits: dtypeBits[layer.weight.dtype],
      gaps: survey.gaps,
      share:
        book === null || share.kind === 'none'
          ? null
          : {
              bits: share.bits,
              counts: book.counts,
              entryBits: codebookEntryBits(layer),
              groups:
                groups === null
                  ? null
                  : { centroids: book.centroids.length, headBits: groups.count * groupHeadBits(share.bits) },
              gridBits:
                book.grid === null ? null : gridCodeBits(book.grid.code, share.bits, groups?.count ?? 1),
            },
      index: rule.index,
      lossless,
      zeroReserved,
      runs: recipe.runs,
      // What nothing takes the place of stands in a container as it is.
      unchanged: unchanged && !asStored ? plan : null,
      losslessOnly: !asStored && (recipe.lossless || carried),
    });
  const measure: Measure = (book) => {
    const { bits, entries } = sizesWith(book).encode;
    return { bits: bits.coded, zeros: entries - survey.kept };
  };
  const codebook =
    share.kind === 'none'
      ? null
      : await codebookOf(layer, survey, share, zeroReserved, sweep, {
          steps,
          measure,
          groups,
          unit: unitOf(layer, profile),
        });
  const sizes = sizesWith(codebook);
  return {
    layer,
    head,
    profile,
    rule,
    threshold: masked.threshold,
    masked,
    survey,
    codebook,
    zeroReserved,
    unchanged,
    steps,
    zero: zeroWord(layer.weight.dtype, steps),
    elementBits: dtypeBits[layer.weight.dtype],
    sizes,
  };
}

/** The first pass: the profile, unless it is known, and the bytes that lossless coding takes. */
async function firstLook(
  layer: Layer,
  weights: number,
  sweep: Sweep,
  options: AnalyzeOptions,
): Promise<{ profile: LayerProfile; lossless: number; plan: LosslessPlan | null }> {
  const counter = options.profile === null ? profileCounter(layer) : null;
  const { dtype } = layer.weight;
  const bytes = losslessCounter(dtype);
  const takers = counter === null ? [] : [counter.take];
  const { raw } = options;
  const fromValues = layer.quantisation === null && (raw === undefined || wordsAreExact(dtype));
  if (fromValues) takers.push(bytes.take);
  if (takers.length > 0) await sweep(...takers);
  if (!fromValues && raw !== undefined)
    for await (const part of raw(options.signal)) {
      options.signal.throwIfAborted();
      bytes.takeRaw(part);
    }
  const profile = options.profile ?? counter!.profile();
  return { profile, lossless: bytes.bits(weights), plan: bytes.plan(weights) };
}
