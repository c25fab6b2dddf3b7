import { nothing, productsOf } from '../analyses/eieStudy.ts';
import { ReadError } from '../bytes/errors.ts';
import type { Layer } from '../model/layer.ts';
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
  readonly layers: readonly { readonly layer: Layer; readonly study: EieStudy }[];
}

/** Why a layer is not modelled; null when it is. */
export function whyNotModelled(layer: Layer, ask: EieAsk): string | null {
  const how = productsOf(layer, ask);
  return 'why' in how ? how.why : null;
}

/** The study of each chosen layer, in their order. */
export async function eieOfLayers(
  dealer: Dealer,
  chosen: readonly EieChoice[],
  { recipe, context }: { readonly recipe: Recipe; readonly context: LayerContext },
  {
    signal,
    progress,
  }: { readonly signal: AbortSignal; readonly progress?: (done: number, of: number) => void },
): Promise<EieTold['layers']> {
  let done = 0;
  return Promise.all(
    chosen.map(async ({ layer, ask }) => {
      const study = await studyOf(dealer, { layer, ask }, { recipe, context }, chosen.length === 1);
      done += 1;
      if (!signal.aborted) progress?.(done, chosen.length);
      return { layer, study };
    }),
  );
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
