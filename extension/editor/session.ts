import * as vscode from 'vscode';
import { Caller, serve, type Port } from '../../analyzers/rpc/channel.ts';
import type {
  Excerpt,
  ExportFormat,
  HostContract,
  LayerStub,
  RunProgress,
  ViewContract,
  Written,
} from '../../analyzers/rpc/contracts.ts';
import { hostGuards } from '../../analyzers/rpc/guard.ts';
import type { Problem } from '../../analyzers/model/problem.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { presets } from '../../analyzers/report/presets.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import { recipeText } from '../../analyzers/report/recipeFile.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { tileMask } from '../../analyzers/report/tile.ts';
import { stubsOf, type Finished } from '../analysis.ts';
import { recipeKey } from '../cache.ts';
import { exportKinds, saveBeside } from '../exportFile.ts';
import { isCancelled, reasonText } from '../log.ts';
import type { Services } from '../services.ts';
import { nameOf, sourceOf } from '../sources.ts';
import { excerptOf, mayShowBytes } from './excerpt.ts';
import { SessionError } from './sessionError.ts';
import { LayerStudies } from './layerStudies.ts';
import { openAs } from './openAs.ts';
import { connectPages } from './pagePort.ts';
import { ModelWatch, stampFiles, type FileChange } from './watch.ts';
import { modelWriter, reveal, type Asked } from '../writeModel.ts';

/** One open report: what it shows, what the page may ask, and what the page is told. */
export class Session implements vscode.Disposable {
  readonly uri: vscode.Uri;
  readonly panel: vscode.WebviewPanel;
  /** What the report was last asked for. */
  recipe: Recipe;
  /** Rows of the layer list, and those that are done. */
  stubs: readonly LayerStub[] = [];
  layers: ReadonlyMap<number, LayerReport> = new Map();
  report: Report | undefined;
  /** Why there is no report, as one line. */
  failure: string | undefined;

  readonly #services: Services;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #disposables: vscode.Disposable[] = [];
  #view: Caller<ViewContract> | undefined;
  #interest: AbortController | undefined;
  #files: readonly vscode.Uri[];
  #watch: ModelWatch | undefined;
  #change: FileChange = 'same';
  /** What was shown is not to be shown again: a hidden page was asked to rerun. */
  #refresh = false;
  /** Of the file, not of its layers. */
  #problems: readonly Problem[] = [];
  /** The run that the report is of, and what was asked of its layers since. */
  #studies: LayerStudies | undefined;
  #written: vscode.Uri | undefined;
  #select: { readonly layer: number | null } | undefined;

  constructor(services: Services, uri: vscode.Uri, panel: vscode.WebviewPanel) {
    this.#services = services;
    this.uri = uri;
    this.panel = panel;
    this.recipe = services.recipes.of(uri) ?? presets[services.settings().preset];
    this.#files = [uri];
    this.#disposables.push(
      connectPages(panel, (port) => this.#serve(port)),
      panel.onDidChangeViewState(() => {
        if (panel.visible) void this.#watch?.look();
      }),
    );
  }

  get running(): boolean {
    return this.#interest !== undefined;
  }

  /** A file of the model is no longer what the figures were made from. */
  get outdated(): boolean {
    return this.#change !== 'same';
  }

