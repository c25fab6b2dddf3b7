interface Run<P, R> {
  /** What was told so far, for a caller that comes later. */
  readonly told: P[];
  readonly listeners: Set<(progress: P) => void>;
  readonly controller: AbortController;
  readonly result: Promise<R>;
}

export interface RunOptions<P> {
  readonly signal: AbortSignal;
  readonly progress: (progress: P) => void;
}

/**
 * Equal runs are computed once. A caller that joins late is first told what was already told; a caller that
 * leaves (its signal) is rejected at once, and the run itself is aborted when the last one has left.
 */
export class SharedRuns<P, R> {
  readonly #runs = new Map<string, Run<P, R>>();

  join(key: string, start: (options: RunOptions<P>) => Promise<R>, options: RunOptions<P>): Promise<R> {
    const { signal, progress } = options;
    if (signal.aborted) return Promise.reject(abortError(signal));
    const run = this.#runs.get(key) ?? this.#begin(key, start);
    for (const told of run.told) progress(told);
    // A wrapper of its own, so that one function may join twice.
    const listener = (value: P): void => progress(value);
    run.listeners.add(listener);
    return new Promise<R>((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', abandon);
        run.listeners.delete(listener);
      };
      const abandon = (): void => {
        leave();
        if (run.listeners.size === 0) {
          if (this.#runs.get(key) === run) this.#runs.delete(key);
          run.controller.abort();
        }
        reject(abortError(signal));
      };
      signal.addEventListener('abort', abandon, { once: true });
      run.result.then(
        (value) => {
          leave();
          resolve(value);
        },
        (error: unknown) => {
          leave();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #begin(key: string, start: (options: RunOptions<P>) => Promise<R>): Run<P, R> {
    const told: P[] = [];
    const listeners = new Set<(progress: P) => void>();
    const controller = new AbortController();
    const progress = (value: P): void => {
      told.push(value);
      for (const listener of listeners) listener(value);
    };
    // The start is put off by a microtask: the first caller listens before anything is told.
    const result = Promise.resolve()
      .then(() => start({ signal: controller.signal, progress }))
      .finally(() => {
        if (this.#runs.get(key)?.result === result) this.#runs.delete(key);
      });
    const run: Run<P, R> = { told, listeners, controller, result };
    this.#runs.set(key, run);
    return run;
  }
}

const abortError = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new DOMException('Cancelled', 'AbortError');
