import { failureOf } from '../analyzers/rpc/failure.ts';
import type { Excerpt, ExportFormat, LayerStudy, RunProgress } from '../analyzers/rpc/contracts.ts';
import { presets } from '../analyzers/report/presets.ts';
import type { Recipe } from '../analyzers/report/recipe.ts';
import type { Report } from '../analyzers/report/report.ts';
import type { StudyKind } from '../analyzers/report/studies.ts';
import type { Tile, TileWindow } from '../analyzers/report/tile.ts';
import { totalsOf } from '../analyzers/report/totals.ts';
import type { Host } from './host.ts';
import { mostUndo } from './kept.ts';
import type { DoneNote, State, Store, WriteWhat } from './store.ts';

/** What the page can do: every button, key and slider ends in one of these. */
export interface Session {
  start(): Promise<void>;
  /** Runs with this recipe; what was shown before goes to the undo list. `lasting` false: a slider is still moving. */
  edit(recipe: Recipe, lasting?: boolean): void;
  /** Ends a burst of edits: the next one is a step of its own. */
  settle(): void;
  undo(): void;
  rerun(): void;
  cancel(): void;
  choosePreset(name: string): void;
  exportReport(as: ExportFormat): void;
  /** Asks for a place and writes there what the shown recipe gives. */
  writeModel(what: WriteWhat, removeDeadUnits: boolean): void;
  cancelWrite(): void;
  /** Takes the result of the last writing off the page. */
  forgetWritten(): void;
  revealWritten(): void;
  saveRecipe(): void;
  openAs(what: 'hex' | 'text' | 'problems', code: string | null): void;
  /** At most 64 bytes around a place of a file that could not be read whole. */
  excerpt(offset: number | null): Promise<Excerpt>;
  tile(layer: number, window: TileWindow, pruned: boolean, signal: AbortSignal): Promise<Tile>;
  study(
    layer: number,
    what: StudyKind,
    options: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
  ): Promise<LayerStudy>;
  select(layer: number | null): void;
}

/** A rerun that ends within this many milliseconds is not announced. */
const quickMs = 250;

/** What the user asked of the host. When it fails the host says so itself. */
const ask = (task: Promise<void>): void => {
  task.catch(() => undefined);
};

export function createSession(host: Host, store: Store): Session {
  let run: AbortController | null = null;
  /** The recipe before a slider began to move. */
  let before: Recipe | null = null;
  let writing: AbortController | null = null;
  /** The newest run that ended: a rerun that is cancelled gives way to it. */
  let newest: Report | null = null;

  const analyze = async (recipe: Recipe, asked = false): Promise<void> => {
    run?.abort();
    const mine = new AbortController();
    run = mine;
    const { layers } = store.get();
    const slowly = setTimeout(() => store.set({ slow: true }), quickMs);
    store.set({
      recipe,
      run: { kind: 'opening' },
      slow: false,
      refused: null,
      waiting: new Set(layers.keys()),
      kept: { ...store.get().kept, recipe },
    });
    // Layers may be done by the hundred: what comes within a frame is taken in at once.
    let steps: RunProgress[] = [];
    const flush = (): void => {
      if (run !== mine || steps.length === 0) return;
      store.set(takeAll(store.get(), steps));
      stayInside(store);
      steps = [];
    };
    const gather = (step: RunProgress): void => {
      steps.push(step);
      if (steps.length === 1) requestAnimationFrame(flush);
    };
    try {
      const report = await host.calls.call('analyze', { recipe }, { signal: mine.signal, progress: gather });
      if (run !== mine) return;
      steps = [];
      const told = !asked ? null : newest !== null && sameFigures(newest, report) ? 'same' : 'again';
      newest = report;
      store.set({ ...finished(report, told), stale: null });
      stayInside(store);
    } catch (error) {
      flush();
      if (run !== mine) return;
      before = null;
      store.set(ended(store.get(), error, newest));
      stayInside(store);
    } finally {
      clearTimeout(slowly);
    }
  };

  const again = (): void => {
    const { recipe } = store.get();
    if (recipe !== null) void analyze(recipe, true);
  };

  const edit = (recipe: Recipe, lasting = true): void => {
    const { recipe: current, kept } = store.get();
    const old = before ?? current;
    if (old !== null && before === null) store.keep({ undo: [...kept.undo, old].slice(-mostUndo) });
    before = lasting ? null : old;
    void analyze(recipe);
  };

  const writeModel = async (what: WriteWhat, removeDeadUnits: boolean): Promise<void> => {
    const { recipe, writing: at } = store.get();
    if (recipe === null || at?.kind === 'writing') return;
    const mine = new AbortController();
    writing = mine;
    store.set({ writing: { kind: 'writing', what, share: null } });
    try {
      const written = await host.calls.call(
        'writeModel',
        { recipe, what, removeDeadUnits },
        {
          signal: mine.signal,
          progress: ({ share }) => {
            if (writing === mine) store.set({ writing: { kind: 'writing', what, share } });
          },
        },
      );
      store.set({ writing: written === null ? null : { kind: 'written', what, written } });
    } catch {
      // The host says why.
      store.set({ writing: null });
    } finally {
      writing = null;
    }
  };

  host.answer({
    changed: ({ reason }) => store.set({ stale: reason }),
    rerun: ({ recipe }) => {
      if (recipe === null) again();
      else edit(recipe);
    },
    select: ({ layer }) => store.keep({ selected: layer }),
  });

  return {
    async start() {
      const { title, recipe, presets: names, restricted } = await host.calls.call('ready', undefined);
      store.set({ title, presets: names, restricted });
      await analyze(store.get().kept.recipe ?? recipe);
    },
    edit,
    settle() {
      before = null;
    },
    undo() {
      const { undo } = store.get().kept;
      const last = undo.at(-1);
      if (last === undefined) return;
      before = null;
      store.keep({ undo: undo.slice(0, -1) });
      void analyze(last);
    },
    rerun: again,
    cancel() {
      const { run: at } = store.get();
      // Every row is there: the report is about to come.
      if (at.kind !== 'running' || at.done < at.of) run?.abort();
    },
    choosePreset(name) {
      const preset = Object.entries(presets).find(([id]) => id === name)?.[1];
      if (preset !== undefined) edit(preset);
    },
    exportReport: (as) => ask(host.calls.call('exportReport', { as })),
    writeModel: (what, removeDeadUnits) => void writeModel(what, removeDeadUnits),
    cancelWrite: () => writing?.abort(),
    forgetWritten: () => store.set({ writing: null }),
    revealWritten: () => ask(host.calls.call('revealWritten', undefined)),
    saveRecipe() {
      const { recipe } = store.get();
      if (recipe !== null) ask(host.calls.call('saveRecipe', { recipe }));
    },
    openAs: (what, code) => ask(host.calls.call('openAs', { what, code })),
    excerpt: (offset) => host.calls.call('excerpt', { offset }),
    tile: (layer, window, pruned, signal) => host.calls.call('tile', { layer, window, pruned }, { signal }),
    study: (layer, what, { signal, progress }) =>
      host.calls.call('study', { layer, what }, { signal, progress: ({ share }) => progress(share) }),
    select: (layer) => store.keep({ selected: layer }),
  };
}

