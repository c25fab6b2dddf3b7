import * as os from 'node:os';
import * as vscode from 'vscode';
import type { SourceRef } from '../analyzers/bytes/source.ts';
import { spawnWorker } from '../analyzers/node/spawn.ts';
import { writeFiles, type WriteOrder } from '../analyzers/node/writeFiles.ts';
import type {
  HostContract,
  LayerStub,
  LayerStudy,
  RunProgress,
  Written,
} from '../analyzers/rpc/contracts.ts';
import type { Recipe } from '../analyzers/report/recipe.ts';
import type { Report } from '../analyzers/report/report.ts';
import { counted } from '../analyzers/report/units.ts';
import type { Tile, TileMask, TileWindow } from '../analyzers/report/tile.ts';
import type { Analysed } from '../analyzers/run/known.ts';
import { Pool } from '../analyzers/run/pool.ts';
import type { Activity } from './activity.ts';
import { RecentMap, recipeKey } from './cache.ts';
import { stampFiles } from './editor/watch.ts';
import { isCancelled, reasonText } from './log.ts';
import { SharedRuns, type RunOptions } from './runs.ts';
import { threadsFor, type Settings } from './settings.ts';
import { nameOf, sourceOf } from './sources.ts';
import { plain } from '../analyzers/report/clean.ts';

/** What is kept of a model that was read: its reports by recipe, and what a rerun may reuse. */
interface Known {
  /** The model's file first, then its external data. */
  readonly files: readonly vscode.Uri[];
  readonly stamp: string;
  readonly last: Analysed;
  readonly runs: RecentMap<Analysed>;
}

/** A finished run, with what the files were when it was made. */
export interface Finished {
  readonly analysed: Analysed;
  readonly files: readonly vscode.Uri[];
  readonly stamp: string;
}

/** Starts at once, or joins an equal run that goes on; shares the caller's signal and progress with it. */
export type Prepared = (options: RunOptions<RunProgress>) => Promise<Finished>;

/** The workers that are up, and what they are up for. */
interface Threads {
  readonly pool: Pool;
  users: number;
  linger: NodeJS.Timeout | undefined;
}

/** Models and reports kept in memory; a report holds names, counts and histograms, about 4 kB a layer. */
const mostModels = 12;
const mostReports = 24;
/** Worker threads are given back after so long without work: milliseconds. */
const lingerMs = 60_000;

/** Uri + Recipe -> Report: one run a model and recipe, kept until a file of the model changes. */
export class Analysis implements vscode.Disposable {
  readonly #worker: string;
  readonly #settings: () => Settings;
  readonly #activity: Activity;
  readonly #log: vscode.LogOutputChannel;
  readonly #known = new RecentMap<Known>(mostModels);
  readonly #remote = new RecentMap<SourceRef>(1);
  readonly #runs = new SharedRuns<RunProgress, Finished>();
  #threads: Threads | undefined;

  constructor(parts: {
    worker: string;
    settings: () => Settings;
    activity: Activity;
    log: vscode.LogOutputChannel;
  }) {
    this.#worker = parts.worker;
    this.#settings = parts.settings;
    this.#activity = parts.activity;
    this.#log = parts.log;
  }

