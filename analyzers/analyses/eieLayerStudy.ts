import type { LayerPasses } from './newWeights.ts';
import type { EieAsk, EieStudy } from '../report/eieStudy.ts';
import { countSlices } from './eieCounts.ts';
import { eieStudy, nothing, productsOf, type EieOptions } from './eieStudy.ts';
import type { Settled } from './settleLayer.ts';

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
  return eieStudy(
    {
      name,
      rows,
      cols,
      groups,
      bias,
      ...(how.products !== undefined && { products: how.products }),
      count: (ways, progress) => countSlices(settled, passes, ways, { signal: options.signal, progress }),
    },
    ask,
    options,
  );
}
