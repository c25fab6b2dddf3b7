import { profileFigures, profileStatistic } from '../kernels/profile.ts';
import type { Layer } from '../model/layer.ts';
import { formOf } from '../model/view.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { Taker } from './sweeps.ts';

/** Gathers a layer's profile while it streams by. */
export function profileCounter(layer: Pick<Layer, 'view' | 'weight' | 'rows' | 'cols'>): {
  take: Taker;
  profile: () => LayerProfile;
} {
  const form = formOf(layer);
  const statistic = profileStatistic(form);
  const state = statistic.empty(layer);
  return {
    take(values, first) {
      statistic.add(state, values, first);
    },
    profile: () => profileFigures(state, form),
  };
}