  /** Looks at the files, then answers how to get the report: from memory, from a run that goes on, or from a new one. */
  async prepare(uri: vscode.Uri, recipe: Recipe): Promise<Prepared> {
    const alone = !vscode.workspace.isTrusted;
    const key = `${uri.toString()} ${alone ? 'alone' : ''}`;
    const known = this.#known.get(key);
    const stamp = await stampFiles(known?.files ?? [uri]);
    const wanted = recipeKey(recipe);
    if (known !== undefined && known.stamp === stamp) {
      const analysed = known.runs.get(wanted);
      if (analysed !== undefined) return () => Promise.resolve({ analysed, files: known.files, stamp });
    }
    const base = known?.stamp === stamp ? known : undefined;
    return (options) =>
      this.#runs.join(
        `${key} ${stamp} ${wanted}`,
        (run) => this.#run(uri, recipe, { key, wanted, alone, base }, run),
        options,
      );
  }

  /** A picture of one layer. A mask of null shows the weights as they are stored. */
  async tile(
    uri: vscode.Uri,
    at: { layer: number; mask: TileMask; window: TileWindow },
    signal: AbortSignal,
  ): Promise<Tile> {
    const source = await this.#source(uri, !vscode.workspace.isTrusted);
    return this.#withPool((pool) => pool.tile(source, at.layer, at.mask, at.window, signal));
  }

  /** What one layer of a finished run would do under other choices. */
  async study(
    uri: vscode.Uri,
    analysed: Analysed,
    { layer, what, eie }: HostContract['study']['args'],
    options: RunOptions<number>,
  ): Promise<LayerStudy> {
    const source = await this.#source(uri, !vscode.workspace.isTrusted);
    return this.#withPool((pool) => pool.study(source, analysed, layer, what, { ...options, eie }));
  }

  /** Writes files as ordered; shown in the status bar and cancelled as a run is. `reuse`: a run that the recipe came from. */
  async write(
    uri: vscode.Uri,
    recipe: Recipe,
    order: WriteOrder,
    { signal, progress, reuse }: RunOptions<number> & { readonly reuse: Analysed | undefined },
  ): Promise<Written> {
    const name = plain(nameOf(uri));
    const stop = new AbortController();
    const activity = this.#activity.begin(uri, name, false, () => stop.abort(), 'Writing from');
    try {
      const source = await this.#source(uri, !vscode.workspace.isTrusted);
      const written = await this.#withPool((pool) =>
        writeFiles(pool, source, recipe, order, {
          signal: AbortSignal.any([signal, stop.signal]),
          reuse,
          progress: (share) => {
            activity.step(Math.floor(100 * share), 100);
            progress(share);
          },
        }),
      );
      this.#log.info(`${name}: ${order.what}, ${counted(written.bytes, 'byte')}`);
      return written;
    } finally {
      activity.end();
    }
  }

  async #run(
    uri: vscode.Uri,
    recipe: Recipe,
    what: { key: string; wanted: string; alone: boolean; base: Known | undefined },
    { signal, progress }: RunOptions<RunProgress>,
  ): Promise<Finished> {
    const name = plain(nameOf(uri));
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const activity = this.#activity.begin(uri, name, what.base === undefined, () => stop.abort());
    const began = performance.now();
    try {
      const before = await stampFiles([uri]);
      const source = await this.#source(uri, what.alone);
      const analysed = await this.#withPool((pool) =>
        pool.analyze(source, recipe, {
          signal: both,
          reuse: what.base?.last,
          progress: (step) => {
            if (step.kind === 'opened') activity.step(0, step.layers.length);
            else activity.step(step.done, step.of);
            progress(step);
          },
        }),
      );
      const { report } = analysed;
      const files = filesOf(uri, report);
      const stamp = await stampFiles(files);
      const ms = Math.round(performance.now() - began).toString();
      this.#log.info(`${name}: ${counted(report.layers.length, 'layer')}, ${recipe.preset}, ${ms} ms`);
      // A file that changed while it was read gives figures of neither state: they are shown, marked, not kept.
      if ((await stampFiles([uri])) === before) {
        const runs = what.base?.runs ?? new RecentMap<Analysed>(mostReports);
        runs.set(what.wanted, analysed);
        this.#known.set(what.key, { files, stamp, last: analysed, runs });
        return { analysed, files, stamp };
      }
      return { analysed, files, stamp: before };
    } catch (error) {
      if (isCancelled(error)) this.#log.info(`${name}: cancelled`);
      else this.#log.error(`${name}: ${reasonText(error)}`);
      throw error;
    } finally {
      activity.end();
    }
  }

  /** A model that is not on disk is read whole once, and held until another one or a changed one is. */
  async #source(uri: vscode.Uri, alone: boolean): Promise<SourceRef> {
    const maxBytes = this.#settings().maxRemoteMegabytes * 1e6;
    if (uri.scheme === 'file') return sourceOf(uri, { maxBytes, alone });
    const key = `${uri.toString()} ${await stampFiles([uri])}`;
    const source = this.#remote.get(key) ?? (await sourceOf(uri, { maxBytes, alone }));
    this.#remote.set(key, source);
    return source;
  }

  /** Threads live while there is work and a minute longer. */
  async #withPool<T>(use: (pool: Pool) => Promise<T>): Promise<T> {
    this.#threads ??= {
      pool: new Pool(() => spawnWorker(this.#worker), this.#count()),
      users: 0,
      linger: undefined,
    };
    const threads = this.#threads;
    clearTimeout(threads.linger);
    threads.users++;
    try {
      return await use(threads.pool);
    } finally {
      threads.users--;
      if (threads.users === 0) {
        const wait = this.#threads === threads ? lingerMs : 0;
        threads.linger = setTimeout(() => this.#release(threads), wait);
      }
    }
  }

  #count(): number {
    return threadsFor(this.#settings().threads, os.availableParallelism());
  }

  #release(threads: Threads): void {
    clearTimeout(threads.linger);
    if (this.#threads === threads) this.#threads = undefined;
    void threads.pool.close();
  }

  /** Takes up changed settings: runs that go on keep their threads, later ones start new threads. */
  restart(): void {
    const threads = this.#threads;
    this.#threads = undefined;
    if (threads?.users === 0) this.#release(threads);
  }

  dispose(): void {
    if (this.#threads !== undefined) this.#release(this.#threads);
  }
}

/** The report's files as places: the model, and its external data beside or below it. */
export const filesOf = (uri: vscode.Uri, report: Report): readonly vscode.Uri[] => [
  uri,
  ...report.model.files.slice(1).map((name) => vscode.Uri.joinPath(uri, '..', name)),
];

/** The layer list of a finished report, as the first progress of a run would have told it. */
export const stubsOf = (report: Report): readonly LayerStub[] =>
  report.layers.map(({ index, name, op, rows, cols, weights, macs }) => ({
    index,
    name,
    op,
    rows,
    cols,
    weights,
    macs,
  }));
