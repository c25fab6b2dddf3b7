import type { SourceRef } from '../bytes/source.ts';
import type { Frame } from '../model/frame.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { BreakEvenStudy } from '../report/breakEven.ts';
import type { LayerContext } from '../report/context.ts';
import type { BudgetJob, BudgetSpent, BudgetStep, CurveGrid } from '../report/budget.ts';
import type { LayerDead } from '../report/deadUnits.ts';
import type { LayerCurves } from '../report/curves.ts';
import type { EieAsk, EieStudy } from '../report/eieStudy.ts';
import type { LayerProfile, LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { ModelSummary, Report } from '../report/report.ts';
import type { CodebookStudy, CoderStudy, Sensitivity, StudyKind } from '../report/studies.ts';
import type { Tile, TileMask, TileWindow } from '../report/tile.ts';

/** One method of a contract: what it takes, what it reports while it runs, what it answers. All safe to structured-clone. */
export interface Call<Args, Progress, Result> {
  args: Args;
  progress: Progress;
  result: Result;
}

/** A model as the host keeps it after opening: names, shapes and places, never a weight. */
export interface OpenedModel {
  readonly summary: ModelSummary;
  readonly layers: readonly Layer[];
  readonly sources: readonly SourceRef[];
  /** What the reader and the layer rules had to tell. */
  readonly problems: readonly Problem[];
}

/** What was found of a layer's dead units, and what is said of it. */
export interface DeadFound {
  readonly dead: LayerDead | null;
  readonly problem: Problem | null;
}

/** What only reading every byte can tell. */
export interface Census {
  readonly fingerprint: string;
  readonly zeros: number;
}

/** host -> worker */
export interface AnalyzerContract {
  open: Call<{ source: SourceRef }, never, OpenedModel>;
  census: Call<{ source: SourceRef }, { bytes: number }, Census>;
  /**
   * `model`: the same number for the same bytes, under which weights may be kept.
   * `profile`: what an earlier run found in the same bytes; it is not computed again.
   */
  layer: Call<
    {
      model: number;
      sources: readonly SourceRef[];
      layer: Layer;
      recipe: Recipe;
      context: LayerContext;
      profile: LayerProfile | null;
    },
    { share: number },
    LayerReport
  >;
  /** Counts of the next 16 bits of the saliencies that begin with `digits`: what a threshold over all layers is found by. */
  magnitudes: Call<
    LayerCall & { recipe: Recipe; profile: LayerProfile | null; digits: readonly number[] },
    never,
    Magnitudes
  >;
  /** Distortion and coded size over density and bits, for the budget. */
  /** `grid`: the choices to try instead of the usual ones. */
  curves: Call<
    LayerCall & { recipe: Recipe; profile: LayerProfile | null; grid?: CurveGrid | null },
    { share: number },
    LayerCurves
  >;
  /** The next step towards a budget: points of the layers' curves. */
  plan: Call<BudgetJob, never, BudgetStep>;
  /** Densities that only all layers together suggest. */
  suggest: Call<{ layers: readonly Sensitivity[] }, never, readonly (number | null)[]>;
  study: Call<
    LayerCall & {
      recipe: Recipe;
      context: LayerContext;
      profile: LayerProfile | null;
      what: StudyKind;
      /** Of the study 'eie'. Without it: as published, every column active, every axis swept. */
      eie?: EieAsk;
    },
    { share: number },
    LayerStudy
  >;
  /** Where new weights would stand in the model's files; null when nothing can be written of it. */
  frame: Call<{ source: SourceRef }, never, Frame | null>;
  /** Files below a folder; on any error, and on a cancel, none of them. */
  write: Call<WriteJob, { share: number }, Written>;
  /** What goes with dead units, once all layers are settled: `reports` by the layers' index. */
  deadUnits: Call<
    {
      model: number;
      source: SourceRef;
      recipe: Recipe;
      context: LayerContext;
      reports: readonly LayerReport[];
    },
    never,
    readonly DeadFound[]
  >;
  tile: Call<
    {
      model: number;
      sources: readonly SourceRef[];
      layer: Layer;
      mask: TileMask;
      window: TileWindow;
    },
    never,
    Tile
  >;
}

/** One layer as a worker is asked about it. */
export interface LayerCall {
  readonly model: number;
  readonly sources: readonly SourceRef[];
  readonly layer: Layer;
}

export interface Magnitudes {
  /** [65536] by the next digit of the saliency as a double; null when the layer has no such rule. */
  readonly counts: Float64Array | null;
  /** Digits of 16 bits, from the top, that can differ from 0: 4, or 3 where all saliencies are singles. */
  readonly digits: number;
  readonly weights: number;
  readonly profile: LayerProfile;
}

/** One of them is there: the one that was asked for. */
export interface LayerStudy {
  readonly sensitivity?: Sensitivity;
  readonly codebooks?: CodebookStudy;
  readonly coders?: CoderStudy;
  readonly eie?: EieStudy;
  readonly breakEven?: BreakEvenStudy;
}

export interface WriteJob {
  /** compress: a `.slim` file; export: the model with pruned and shared weights; decompress: the model out of a `.slim`. */
  readonly what: 'compress' | 'export' | 'decompress';
  readonly source: SourceRef;
  /** As prepared: a budget is already spent. */
  readonly recipe: Recipe;
  readonly context: LayerContext;
  /** Path of the file to write; of other files the names in the model, below its folder. */
  readonly out: string;
  /** Name of a folder beside `out` that holds the files until all are whole. */
  readonly draft: string;
  /** Whether `out` may be replaced when it is there; no other file ever is. */
  readonly overwrite: boolean;
  /** What the recipe was chosen for; null without a budget. */
  readonly budget: BudgetSpent | null;
  /** export: leaves out the units that the mask leaves dead; the graph shrinks. */
  readonly removeDeadUnits: boolean;
}

export interface Written {
  /** Paths below the folder of `out`, the first is `out` itself; sizes in bytes. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  /** Of the files that they were made from. */
  readonly modelBytes: number;
  /** What a reader should know: lengths that were rewritten, layers that were carried unchanged. */
  readonly notes: readonly string[];
}

/** What a run tells while it goes on: first the file, then layers as they are done, in any order, then the census. */
export type RunProgress =
  | {
      readonly kind: 'opened';
      readonly summary: ModelSummary;
      readonly layers: readonly LayerStub[];
      readonly problems: readonly Problem[];
    }
  /** Before the layers: thresholds over all of them, or the choice for a budget. */
  | { readonly kind: 'preparing'; readonly done: number; readonly of: number }
  | { readonly kind: 'layer'; readonly layer: LayerReport; readonly done: number; readonly of: number };

/** A row of the layer list before its layer has been read. */
export interface LayerStub {
  readonly index: number;
  readonly name: string;
  readonly op: string;
  readonly rows: number;
  readonly cols: number;
  readonly weights: number;
  readonly macs: number | null;
}

/** A few bytes of a file that could not be read whole. Offsets and sizes in bytes. */
export interface Excerpt {
  /** Of the whole file. */
  readonly size: number;
  /** Where `bytes` begin. */
  readonly start: number;
  /** At most 64. */
  readonly bytes: Uint8Array;
}

export type ExportFormat = 'json' | 'csv' | 'md' | 'html';

/** webview -> host. Every argument is checked by rpc/guard.ts before it is used. */
export interface HostContract {
  /** The page is there and asks what to show. */
  ready: Call<
    void,
    never,
    { title: string; recipe: Recipe; presets: readonly string[]; restricted: boolean }
  >;
  /** Runs what the recipe changed and answers with the whole report. A newer call cancels the older. */
  analyze: Call<{ recipe: Recipe }, RunProgress, Report>;
  tile: Call<{ layer: number; window: TileWindow; pruned: boolean }, never, Tile>;
  /**
   * The bytes around a place of a file that could not be read, or that is cut off; the first ones when `offset` is null.
   * Refused for a model that was read whole.
   */
  excerpt: Call<{ offset: number | null }, never, Excerpt>;
  /** Of the report that is shown; computed when it is first asked for. `eie`: as for a worker. */
  study: Call<{ layer: number; what: StudyKind; eie?: EieAsk }, { share: number }, LayerStudy>;
  exportReport: Call<{ as: ExportFormat }, never, void>;
  /** Asks for a place, writes there what the recipe gives, and tells the size; null when the user thought better of it. */
  writeModel: Call<
    { recipe: Recipe; what: 'compress' | 'export'; removeDeadUnits: boolean },
    { share: number },
    Written | null
  >;
  /** Shows the file that was written last in its folder. */
  revealWritten: Call<void, never, void>;
  saveRecipe: Call<{ recipe: Recipe }, never, void>;
  /** Opens the file in another editor, or a documentation page by its problem code. */
  openAs: Call<{ what: 'hex' | 'text' | 'problems'; code: string | null }, never, void>;
}

/** host -> webview */
export interface ViewContract {
  /** The file changed or vanished: keep the figures, mark them, offer to rerun. */
  changed: Call<{ reason: 'changed' | 'missing' }, never, void>;
  /** Run again with this recipe (a preset chosen from the palette), or with the one shown when null. */
  rerun: Call<{ recipe: Recipe | null }, never, void>;
  /** Select a layer, null for the whole model. */
  select: Call<{ layer: number | null }, never, void>;
}

type Contract<C> = { [M in keyof C]: { args: unknown; progress: unknown; result: unknown } };
type Check<C extends Contract<C>> = C;
export type AllAreContracts = [Check<AnalyzerContract>, Check<HostContract>, Check<ViewContract>];
