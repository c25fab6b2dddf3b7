import { nothing, productsOf } from '../analyses/eieStudy.ts';
import { ReadError } from '../bytes/errors.ts';
import type { Layer } from '../model/layer.ts';
import type { BreakEvenStudy } from '../report/breakEven.ts';
import type { EieAsk, EieStudy } from '../report/eieStudy.ts';
import type { LayerContext } from '../report/context.ts';
import type { Recipe } from '../report/recipe.ts';
import type { OpenedModel } from '../rpc/contracts.ts';
import type { Dealer } from './dealer.ts';

export interface EieChoice {
  readonly layer: Layer;
  readonly ask: EieAsk;
}

export interface EieTold {
  readonly opened: OpenedModel;
  readonly recipe: Recipe;
  readonly layers: readonly {
    readonly layer: Layer;
    readonly study: EieStudy;
    /** Null unless it was asked for. */
    readonly breakEven: BreakEvenStudy | null;
  }[];
}

export interface EieOptions {
  readonly signal: AbortSignal;
  /** Whether break-even and decoding are measured on this machine, layer by layer. */
  readonly measure?: boolean;
  readonly progress?: (done: number, of: number) => void;
}

/** Why a layer is not modelled; null when it is. */
export function whyNotModelled(layer: Layer, ask: EieAsk): string | null {
  const how = productsOf(layer, ask);
  return 'why' in how ? how.why : null;
}

/** The study of each chosen layer, in their order. What is measured is measured afterwards, one layer at a time. */
export async function eieOfLayers(
  dealer: Dealer,
  chosen: readonly EieChoice[],
  { recipe, context }: { readonly recipe: Recipe; readonly context: LayerContext },
  { signal, measure = false, progress }: EieOptions,
): Promise<EieTold['layers']> {
  let done = 0;
  const all = measure ? 2 * chosen.length : chosen.length;
  const step = (): void => {
    done += 1;
    if (!signal.aborted) progress?.(done, all);
  };
  const studies = await Promise.all(
    chosen.map(async ({ layer, ask }) => {
      const study = await studyOf(dealer, { layer, ask }, { recipe, context }, chosen.length === 1);
      step();
      return { layer, study, breakEven: null };
    }),
  );
  if (!measure) return studies;
  const measured: EieTold['layers'][number][] = [];
  for (const told of studies) {
    const breakEven = await measurementOf(dealer, told.layer, { recipe, context });
    step();
    measured.push({ ...told, breakEven });
  }
  return measured;
}

async function measurementOf(
  dealer: Dealer,
  layer: Layer,
  how: { readonly recipe: Recipe; readonly context: LayerContext },
): Promise<BreakEvenStudy | null> {
  try {
    const { breakEven } = await dealer.call('study', layer, { ...how, profile: null, what: 'breakEven' });
    return breakEven ?? null;
  } catch (error) {
    // Why its weights cannot be read is told by its other study.
    if (error instanceof ReadError) return null;
    throw error;
  }
}

async function studyOf(
  dealer: Dealer,
  { layer, ask }: EieChoice,
  { recipe, context }: { readonly recipe: Recipe; readonly context: LayerContext },
  alone: boolean,
): Promise<EieStudy> {
  try {
    const { eie } = await dealer.call('study', layer, {
      recipe,
      context,
      profile: null,
      what: 'eie',
      eie: ask,
    });
    if (eie === undefined) throw new RangeError('the study was not made');
    return eie;
  } catch (error) {
    if (alone || !(error instanceof ReadError)) throw error;
    return nothing(ask, layer.cols, 0, [error.message]);
  }
}
