import type { Layer } from '../model/layer.ts';
import type { LayerContext } from '../report/context.ts';
import type { Report } from '../report/report.ts';
import type { Sensitivity } from '../report/studies.ts';
import { failureOf } from '../rpc/failure.ts';
import type { Dealer } from './dealer.ts';
import { dealingOrder } from './plan.ts';

/** A report with what it was made from. */
interface Made {
  readonly report: Report;
  readonly opened: { readonly layers: readonly Layer[] };
  readonly context: LayerContext;
}

/** What was found for a report, by layer index; null where a layer could not be read. */
export type Found = Map<number, Sensitivity | null>;

/**
 * The sensitivity of every layer, in their order, with the densities that only all layers together suggest. What is
 * in `found` is not computed again, and what is found is added, also when the rest is called off.
 */
export async function sensitivitiesOf(
  dealer: Dealer,
  { report, opened, context }: Made,
  found: Found,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
): Promise<readonly (Sensitivity | null)[]> {
  const { layers } = opened;
  const ask = async (layer: Layer): Promise<void> => {
    const told = report.layers[layer.index];
    if (!found.has(layer.index)) found.set(layer.index, told?.profile ? await asked(layer) : null);
    progress(found.size / layers.length);
  };
  const asked = async (layer: Layer): Promise<Sensitivity | null> => {
    try {
      const { sensitivity } = await dealer.call('study', layer, {
        recipe: report.recipe,
        context,
        profile: report.layers[layer.index]?.profile ?? null,
        what: 'sensitivity',
      });
      return sensitivity ?? null;
    } catch (error) {
      signal.throwIfAborted();
      if (failureOf(error).code === 'closed') throw error;
      return null;
    }
  };
  await Promise.all(dealingOrder(layers).map(ask));
  const known = layers.flatMap(({ index }) => found.get(index) ?? []);
  const suggested = await dealer.ask('suggest', { layers: known });
  return layers.map(({ index }) => {
    const own = found.get(index) ?? null;
    return own === null ? null : { ...own, suggestedDensity: suggested[known.indexOf(own)] ?? null };
  });
}
