import type { SourceRef } from '../bytes/source.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { LayerProfile, LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { ModelSummary, Report } from '../report/report.ts';
import type { Tile, TileWindow } from '../report/tile.ts';

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
      profile: LayerProfile | null;
    },
    { share: number },
    LayerReport
  >;
  tile: Call<
    {
      model: number;
      sources: readonly SourceRef[];
      layer: Layer;
      threshold: number | null;
      window: TileWindow;
    },
    never,
    Tile
  >;
}

/** What a run tells while it goes on: first the file, then layers as they are done, in any order, then the census. */
export type RunProgress =
  | {
      readonly kind: 'opened';
      readonly summary: ModelSummary;
      readonly layers: readonly LayerStub[];
      readonly problems: readonly Problem[];
    }
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
  exportReport: Call<{ as: ExportFormat }, never, void>;
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
