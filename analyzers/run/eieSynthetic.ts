import { syntheticStudy, type SyntheticLayer } from '../analyses/eieSynthetic.ts';
import { publishedEie } from '../report/eie.ts';
import type { EieAsk, EieStudy } from '../report/eieStudy.ts';
import { benchmarkLayers, benchmarkTimes } from '../report/figures.ts';

export type { SyntheticLayer } from '../analyses/eieSynthetic.ts';

interface Options {
  readonly signal: AbortSignal;
  readonly breathe: () => Promise<void>;
}

export const studySynthetic = (
  layer: SyntheticLayer,
  ask: Pick<EieAsk, 'machine' | 'axes' | 'energy'>,
  options: Options,
): Promise<EieStudy> => syntheticStudy(layer, ask, { ...options, progress: () => {} });

/** One of the nine layers that EIE was measured on, drawn at random at its published densities, beside its published times. */
export interface BenchmarkRow extends SyntheticLayer {
  readonly study: EieStudy;
  readonly published: { readonly theoreticalUs: number; readonly actualUs: number };
}

/** The nine layers of Table III, one after another. */
export async function benchmarkRows(
  seed: number,
  options: Options & { readonly progress: (done: number, of: number) => void },
): Promise<readonly BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const { layer, inputs, outputs, weightPercent, activationPercent } of benchmarkLayers) {
    const synthetic = {
      name: layer,
      rows: outputs,
      cols: inputs,
      density: weightPercent / 100,
      activation: activationPercent / 100,
      seed,
    };
    const study = await studySynthetic(synthetic, { machine: publishedEie, axes: [] }, options);
    rows.push({ ...synthetic, study, published: benchmarkTimes(layer) });
    options.progress(rows.length, benchmarkLayers.length);
  }
  return rows;
}
