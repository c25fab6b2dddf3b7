/** What a file was when it was read: size in bytes and time of its last change in milliseconds; null when it is missing. */
export interface FileStamp {
  readonly size: number;
  readonly mtime: number;
}

/** Files by name or path with their stamps; equal texts mean that nothing changed. */
export const stampText = (files: ReadonlyMap<string, FileStamp | null>): string =>
  JSON.stringify([...files].map(([name, stamp]) => [name, stamp && [stamp.size, stamp.mtime]]));

/** Equal recipes give equal keys: the order of object keys does not matter, the order of rules does. */
export const recipeKey = (recipe: unknown): string =>
  JSON.stringify(recipe, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** The most recently used entries, `most` at most; the others are forgotten. */
export class RecentMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) break;
      this.#entries.delete(oldest);
    }
  }
}
