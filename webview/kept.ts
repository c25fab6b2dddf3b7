import type { LayerOp } from '../analyzers/model/layer.ts';
import type { Recipe } from '../analyzers/report/recipe.ts';
import { isRecipe } from '../analyzers/rpc/guard.ts';
import { columnIds, type ColumnId } from './layers/columns.ts';

export type TabId = 'sparsity' | 'weights' | 'codebook' | 'streams' | 'sensitivity' | 'eie';
const tabs: readonly TabId[] = ['sparsity', 'weights', 'codebook', 'streams', 'sensitivity', 'eie'];

export type WholeTabId = 'sizes' | 'budget' | 'papers' | 'energy';
const wholeTabs: readonly WholeTabId[] = ['sizes', 'budget', 'papers', 'energy'];

/** A place in a heatmap: how often it was doubled, and the first row and column that it shows. */
export interface ZoomPlace {
  readonly steps: number;
  readonly row: number;
  readonly col: number;
}

/** What the user arranged. It survives hiding, reloading and a change of theme. */
export interface Kept {
  /** Index of a layer; null is the whole model. */
  readonly selected: number | null;
  readonly tab: TabId;
  /** Of the whole model. */
  readonly whole: WholeTabId;
  /** Pictures as tables. */
  readonly twin: boolean;
  readonly sort: { readonly by: ColumnId; readonly down: boolean } | null;
  readonly filter: string;
  readonly op: LayerOp | null;
  readonly columns: readonly ColumnId[];
  /** Width of the list in px, once it was set; until then it grows with the window. */
  readonly sash: number | null;
  readonly logCount: boolean;
  /** The heatmap shows what the rule keeps, or the non-zeros as stored. */
  readonly pruned: boolean;
  /** Sliders change every layer of the op. */
  readonly wholeOp: boolean;
  readonly zoom: Readonly<Record<string, ZoomPlace>>;
  /** The sliders' recipe, and those before it. */
  readonly recipe: Recipe | null;
  readonly undo: readonly Recipe[];
}

export const sashLimits = { least: 280, most: 640 } as const;
/** Steps back that are kept. */
export const mostUndo = 50;

const defaultColumns: readonly ColumnId[] = ['weights', 'share', 'density', 'bits', 'coded', 'factor'];

const fresh: Kept = {
  selected: null,
  tab: 'sparsity',
  whole: 'sizes',
  twin: false,
  sort: null,
  filter: '',
  op: null,
  columns: defaultColumns,
  sash: null,
  logCount: true,
  pruned: true,
  wholeOp: false,
  zoom: {},
  recipe: null,
  undo: [],
};

type Raw = Partial<Record<string, unknown>>;
const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const flag = (value: unknown, otherwise: boolean): boolean =>
  typeof value === 'boolean' ? value : otherwise;
const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isColumn = (value: unknown): value is ColumnId => columnIds.some((id) => id === value);

/** What an earlier version of the page, or nobody, wrote is taken only as far as it makes sense. */
export function readKept(value: unknown): Kept {
  if (!isRaw(value)) return fresh;
  const { selected, tab, whole, sort, filter, op, columns, sash, zoom, recipe, undo } = value;
  return {
    selected: isIndex(selected) ? selected : null,
    tab: tabs.find((id) => id === tab) ?? fresh.tab,
    whole: wholeTabs.find((id) => id === whole) ?? fresh.whole,
    twin: flag(value['twin'], fresh.twin),
    sort: isRaw(sort) && isColumn(sort['by']) ? { by: sort['by'], down: sort['down'] === true } : null,
    filter: typeof filter === 'string' ? filter.slice(0, 200) : '',
    op: typeof op === 'string' ? (op as LayerOp) : null,
    columns: Array.isArray(columns) ? columns.filter(isColumn) : fresh.columns,
    sash: typeof sash === 'number' ? clampSash(sash) : fresh.sash,
    logCount: flag(value['logCount'], fresh.logCount),
    pruned: flag(value['pruned'], fresh.pruned),
    wholeOp: flag(value['wholeOp'], fresh.wholeOp),
    zoom: isRaw(zoom) ? readZoom(zoom) : {},
    recipe: isRecipe(recipe) ? recipe : null,
    undo: Array.isArray(undo) ? undo.filter((one) => isRecipe(one)).slice(-mostUndo) : [],
  };
}

/** As CSS. */
export const listWidth = ({ sash }: Pick<Kept, 'sash'>): string =>
  sash === null ? 'clamp(420px, 42vw, 560px)' : `${sash.toString()}px`;

export const clampSash = (width: number): number =>
  Math.min(sashLimits.most, Math.max(sashLimits.least, Math.round(width)));

function readZoom(raw: Raw): Readonly<Record<string, ZoomPlace>> {
  const places: Record<string, ZoomPlace> = {};
  for (const [key, place] of Object.entries(raw)) {
    if (!isRaw(place)) continue;
    const { steps, row, col } = place;
    if (isIndex(steps) && steps < 64 && isIndex(row) && isIndex(col)) places[key] = { steps, row, col };
  }
  return places;
}
