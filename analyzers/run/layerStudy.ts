import { coderStudy } from '../analyses/coderStudy.ts';
import { layerPasses } from '../analyses/newWeights.ts';
import { settleLayer } from '../analyses/settleLayer.ts';
import type { Sources } from '../bytes/sources.ts';
import { readSteps } from '../model/weights.ts';
import type { StudyKind } from '../report/studies.ts';
import type { LayerStudy } from '../rpc/contracts.ts';
import { passOver, rawPass, type Bench, type LayerJob } from './layerJob.ts';

interface StudyOptions {
  readonly signal: AbortSignal;
  readonly progress: (share: number) => void;
}

type Study = (sources: Sources, job: LayerJob, bench: Bench, options: StudyOptions) => Promise<LayerStudy>;

/** Share of the passes that settling takes. */
const settling = 0.3;

/** To add a study: a line here and in report/studies.ts. */
const studies: Readonly<Partial<Record<StudyKind, Study>>> = {
  coders: async (sources, { layer, recipe, context, profile }, bench, { signal, progress }) => {
    const pass = passOver(sources, layer, bench);
    const raw = rawPass(sources, layer, bench);
    const settled = await settleLayer(layer, recipe, pass, {
      signal,
      progress: (share) => progress(settling * share),
      profile,
      context,
      steps: (stop) => readSteps(sources, layer, stop),
      raw,
    });
    const passes = layerPasses(settled, pass, raw);
    const coders = await coderStudy(settled, passes, {
      signal,
      progress: (share) => progress(settling + (1 - settling) * share),
      compressors: bench.compressors ?? [],
    });
    return { coders };
  },
};

/** What one layer is asked beyond its figures. Throws ReadError when its weights cannot be read. */
export function runStudy(
  sources: Sources,
  { what, ...job }: LayerJob & { readonly what: StudyKind },
  bench: Bench,
  options: StudyOptions,
): Promise<LayerStudy> {
  const study = studies[what];
  if (study === undefined) return Promise.reject(new RangeError(`there is no study ${what}`));
  return study(sources, job, bench, options);
}
