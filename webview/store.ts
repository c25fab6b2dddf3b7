import type { LayerStub, Written } from '../analyzers/rpc/contracts.ts';
import type { Failure } from '../analyzers/rpc/channel.ts';
import type { Problem } from '../analyzers/model/problem.ts';
import type { LayerReport } from '../analyzers/report/layerReport.ts';
import type { Recipe } from '../analyzers/report/recipe.ts';
import type { BudgetResult } from '../analyzers/report/budget.ts';
import type { ModelSummary, Totals } from '../analyzers/report/report.ts';
import type { Kept } from './kept.ts';

/** Everything that the page shows. Plain values; replaced, never changed in place. */
export interface State {
  readonly title: string;
  /** The names that the host offers, in its order. */
  readonly presets: readonly string[];
  readonly restricted: boolean;
  /** What the figures were asked for with: presets and every change of a slider. */
  readonly recipe: Recipe | null;
  readonly run: RunState;
  /** The run takes long enough to be told of; quick reruns change the figures and nothing else. */
  readonly slow: boolean;
  readonly summary: ModelSummary | null;
  /** Rows of the list, in the model's order. */
  readonly stubs: readonly LayerStub[];
  /** By index: those that are done. A rerun replaces them one by one. */
  readonly layers: ReadonlyMap<number, LayerReport>;
  /** Indices whose figures are of an older recipe, while a run goes on or after one was cancelled. */
  readonly waiting: ReadonlySet<number>;
  /** Over the layers that are done. */
  readonly totals: Totals | null;
  readonly problems: readonly Problem[];
  /** How the shown recipe was chosen for a budget; null when it was not. */
  readonly budget: BudgetResult | null;
  /** Why the last budget that was asked for cannot be met. */
  readonly refused: string | null;
  /** The file that is being written, or that was written last. */
  readonly writing: WriteState | null;
  /** The files are no longer those that the figures were made from. */
  readonly stale: 'changed' | 'missing' | null;
  readonly kept: Kept;
  /** Counts what has become known of studies. */
  readonly studied: number;
  /** Counts the changes of theme: what is drawn on a canvas is drawn again. */
  readonly theme: number;
}

export type RunState =
  | { readonly kind: 'opening' }
  /** Before the layers: thresholds over all of them, or the choice for a budget. */
  | { readonly kind: 'preparing'; readonly done: number; readonly of: number }
  | { readonly kind: 'running'; readonly done: number; readonly of: number }
  | { readonly kind: 'done'; readonly told: DoneNote | null }
  | { readonly kind: 'cancelled'; readonly done: number; readonly of: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type WriteState =
  /** `share` is null until there is a place to write to. */
  | { readonly kind: 'writing'; readonly what: WriteWhat; readonly share: number | null }
  | { readonly kind: 'written'; readonly what: WriteWhat; readonly written: Written };

export type WriteWhat = 'compress' | 'export';

/** What is said of a run that ended: it was asked for and brought the same, or other figures; or it was cancelled and the one before stays. */
export type DoneNote = 'same' | 'again' | 'cancelled';

export interface Store {
  get(): State;
  set(change: Partial<State>): void;
  keep(change: Partial<Kept>): void;
  /** Called once a frame after changes, with the newest state. */
  subscribe(listener: (state: State) => void): void;
}

export const isBusy = ({ run }: Pick<State, 'run'>): boolean =>
  run.kind === 'opening' || run.kind === 'preparing' || run.kind === 'running';

/** `later` puts listeners off until the next frame, so that a burst of changes is drawn once. */
export function createStore(initial: State, later: (task: () => void) => void): Store {
  let state = initial;
  let planned = false;
  const listeners: ((state: State) => void)[] = [];
  const set = (change: Partial<State>): void => {
    state = { ...state, ...change };
    if (planned) return;
    planned = true;
    later(() => {
      planned = false;
      for (const listener of listeners) listener(state);
    });
  };
  return {
    get: () => state,
    set,
    keep: (change) => set({ kept: { ...state.kept, ...change } }),
    subscribe: (listener) => {
      listeners.push(listener);
    },
  };
}
