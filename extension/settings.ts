import type { Recipe } from '../analyzers/report/recipe.ts';

/** What the user may set. `get` reads one key of the section 'slimscope' as VS Code resolved it. */
export interface Settings {
  /** Worker threads; 0 leaves the choice to `threadsFor`. */
  readonly threads: number;
  /** What a report starts from. */
  readonly preset: Recipe['preset'];
  /** Largest model read whole from a place without ranged reads, in 10^6 bytes. */
  readonly maxRemoteMegabytes: number;
}

const within = (value: unknown, least: number, most: number, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(least, Math.floor(value)))
    : otherwise;

const presetNames: readonly string[] = ['as-is', 'deep-compression', 'eie'] satisfies Recipe['preset'][];
const isPreset = (value: unknown): value is Recipe['preset'] =>
  typeof value === 'string' && presetNames.includes(value);

/** One reader a key; a value of the wrong kind counts as not set. The manifest documents the same keys. */
export const settings: { readonly [K in keyof Settings]: (value: unknown) => Settings[K] } = {
  threads: (value) => within(value, 0, 16, 0),
  preset: (value) => (isPreset(value) ? value : 'deep-compression'),
  maxRemoteMegabytes: (value) => within(value, 1, 2000, 256),
};

export const settingsFrom = (get: (key: string) => unknown): Settings => ({
  threads: settings.threads(get('threads')),
  preset: settings.preset(get('preset')),
  maxRemoteMegabytes: settings.maxRemoteMegabytes(get('maxRemoteMegabytes')),
});

/** Threads to start: as set, else one less than the machine offers, from 1 to 4 (each holds its own chunks). */
export const threadsFor = (set: number, parallelism: number): number =>
  set > 0 ? set : Math.min(4, Math.max(1, parallelism - 1));
