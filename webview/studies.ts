import type { BreakEvenStudy } from '../analyzers/report/breakEven.ts';
import { plainMessage } from '../analyzers/report/clean.ts';
import type { EieStudy } from '../analyzers/report/eieStudy.ts';
import type { LayerReport } from '../analyzers/report/layerReport.ts';
import type { CodebookStudy, CoderStudy, Sensitivity, StudyKind } from '../analyzers/report/studies.ts';
import type { LayerStudy } from '../analyzers/rpc/contracts.ts';
import { failureOf } from '../analyzers/rpc/failure.ts';
import type { Session } from './session.ts';
import { isBusy, type State } from './store.ts';

interface Kinds {
  readonly sensitivity: Sensitivity;
  readonly codebooks: CodebookStudy;
  readonly coders: CoderStudy;
  readonly eie: EieStudy;
  readonly breakEven: BreakEvenStudy;
}

/** What is known of a study now. */
export type Studied<T> =
  /** The figures that it would be of are still being made. */
  | { readonly kind: 'waits' }
  | { readonly kind: 'running'; readonly share: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly value: T };

/** Studies of single layers: asked for when they are looked at, given up when nobody looks, kept while figures stay. */
export interface Studies {
  /** Asks for the study of the layer in sight; `null` when no study is in sight. */
  look(at: { readonly what: StudyKind; readonly layer: LayerReport } | null, state: State): void;
  /** Asks for a study that is never made by itself; it ends when its layer's study in sight is left. */
  press(what: StudyKind, layer: LayerReport): void;
  /** Whether `press` asked for it, or it is known. */
  isPressed(what: StudyKind, layer: LayerReport): boolean;
  of<K extends StudyKind>(what: K, layer: LayerReport): Studied<Kinds[K]>;
  again(): void;
}

const mostKept = 24;

type Entry =
  | { readonly kind: 'running'; readonly share: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly study: LayerStudy };

interface Asked {
  readonly key: string;
  readonly stop: AbortController;
}

/** `changed` is called when what is known of the study in sight is another thing than before. */
export function createStudies(session: Pick<Session, 'study'>, changed: () => void): Studies {
  const kept = new Map<string, Entry>();
  let sight: Asked | null = null;
  let pressed: Asked | null = null;
  let waits = false;

  const put = (key: string, entry: Entry): void => {
    kept.delete(key);
    kept.set(key, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
  };
  const drop = (asked: Asked | null): void => {
    if (asked === null) return;
    asked.stop.abort();
    if (kept.get(asked.key)?.kind === 'running') kept.delete(asked.key);
  };
  const leave = (): void => {
    drop(sight);
    drop(pressed);
    sight = null;
    pressed = null;
  };
  const begin = (key: string, layer: number, what: StudyKind): Asked => {
    const stop = new AbortController();
    if (kept.has(key)) return { key, stop };
    put(key, { kind: 'running', share: 0 });
    const tell = (entry: Entry): void => {
      if (stop.signal.aborted) return;
      put(key, entry);
      changed();
    };
    let told = 0;
    session
      .study(layer, what, {
        signal: stop.signal,
        progress: (share) => {
          if (share < told + 0.01) return;
          told = share;
          tell({ kind: 'running', share });
        },
      })
      .then(
        (study) => tell({ kind: 'done', study }),
        (error: unknown) => tell({ kind: 'failed', message: plainMessage(failureOf(error).message) }),
      );
    return { key, stop };
  };
  const keyOf = (what: StudyKind, { index, prune, share, encode }: LayerReport): string =>
    JSON.stringify([
      what,
      index,
      prune?.rule,
      prune?.threshold,
      [share?.method, share?.bits, share?.k, share?.mse, share?.groups?.by, share?.groups?.size],
      encode?.bits,
      whole,
    ]);
  /** What a study may depend on besides its layer: the file's state, and the size that a budget would be of. */
  let whole: unknown = null;

  return {
    look(at, state) {
      waits = isBusy(state);
      if (at === null || waits) {
        leave();
        return;
      }
      whole = [state.summary?.fingerprint, at.what === 'sensitivity' ? state.totals?.bits.coded : 0];
      const key = keyOf(at.what, at.layer);
      if (sight?.key === key && kept.has(key)) return;
      leave();
      sight = begin(key, at.layer.index, at.what);
    },
    press(what, layer) {
      if (waits) return;
      drop(pressed);
      const key = keyOf(what, layer);
      if (kept.get(key)?.kind === 'failed') kept.delete(key);
      pressed = begin(key, layer.index, what);
      changed();
    },
    isPressed: (what, layer) => kept.has(keyOf(what, layer)),
    of<K extends StudyKind>(what: K, layer: LayerReport): Studied<Kinds[K]> {
      if (waits) return { kind: 'waits' };
      const entry = kept.get(keyOf(what, layer));
      if (entry === undefined) return { kind: 'waits' };
      if (entry.kind !== 'done') return entry;
      const value = (entry.study as Partial<Kinds>)[what];
      return value === undefined
        ? { kind: 'failed', message: 'This study was not made for this layer.' }
        : { kind: 'done', value };
    },
    again() {
      if (sight !== null && kept.get(sight.key)?.kind === 'failed') kept.delete(sight.key);
      changed();
    },
  };
}
