import { slicesCounted, type Interleaving } from '../kernels/interleaved.ts';
import type { Layer } from '../model/layer.ts';
import type { EieAsk, EieStudy } from '../report/eieStudy.ts';
import { waterfall, type Waterfall } from '../report/waterfall.ts';
import { countSlices, interleavingOf, isCountable, rowsInOrder } from './eieCounts.ts';
import { eieStudy, nothing, productsOf, type EieOptions } from './eieStudy.ts';
import type { LayerPasses } from './newWeights.ts';
import type { Settled } from './settleLayer.ts';

/** The slices that a study begins with, to be counted while the layer is settled; null where they are not. */
export function slicesToStudy(layer: Layer, ask: EieAsk): Interleaving | null {
  const of = interleavingOf(layer, ask.machine);
  return !('why' in productsOf(layer, ask)) && isCountable(of) && rowsInOrder(layer) ? of : null;
}

/** What the machine would make of a settled layer's kept weights. `bias`: [rows], null where there is none. */
export async function eieLayerStudy(
  settled: Settled,
  passes: Pick<LayerPasses, 'weights'>,
  ask: EieAsk,
  bias: Float64Array | null,
  options: EieOptions,
): Promise<EieStudy> {
  const { layer, profile } = settled;
  const { name, rows, cols, groups = 1 } = layer;
  const how = productsOf(layer, ask);
  if ('why' in how) return nothing(ask, cols * groups, 0, [how.why]);
  if (profile.nonFinite > 0)
    return nothing(ask, cols * groups, 0, ['The layer has weights that are NaN or infinite.']);
  const study = await eieStudy(
    {
      name,
      rows,
      cols,
      groups,
      bias,
      ...(how.products !== undefined && { products: how.products }),
      count: async (ways, progress) => {
        const surveyed = settled.survey.slices;
        const [only] = ways;
        if (surveyed !== null && only !== undefined && ways.length === 1 && isSame(surveyed.of, only)) {
          progress(1);
          return [slicesCounted(surveyed)];
        }
        return countSlices(settled, passes, ways, { signal: options.signal, progress });
      },
    },
    ask,
    options,
  );
  return { ...study, waterfall: waterfallFor(settled, study) };
}

function waterfallFor(
  { survey, profile, codebook, head }: Settled,
  { ask, estimate }: EieStudy,
): Waterfall | null {
  if (estimate === null || estimate.projection) return null;
  const { machine, energy } = ask;
  return waterfall(
    {
      weights: head.weights,
      nonZeros: survey.kept,
      pruned: survey.kept < head.weights - profile.zeros,
      rounded: codebook === null || codebook.error > 0 || codebook.counts.length >= 2 ** machine.codeBits,
      eie: estimate,
      machine,
    },
    energy,
  );
}

/** Of one layer, so rows, columns and groups are the same. */
const isSame = (a: Interleaving, b: Interleaving): boolean => a.pes === b.pes && a.width === b.width;
