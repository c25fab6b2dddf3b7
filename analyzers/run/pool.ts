import type { SourceRef } from '../bytes/source.ts';
import { unreadLayer } from '../analyses/unreadLayer.ts';
import type { Frame } from '../model/frame.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { noContext } from '../report/context.ts';
import type { EieAsk } from '../report/eieStudy.ts';
import type { LayerProfile, LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { Report } from '../report/report.ts';
import type { Sensitivity, StudyKind } from '../report/studies.ts';
import type { Tile, TileMask, TileWindow } from '../report/tile.ts';
import { failureOf } from '../rpc/failure.ts';
import type { Census, LayerStudy, WriteJob, Written } from '../rpc/contracts.ts';
import { Crew, type SpawnedWorker } from './crew.ts';
import type { Dealer, LayerArgs, LayerMethod } from './dealer.ts';
import { eieOfLayers, type EieChoice, type EieOptions, type EieTold } from './eieLayers.ts';
import { inOrder, layerKey, sourcesFor, type Analysed, type Known, type RunOptions } from './known.ts';
import { lost, uncounted } from './lost.ts';
import { checkRecipe, dealingOrder, sameRule } from './plan.ts';
import { prepare, type Prepared } from './prepare.ts';
import { sourceKey } from './sourceKey.ts';
import { sensitivitiesOf, type Found } from './sensitivities.ts';
import { reportOf, stubsOf } from './report.ts';
import { withDeadUnits } from './withDeadUnits.ts';

/** Models that tiles may be asked of without opening them again. */
const mostModels = 12;
/** Layers that may kill their workers before a run stops trying. */
const mostDeaths = 8;

/** What finding thresholds over all layers, or spending a budget, takes of a job that writes. */
const preparingShare = 0.3;

/** Numbers of models, over all pools: a run of an earlier pool may be reused by a later one. */
let nextModel = 1;

/**
 * Models over several worker threads: one opens the file, then layers are dealt to all.
 * Results do not depend on how many there are, nor on which of them did what.
 */
export class Pool {
  readonly #crew: Crew;
  readonly #known = new Map<string, Known>();
  /** Of reports that still live: what their layers' sensitivities were found to be. */
  readonly #sensitivities = new WeakMap<Report, Found>();
  /** The worker that had a layer last. */
  readonly #had = new Map<string, number>();

  constructor(spawn: () => SpawnedWorker, threads: number) {
    this.#crew = new Crew(spawn, threads);
  }

  /**
   * The whole report. Rejects with AbortError as soon as the signal says so, with ReadError when the file is no model,
   * with RecipeError when the recipe means nothing; a layer that cannot be read or kills its worker twice is told in
   * the report, and the others go on.
   */
  async analyze(source: SourceRef, recipe: Recipe, options: RunOptions): Promise<Analysed> {
    const { signal, reuse } = options;
    signal.throwIfAborted();
    checkRecipe(recipe);
    // One signal for all calls of the run: when one of them fails for good the others are called off.
    const stop = new AbortController();
    const calls = AbortSignal.any([signal, stop.signal]);
    try {
      const known = reuse ?? (await this.#open(source, calls));
      this.#remember(source, known);
      return await this.#run(source, recipe, known, { ...options, signal: calls });
    } catch (error) {
      stop.abort();
      signal.throwIfAborted();
      throw error;
    }
  }

  /** A picture of one layer; a mask of null shows the weights as they are stored. */
  async tile(
    source: SourceRef,
    layerIndex: number,
    mask: TileMask,
    window: TileWindow,
    signal: AbortSignal,
  ): Promise<Tile> {
    const known = this.#known.get(sourceKey(source)) ?? (await this.#open(source, signal));
    this.#remember(source, known);
    const layer = known.opened.layers[layerIndex];
    if (layer === undefined) throw new RangeError(`the model has no layer ${layerIndex.toString()}`);
    const key = layerKey(known.model, layer);
    const { value, worker } = await this.#crew.call({
      method: 'tile',
      args: { model: known.model, sources: sourcesFor(source, known), layer, mask, window },
      signal,
      prefer: this.#had.get(key),
      urgent: true,
    });
    this.#had.set(key, worker);
    return value;
  }

  /**
   * What one layer's weights would do under other choices, computed for the report of an earlier run. Sensitivity is
   * computed for all layers, once: the density that it suggests needs them.
   */
  async study(
    source: SourceRef,
    analysed: Analysed,
    layerIndex: number,
    what: StudyKind,
    options: {
      readonly signal: AbortSignal;
      readonly progress?: (share: number) => void;
      /** Of the study 'eie': see AnalyzerContract. */
      readonly eie?: EieAsk | undefined;
    },
  ): Promise<LayerStudy> {
    const { report, opened, context, model } = analysed;
    const layer = opened.layers[layerIndex];
    if (layer === undefined) throw new RangeError(`the model has no layer ${layerIndex.toString()}`);
    if (what === 'sensitivity') {
      const sensitivity = (await this.sensitivities(source, analysed, options))[layerIndex];
      if (sensitivity) return { sensitivity };
    }
    const profile = report.layers[layerIndex]?.profile ?? null;
    return this.#dealer(source, { opened, model }, options.signal, options.progress).call('study', layer, {
      recipe: report.recipe,
      context,
      profile,
      what,
      ...(options.eie !== undefined && { eie: options.eie }),
    });
  }

  /** Every layer's sensitivity, in their order; null where a layer could not be read. */
  async sensitivities(
    source: SourceRef,
    analysed: Analysed,
    options: { readonly signal: AbortSignal; readonly progress?: (share: number) => void },
  ): Promise<readonly (Sensitivity | null)[]> {
    const found = this.#sensitivities.get(analysed.report) ?? new Map<number, Sensitivity | null>();
    this.#sensitivities.set(analysed.report, found);
    return sensitivitiesOf(this.#dealer(source, analysed, options.signal), analysed, found, {
      signal: options.signal,
      progress: options.progress ?? (() => {}),
    });
  }

  /** What EIE would make of the layers that are chosen; nothing else of the model is analysed. */
  async eie(
    source: SourceRef,
    asked: Recipe,
    choose: (layers: readonly Layer[]) => readonly EieChoice[],
    options: EieOptions,
  ): Promise<EieTold> {
    const { signal } = options;
    checkRecipe(asked);
    const known = this.#known.get(sourceKey(source)) ?? (await this.#open(source, signal));
    this.#remember(source, known);
    const chosen = choose(known.opened.layers);
    const prepared = await this.#prepared(source, asked, signal, () => {});
    const layers = await eieOfLayers(this.#dealer(source, known, signal), chosen, prepared, options);
    return { opened: known.opened, recipe: prepared.recipe, layers };
  }

  /**
   * Writes what the recipe gives: a `.slim` file, the model with its new weights, or the model out of a `.slim`. The
   * recipe is prepared first, unless `reuse` is a run that it came from. The files are then in the job's draft folder;
   * when it rejects, some may be there for as long as a worker takes to stop. node/writeFiles.ts looks after both.
   */
  async write(
    source: SourceRef,
    asked: Recipe,
    job: Omit<WriteJob, 'source' | 'recipe' | 'context' | 'budget'>,
    options: {
      readonly signal: AbortSignal;
      readonly reuse?: Analysed | undefined;
      readonly progress?: (share: number) => void;
    },
  ): Promise<Written> {
    const { signal, reuse } = options;
    checkRecipe(asked);
    let before = 0;
    const progress = (share: number): void => {
      if (!signal.aborted) options.progress?.(share);
    };
    const preparing = (done: number, of: number): void => {
      before = preparingShare;
      progress((preparingShare * done) / Math.max(1, of));
    };
    const { recipe, context, budget } =
      reuse !== undefined
        ? { recipe: reuse.report.recipe, context: reuse.context, budget: reuse.report.budget }
        : job.what === 'decompress'
          ? { recipe: asked, context: noContext, budget: null }
          : await this.#prepared(source, asked, signal, preparing);
    const { value } = await this.#crew.call({
      method: 'write',
      args: { ...job, source, recipe, context, budget },
      signal,
      progress: ({ share }) => progress(before + (1 - before) * share),
    });
    return value;
  }

  async #prepared(
    source: SourceRef,
    asked: Recipe,
    signal: AbortSignal,
    progress: (done: number, of: number) => void,
  ): Promise<Prepared> {
    const known = this.#known.get(sourceKey(source)) ?? (await this.#open(source, signal));
    this.#remember(source, known);
    return prepare(asked, {
      layers: known.opened.layers,
      dealer: this.#dealer(source, known, signal),
      profileOf: () => null,
      signal,
      progress,
    });
  }

  /** Deals work on layers to the threads, each to the one that had its layer last. */
  #dealer(source: SourceRef, known: Known, signal: AbortSignal, progress?: (share: number) => void): Dealer {
    return {
      call: async <M extends LayerMethod>(method: M, layer: Layer, args: LayerArgs<M>) => {
        const key = layerKey(known.model, layer);
        const { value, worker } = await this.#crew.call<LayerMethod>({
          method,
          args: { ...args, model: known.model, sources: sourcesFor(source, known), layer },
          signal,
          progress: (step) => {
            if (progress !== undefined && 'share' in step) progress(step.share);
          },
          prefer: this.#had.get(key),
        });
        this.#had.set(key, worker);
        return value;
      },
      ask: async (method, args) => (await this.#crew.call({ method, args, signal })).value,
    };
  }

  /** Ends all threads; resolves when they are gone. */
  close(): Promise<void> {
    this.#known.clear();
    this.#had.clear();
    return this.#crew.close();
  }

  async #open(source: SourceRef, signal: AbortSignal): Promise<Known> {
    const { value } = await this.#crew.call({ method: 'open', args: { source }, signal });
    return { opened: value, model: nextModel++ };
  }

  #remember(source: SourceRef, known: Known): void {
    const key = sourceKey(source);
    const before = this.#known.get(key);
    if (before !== undefined && before.model !== known.model) this.#forget(before);
    this.#known.delete(key);
    this.#known.set(key, { opened: known.opened, model: known.model });
    for (const [oldest, forgotten] of this.#known) {
      if (this.#known.size <= mostModels) break;
      this.#known.delete(oldest);
      this.#forget(forgotten);
    }
  }

  #forget({ opened, model }: Known): void {
    for (const layer of opened.layers) this.#had.delete(layerKey(model, layer));
  }

  async #run(
    source: SourceRef,
    asked: Recipe,
    known: Known & Partial<Pick<Analysed, 'report' | 'context' | 'frame'>>,
    { signal, progress }: RunOptions,
  ): Promise<Analysed> {
    const { opened, model } = known;
    const before = known.report;
    const reports = new Map<number, LayerReport>();
    const of = opened.layers.length;
    const done = (layer: LayerReport): void => {
      reports.set(layer.index, layer);
      if (!signal.aborted) progress?.({ kind: 'layer', layer, done: reports.size, of });
    };
    progress?.({
      kind: 'opened',
      summary: before?.model ?? opened.summary,
      layers: stubsOf(opened.layers),
      problems: opened.problems,
    });
    const profileOf = (index: number): LayerProfile | null => before?.layers[index]?.profile ?? null;
    const dealer = this.#dealer(source, known, signal);
    const {
      recipe,
      context,
      budget,
      reports: settled,
    } = await prepare(asked, {
      layers: opened.layers,
      dealer,
      profileOf,
      signal,
      progress: (ready, all) => {
        if (!signal.aborted) progress?.({ kind: 'preparing', done: ready, of: all });
      },
    });
    const waiting = dealingOrder(opened.layers).filter((layer) => {
      const ready = settled.get(layer.index);
      if (ready !== undefined) done(ready);
      if (ready !== undefined) return false;
      const earlier = before?.layers[layer.index];
      if (before === undefined || earlier === undefined) return true;
      if (
        !sameRule(
          earlier,
          { recipe: before.recipe, context: known.context ?? noContext },
          { recipe, context },
        )
      )
        return true;
      done(earlier);
      return false;
    });
    let deaths = 0;
    const layers = waiting.map(async (layer) => {
      try {
        done(await dealer.call('layer', layer, { recipe, context, profile: profileOf(layer.index) }));
      } catch (error) {
        signal.throwIfAborted();
        const { code, message } = failureOf(error);
        if (code === 'closed') throw error;
        if (code === 'analysis/worker-died') deaths += 1;
        if (deaths > mostDeaths) throw error;
        done(unreadLayer(layer, [lost(layer, code, message)]));
      }
    });
    const following = Promise.all(layers).then(() =>
      withDeadUnits(
        inOrder(reports),
        async (all) =>
          (
            await this.#crew.call({
              method: 'deadUnits',
              args: { model, source, recipe, context, reports: all },
              signal,
            })
          ).value,
        signal,
      ),
    );
    const [census, frame, told] = await Promise.all([
      this.#census(source, before, signal),
      known.frame === undefined ? this.#frame(source, signal) : known.frame,
      following,
    ]);
    signal.throwIfAborted();
    const report = reportOf({
      opened,
      recipe,
      budget,
      layers: told,
      census,
      frame,
    });
    return { report, opened, context, frame, model };
  }

  /** Null too when the model cannot be read as it was: its layers tell why. */
  async #frame(source: SourceRef, signal: AbortSignal): Promise<Frame | null> {
    try {
      return (await this.#crew.call({ method: 'frame', args: { source }, signal })).value;
    } catch (error) {
      signal.throwIfAborted();
      if (failureOf(error).code === 'closed') throw error;
      return null;
    }
  }

  /** Fingerprint and zeros, from the earlier run or by reading every byte; a problem when that cannot be done. */
  async #census(
    source: SourceRef,
    before: Report | undefined,
    signal: AbortSignal,
  ): Promise<Census | Problem> {
    const { fingerprint, tensors } = before?.model ?? { fingerprint: null, tensors: { zeros: null } };
    if (fingerprint !== null && tensors.zeros !== null) return { fingerprint, zeros: tensors.zeros };
    try {
      return (await this.#crew.call({ method: 'census', args: { source }, signal })).value;
    } catch (error) {
      signal.throwIfAborted();
      if (failureOf(error).code === 'closed') throw error;
      return uncounted(error);
    }
  }
}
