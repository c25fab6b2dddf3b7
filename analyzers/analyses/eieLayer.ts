import { eieEstimate } from '../hardware/eieEstimate.ts';
import { slicesCounted, type Interleaving, type SliceCounts } from '../kernels/interleaved.ts';
import type { Layer } from '../model/layer.ts';
import { publishedEie, type LayerEie } from '../report/eie.ts';
import { countSlices, interleavingOf, isCountable, rowsInOrder } from './eieCounts.ts';
import type { LayerPasses } from './newWeights.ts';
import type { Settled } from './settleLayer.ts';

/** Whether the layer is one product of a matrix and a vector. Both directions of a recurrent layer have a state each. */
export const isOneProduct = ({ op, weight: { shape } }: Pick<Layer, 'op' | 'weight'>): boolean =>
  op === 'dense' || (op === 'recurrent' && (shape.length < 3 || shape[0] === 1));

/** The slices that a report tells of, counted while the kept weights are surveyed; null where they are not. */
export function slicesToSurvey(layer: Layer): Interleaving | null {
  const of = interleavingOf(layer, publishedEie);
  return isOneProduct(layer) && isCountable(of) && rowsInOrder(layer) ? of : null;
}

/** A bias column of zeros: always active, and a cycle for each PE. */
export const emptyBias = (pes: number, groups = 1): Uint32Array => new Uint32Array(pes * groups);

/**
 * The accelerator as published with every column active; null for layers that are no product of a matrix and a vector,
 * that have NaN or infinities, or more slices than are counted.
 */
export async function layerEie(
  settled: Settled,
  passes: Pick<LayerPasses, 'weights'>,
  signal: AbortSignal,
): Promise<LayerEie | null> {
  const { layer, profile, survey } = settled;
  const of = interleavingOf(layer, publishedEie);
  if (!isOneProduct(layer) || !isCountable(of) || profile.nonFinite > 0) return null;
  const counts =
    survey.slices === null
      ? (await countSlices(settled, passes, [of], { signal, progress: () => {} }))[0]!
      : slicesCounted(survey.slices);
  return publishedOf(layer, counts);
}

const publishedOf = ({ rows, cols }: Layer, { entries, padding }: SliceCounts): LayerEie =>
  eieEstimate(
    {
      rows,
      cols,
      slices: { pes: publishedEie.pes, cols, entries },
      padding,
      active: Uint32Array.from({ length: cols }, (_, col) => col),
      activationSource: 'all-active',
      bias: emptyBias(publishedEie.pes),
    },
    publishedEie,
  );