  /** Shows the editor and selects a layer in it; null is the whole model. */
  select(layer: number | null): void {
    this.#select = { layer };
    if (!this.panel.active) this.panel.reveal();
    if (this.#view !== undefined) this.#tellSelection(this.#view);
  }

  /** Asks the page to run again with the recipe that it shows; a hidden page does so when it is shown. */
  rerun(): void {
    if (this.#view === undefined) this.#refresh = true;
    else this.#tell((view) => view.call('rerun', { recipe: null }));
  }

  /** The window came back: files may have changed without an event. */
  look(): void {
    void this.#watch?.look();
  }

  /** Runs with another recipe: the page takes it over and asks for its report. */
  async useRecipe(recipe: Recipe): Promise<void> {
    this.recipe = recipe;
    this.panel.reveal();
    await this.#view?.call('rerun', { recipe });
  }

  async exportReport(as: ExportFormat): Promise<void> {
    const { report } = this;
    if (report === undefined)
      throw new SessionError(
        'export/no-report',
        'There is no report to export yet: the analysis has not finished.',
      );
    const { label, text } = exportKinds[as];
    await saveBeside({
      model: this.uri,
      files: this.#files,
      ending: `.report.${as}`,
      title: 'Export the compression report',
      filters: { [label]: [as] },
      text: () => text(report),
    });
  }

  async saveRecipe(recipe: Recipe): Promise<void> {
    await saveBeside({
      model: this.uri,
      files: this.#files,
      ending: '.slimscope.yaml',
      title: 'Save as recipe',
      filters: { Recipe: ['yaml', 'yml'] },
      text: () => recipeText(recipe),
    });
  }

  /**
   * Asks for a place and writes there; null when the user thought better of it. A failure is told in a message, and
   * thrown for the page.
   */
  async writeModel(
    recipe: Recipe,
    asked: Asked,
    options: { readonly signal: AbortSignal; readonly progress: (share: { share: number }) => void },
  ): Promise<Written | null> {
    const ours = this.#studies?.analysed;
    const reuse =
      ours !== undefined && recipeKey(ours.report.recipe) === recipeKey(recipe) ? ours : undefined;
    return this.#asked(asked.what, async () => {
      this.#sameFile('Rerun before writing it.');
      const done = await modelWriter(this.#services)({
        uri: this.uri,
        files: this.#files,
        recipe,
        reuse,
        ...asked,
        signal: options.signal,
        progress: (share) => options.progress({ share }),
      });
      if (done !== null) this.#written = done.target;
      return done?.written ?? null;
    });
  }

  #serve(port: Port): void {
    let live = true;
    // The answer to the first request of a page that was hidden is what it showed, even when the file changed since.
    let first = true;
    port.onClose(() => {
      live = false;
    });
    const view = new Caller<ViewContract>(port);
    port.onClose(() => {
      if (this.#view === view) this.#view = undefined;
    });
    serve<HostContract>(
      port,
      {
        ready: () => {
          this.#view = view;
          setTimeout(() => this.#tellSelection(view));
          return Promise.resolve({
            title: nameOf(this.uri),
            recipe: this.recipe,
            presets: Object.keys(presets),
            restricted: !vscode.workspace.isTrusted,
          });
        },
        analyze: async ({ recipe }, { signal, progress }) => {
          const shown = first && !this.#refresh ? this.report : undefined;
          first = false;
          this.#refresh = false;
          if (shown !== undefined && recipeKey(shown.recipe) === recipeKey(recipe)) {
            setTimeout(() => {
              this.#tellChange();
              void this.#watch?.look();
            });
            return shown;
          }
          const interest = new AbortController();
          // A page that is hidden leaves its run going; a page that cancels, or asks for something else, ends it.
          signal.addEventListener('abort', () => {
            if (live) interest.abort();
          });
          return this.#analyze(recipe, interest, progress);
        },
        tile: async ({ layer, window, pruned }, { signal }) => {
          this.#sameFile('Rerun to see its weights.');
          const mask = pruned ? tileMask(this.layers.get(layer)?.prune ?? null) : null;
          return this.#services.analysis.tile(this.uri, { layer, mask, window }, signal);
        },
        excerpt: ({ offset }, { signal }) => this.#excerpt(offset, signal),
        study: async (asked, options) => {
          if (this.#studies === undefined)
            throw new SessionError(
              'study/no-report',
              'There is nothing to study until the analysis has finished.',
            );
          this.#sameFile('Rerun to study its weights.');
          return this.#studies.of(asked, options);
        },
        writeModel: ({ recipe, ...asked }, { signal, progress }) => {
          const stop = new AbortController();
          // A page that is hidden leaves its file to be written; one that cancels does not.
          signal.addEventListener('abort', () => {
            if (live) stop.abort();
          });
          return this.writeModel(recipe, asked, { signal: stop.signal, progress });
        },
        revealWritten: () =>
          this.#asked('show the file', () =>
            this.#written === undefined ? Promise.resolve() : reveal(this.#written),
          ),
        exportReport: ({ as }) => this.#asked('export', () => this.exportReport(as)),
        saveRecipe: ({ recipe }) => this.#asked('save the recipe', () => this.saveRecipe(recipe)),
        openAs: ({ what, code }) => this.#asked('open', () => openAs(this.#services, this.uri, what, code)),
      },
      hostGuards,
    );
  }

  async #analyze(
    recipe: Recipe,
    interest: AbortController,
    progress: (step: RunProgress) => void,
  ): Promise<Report> {
    const older = this.#interest;
    this.#interest = interest;
    this.recipe = recipe;
    this.failure = undefined;
    try {
      const run = await this.#services.analysis.prepare(this.uri, recipe);
      interest.signal.throwIfAborted();
      const result = run({
        signal: interest.signal,
        progress: (step) => {
          if (this.#interest === interest) this.#take(step);
          progress(step);
        },
      });
      // After joining: an equal run that the older request began goes on.
      older?.abort();
      const finished = await result;
      if (this.#interest === interest) this.#finish(finished);
      return finished.analysed.report;
    } catch (error) {
      if (this.#interest === interest && isCancelled(error)) this.#goBack();
      else if (this.#interest === interest) {
        this.failure = reasonText(error);
        // Without figures to keep, the file is watched all the same: it may be mended while the page is open.
        if (this.report === undefined) this.#attend([this.uri], await stampFiles([this.uri]));
      }
      throw error;
    } finally {
      older?.abort();
      if (this.#interest === interest) this.#interest = undefined;
      this.#changed.fire();
    }
  }

  /** Bytes of a file that could not be read, or is cut off: of no other. */
  async #excerpt(offset: number | null, signal: AbortSignal): Promise<Excerpt> {
    const isSame = this.#change === 'same';
    if (!mayShowBytes({ failure: this.failure, problems: isSame ? this.#problems : [] }))
      throw new SessionError('file/whole', 'The file was read whole: its bytes are not shown here.');
    const ref = await sourceOf(this.uri, {
      maxBytes: this.#services.settings().maxRemoteMegabytes * 1e6,
      alone: true,
    });
    const source = await openFile(ref);
    try {
      return await excerptOf(source, offset, signal);
    } finally {
      await source.close();
    }
  }

  /** Throws when the weights on disk are no longer those of the figures. */
  #sameFile(mend: string): void {
    if (this.#change !== 'same') throw new SessionError('file/changed', `The file changed on disk. ${mend}`);
  }

  #take(step: RunProgress): void {
    if (step.kind === 'opened') {
      this.stubs = step.layers;
      this.#problems = step.problems;
      this.layers = new Map();
    } else if (step.kind === 'layer') {
      this.layers = new Map(this.layers).set(step.layer.index, step.layer);
    }
    this.#changed.fire();
  }

  /** A rerun was cancelled: the page shows the report before it again. */
  #goBack(): void {
    const { report } = this;
    if (report === undefined) return;
    this.recipe = report.recipe;
    this.#show(report);
  }

  #show(report: Report): void {
    this.#problems = report.problems;
    this.stubs = stubsOf(report);
    this.layers = new Map(report.layers.map((layer) => [layer.index, layer]));
  }

  #finish({ analysed, files, stamp }: Finished): void {
    const { report } = analysed;
    this.report = report;
    this.#studies = new LayerStudies(this.#services, this.uri, analysed);
    const plainPreset = recipeKey(report.recipe) === recipeKey(presets[this.#services.settings().preset]);
    this.#services.recipes.keep(this.uri, plainPreset ? null : report.recipe);
    this.#show(report);
    this.#attend(files, stamp);
  }

  /** From here on a change of the files against `stamp` is told. */
  #attend(files: readonly vscode.Uri[], stamp: string): void {
    this.#files = files;
    this.#change = 'same';
    this.#watch?.dispose();
    this.#watch = new ModelWatch(files, stamp, (change) => {
      this.#change = change;
      this.#services.log.info(`${nameOf(this.uri)}: ${change} on disk`);
      this.#tellChange();
    });
    void this.#watch.look();
  }

  /** A request of the user that fails is told once, in a message. */
  async #asked<T>(what: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.#services.log.error(`${nameOf(this.uri)}: ${what}: ${reasonText(error)}`);
      void vscode.window.showErrorMessage(`Slimscope could not ${what}: ${reasonText(error)}`);
      throw error;
    }
  }

  #tellChange(): void {
    const reason = this.#change;
    if (reason !== 'same') this.#tell((view) => view.call('changed', { reason }));
  }

  #tellSelection(view: Caller<ViewContract>): void {
    const selection = this.#select;
    this.#select = undefined;
    if (selection !== undefined)
      view.call('select', selection).catch((error: unknown) => this.#unheard(error));
  }

  #tell(say: (view: Caller<ViewContract>) => Promise<void>): void {
    if (this.#view !== undefined) say(this.#view).catch((error: unknown) => this.#unheard(error));
  }

  #unheard(error: unknown): void {
    this.#services.log.debug(`the page did not answer: ${reasonText(error)}`);
  }

  dispose(): void {
    this.#interest?.abort();
    this.#watch?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
  }
}