/** A selection kept from another file may lie beyond this one's layers. */
function stayInside(store: Store): void {
  const { kept, stubs } = store.get();
  if (kept.selected !== null && kept.selected >= stubs.length) store.keep({ selected: null });
}

/** The state after some steps of a run. Figures of the same rows stay until theirs come anew. */
export function takeAll(state: State, steps: readonly RunProgress[]): Partial<State> {
  let { summary, stubs, problems, run } = state;
  const layers = new Map(state.layers);
  const waiting = new Set(state.waiting);
  for (const step of steps) {
    if (step.kind === 'opened') {
      if (!sameRows(stubs, step.layers)) layers.clear();
      waiting.clear();
      for (const index of layers.keys()) waiting.add(index);
      ({ summary, layers: stubs, problems } = step);
      run = { kind: 'running', done: 0, of: stubs.length };
    } else if (step.kind === 'preparing') {
      run = { kind: 'preparing', done: step.done, of: step.of };
    } else {
      layers.set(step.layer.index, step.layer);
      waiting.delete(step.layer.index);
      run = { kind: 'running', done: step.done, of: step.of };
    }
  }
  const totals = summary === null ? null : totalsOf(summary, [...layers.values()]);
  return { summary, stubs, problems, run, layers, waiting, totals };
}

const sameRows = (a: State['stubs'], b: State['stubs']): boolean =>
  a.length === b.length && a.every((stub, i) => stub.name === b[i]?.name && stub.weights === b[i]?.weights);

export function finished(report: Report, told: DoneNote | null = null): Partial<State> {
  return {
    recipe: report.recipe,
    run: { kind: 'done', told },
    summary: report.model,
    stubs: report.layers,
    layers: new Map(report.layers.map((layer) => [layer.index, layer])),
    waiting: new Set(),
    totals: report.totals,
    problems: report.problems,
    budget: report.budget,
  };
}

/**
 * Cancelled: the figures of the run before, or of a first run what was read. Failed: figures of an earlier run stay
 * too, unless there are none.
 */
export function ended(state: State, error: unknown, last: Report | null = null): Partial<State> {
  const failure = failureOf(error);
  const budget = state.recipe?.budget ?? null;
  if (failure.code !== 'aborted' && (budget === null || last === null))
    return { run: { kind: 'failed', failure } };
  // A budget that cannot be met is asked for no more: what is changed next is changed in the recipe before.
  const refused = failure.code === 'aborted' ? null : failure.message;
  if (last !== null) {
    // The step that was cancelled is none to go back by.
    const { undo } = state.kept;
    const same = JSON.stringify(undo.at(-1)) === JSON.stringify(last.recipe);
    const kept = { ...state.kept, recipe: last.recipe, undo: same ? undo.slice(0, -1) : undo };
    return { ...finished(last, refused === null ? 'cancelled' : null), kept, refused };
  }
  const done = [...state.layers.keys()].filter((index) => !state.waiting.has(index)).length;
  return { run: { kind: 'cancelled', done, of: state.stubs.length } };
}

const sameFigures = (a: Report, b: Report): boolean =>
  JSON.stringify([a.model, a.totals]) === JSON.stringify([b.model, b.totals]);
