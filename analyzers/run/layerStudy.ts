import { breakEvenStudy } from '../analyses/breakEvenStudy.ts';
import { codebookStudy } from '../analyses/codebookStudy.ts';
import { coderStudy } from '../analyses/coderStudy.ts';
import { readBias } from '../analyses/eieBias.ts';
import { eieLayerStudy, slicesToStudy } from '../analyses/eieLayerStudy.ts';
import { layerPasses } from '../analyses/newWeights.ts';
import { sensitivityOf } from '../analyses/sensitivityStudy.ts';
import { settleLayer, type AnalyzeOptions, type Settled } from '../analyses/settleLayer.ts';
import { sweepsOf } from '../analyses/sweeps.ts';
import type { Sources } from '../bytes/sources.ts';
import type { Pass, RawPass } from '../model/chunk.ts';
import { eieAxes, plainEie, type EieAsk } from '../report/eieStudy.ts';
import type { StudyKind } from '../report/studies.ts';
import type { LayerStudy } from '../rpc/contracts.ts';
import { passOver, rawPass, settlingOf, type Bench, type LayerJob } from './layerJob.ts';

interface StudyOptions {
  readonly signal: AbortSignal;
  readonly progress: (share: number) => void;
}

type StudyJob = LayerJob & { readonly eie?: EieAsk };
type Study = (sources: Sources, job: StudyJob, bench: Bench, options: StudyOptions) => Promise<LayerStudy>;

/** Share of the passes that settling takes. */
const settling = 0.3;

/** The layer settled under its recipe, with the passes that it took. */
async function settledFor(
  sources: Sources,
  job: LayerJob,
  bench: Bench,
  { signal, progress }: StudyOptions,
  interleaving: AnalyzeOptions['interleaving'] = null,
): Promise<{ settled: Settled; pass: Pass; raw: RawPass }> {
  const { layer, recipe } = job;
  const pass = passOver(sources, layer, bench);
  const raw = rawPass(sources, layer, bench);
  const settled = await settleLayer(layer, recipe, pass, {
    ...settlingOf(sources, job, bench),
    interleaving,
    signal,
    progress: (share) => progress(settling * share),
  });
  return { settled, pass, raw };
}

const afterSettling =
  ({ progress }: StudyOptions): ((share: number) => void) =>
  (share) =>
    progress(settling + (1 - settling) * share);

/** To add a study: a line here and in report/studies.ts. */
const studies: Readonly<Partial<Record<StudyKind, Study>>> = {
  sensitivity: async (sources, job, bench, options) => ({
    sensitivity: await sensitivityOf(job.layer, job.recipe, passOver(sources, job.layer, bench), {
      ...options,
      ...settlingOf(sources, job, bench),
    }),
  }),
  codebooks: async (sources, job, bench, options) => {
    const { settled, pass } = await settledFor(sources, job, bench, options);
    const { signal } = options;
    const sweep = sweepsOf(pass, settled.head.weights, 1, { signal, progress: () => {} });
    const codebooks = await codebookStudy(settled, sweep, {
      signal,
      progress: afterSettling(options),
      breathe: bench.breathe,
    });
    return { codebooks };
  },
  coders: async (sources, job, bench, options) => {
    const { settled, pass, raw } = await settledFor(sources, job, bench, options);
    const coders = await coderStudy(settled, layerPasses(settled, pass, raw), {
      signal: options.signal,
      progress: afterSettling(options),
      compressors: bench.compressors ?? [],
    });
    return { coders };
  },
  breakEven: async (sources, job, bench, options) => {
    const { stopwatch, breathe } = bench;
    if (stopwatch === undefined) throw new RangeError('no times are taken on this thread');
    const { settled, pass, raw } = await settledFor(sources, job, bench, options);
    const breakEven = await breakEvenStudy(settled, layerPasses(settled, pass, raw), {
      signal: options.signal,
      progress: afterSettling(options),
      stopwatch,
      breathe,
    });
    return { breakEven };
  },
  eie: async (sources, job, bench, options) => {
    const { eie: ask = { ...plainEie, axes: eieAxes } } = job;
    const interleaving = slicesToStudy(job.layer, ask);
    const { settled, pass } = await settledFor(sources, job, bench, options, interleaving);
    const bias =
      ask.machine.biasColumn === 'layer' ? await readBias(sources, job.layer, options.signal) : null;
    const eie = await eieLayerStudy(settled, { weights: pass }, ask, bias, {
      signal: options.signal,
      progress: afterSettling(options),
      breathe: bench.breathe,
    });
    return { eie };
  },
};

/** What one layer is asked beyond its figures. Throws ReadError when its weights cannot be read. */
export function runStudy(
  sources: Sources,
  { what, ...job }: StudyJob & { readonly what: StudyKind },
  bench: Bench,
  options: StudyOptions,
): Promise<LayerStudy> {
  const study = studies[what];
  if (study === undefined) return Promise.reject(new RangeError(`there is no study ${what}`));
  return study(sources, job, bench, options);
}
