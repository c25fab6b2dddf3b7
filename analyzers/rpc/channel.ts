import { CodedError, failureOf, rebuilt, type Failure } from './failure.ts';

export type { Failure };

/** What travels over a port, both ways. Ids are numbered by the side that calls. */
export type Envelope =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly args: unknown }
  | { readonly kind: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: Failure };

/** One end of a connection: a worker's, a page's. Handlers are called in the order in which they came. */
export interface Port {
  /** Throws when the message cannot be cloned. `transfer` moves buffers instead of copying them, where a port can. */
  post(message: Envelope, transfer?: readonly ArrayBuffer[]): void;
  onMessage(handler: (message: Envelope) => void): void;
  /** Called once, when no message will come or go any more. */
  onClose(handler: (reason: Failure) => void): void;
}

export type Contract<C> = { [M in keyof C]: { args: unknown; progress: unknown; result: unknown } };

/** What a handler has beside its arguments. */
export interface CallContext<P> {
  /** Aborted when the caller cancels and when the port closes. */
  readonly signal: AbortSignal;
  /** Tells the caller something on the way. After the answer it does nothing. */
  readonly progress: (value: P) => void;
  /** Buffers of the answer that may leave this thread: they are moved, not copied. */
  readonly transfer: (...buffers: readonly ArrayBuffer[]) => void;
}

export type Handlers<C extends Contract<C>> = {
  readonly [M in keyof C]: (
    args: C[M]['args'],
    context: CallContext<C[M]['progress']>,
  ) => Promise<C[M]['result']> | C[M]['result'];
};

/** Decides whether arguments have the shape that the contract says; one for each method. */
export type Guards<C extends Contract<C>> = {
  readonly [M in keyof C]: (args: unknown) => args is C[M]['args'];
};

/**
 * Answers every call exactly once: with `done`, or with `failed` and a code.
 * With `guards`, a handler never sees arguments of another shape ('bad-arguments').
 */
export function serve<C extends Contract<C>>(port: Port, handlers: Handlers<C>, guards?: Guards<C>): void {
  const running = new Map<number, AbortController>();
  let open = true;

  const post = (message: Envelope, transfer?: readonly ArrayBuffer[]): void => {
    if (open) port.post(message, transfer);
  };

  const answer = async (id: number, method: string, args: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    const buffers: ArrayBuffer[] = [];
    let result: Envelope;
    try {
      if (!Object.hasOwn(handlers, method))
        throw new CodedError('unknown-method', `there is no method '${method}'`);
      const guard = guards?.[method as keyof C];
      if (guards !== undefined && guard?.(args) !== true)
        throw new CodedError('bad-arguments', `'${method}' was called with arguments that it does not take`);
      const handler = handlers[method as keyof C];
      const value = await handler(args, {
        signal: controller.signal,
        progress: (step) => {
          if (running.get(id) === controller) post({ kind: 'progress', id, value: step });
        },
        transfer: (...more) => {
          buffers.push(...more);
        },
      });
      result = { kind: 'done', id, value };
    } catch (error) {
      result = { kind: 'failed', id, error: failureOf(error) };
    }
    running.delete(id);
    try {
      post(result, buffers);
    } catch (error) {
      post({ kind: 'failed', id, error: failureOf(error) });
    }
  };

  port.onMessage((message) => {
    if (!isEnvelope(message) || !open) return;
    if (message.kind === 'cancel') running.get(message.id)?.abort();
    // A second call under a number that is being answered is no call: one number, one answer.
    if (message.kind === 'call' && !running.has(message.id))
      void answer(message.id, message.method, message.args);
  });
  port.onClose(() => {
    open = false;
    for (const controller of running.values()) controller.abort();
  });
}

interface OpenCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly progress: (value: unknown) => void;
}

/**
 * The calling side of a port. A call ends with its answer, with the port ('failed' with the port's reason), or at
 * once with its signal (AbortError); whatever comes after that is ignored.
 */
export class Caller<C extends Contract<C>> {
  readonly #port: Port;
  readonly #open = new Map<number, OpenCall>();
  readonly #abandoned = new Set<number>();
  #waiting: (() => void)[] = [];
  #next = 1;
  #closed: Failure | null = null;

  constructor(port: Port) {
    this.#port = port;
    port.onMessage((message) => {
      if (isEnvelope(message)) this.#receive(message);
    });
    port.onClose((reason) => this.#end(reason));
  }

  /** Calls that have no answer yet. */
  get open(): number {
    return this.#open.size;
  }

  /** Calls that were given up here and that the other side has not answered yet. */
  get abandoned(): number {
    return this.#abandoned.size;
  }

  call<M extends keyof C & string>(
    method: M,
    args: C[M]['args'],
    options: { readonly signal?: AbortSignal; readonly progress?: (value: C[M]['progress']) => void } = {},
  ): Promise<C[M]['result']> {
    const { signal, progress } = options;
    return new Promise<C[M]['result']>((resolve, reject) => {
      if (this.#closed !== null) throw rebuilt(this.#closed);
      if (signal?.aborted === true) throw aborted();
      const id = this.#next++;
      const giveUp = (error: Error): void => {
        signal?.removeEventListener('abort', abort);
        if (!this.#open.delete(id)) return;
        this.#abandoned.add(id);
        reject(error);
        this.#post({ kind: 'cancel', id });
      };
      const abort = (): void => giveUp(aborted());
      const settle = (finish: () => void): void => {
        signal?.removeEventListener('abort', abort);
        finish();
      };
      this.#open.set(id, {
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
        progress: (value) => {
          try {
            progress?.(value);
          } catch (error) {
            giveUp(error instanceof Error ? error : new Error(String(error)));
          }
        },
      });
      signal?.addEventListener('abort', abort, { once: true });
      try {
        this.#port.post({ kind: 'call', id, method, args });
      } catch (error) {
        this.#open.get(id)?.reject(rebuilt(failureOf(error)));
        this.#open.delete(id);
      }
    });
  }

  /** Resolves when the other side has answered every call that was given up here, or is gone. */
  quiet(): Promise<void> {
    if (this.#abandoned.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Fails what is open and takes no more calls. The port itself belongs to whoever made it. */
  close(reason: Failure = { code: 'closed', message: 'the connection was closed' }): void {
    this.#end(reason);
  }

  #post(message: Envelope): void {
    if (this.#closed === null) this.#port.post(message);
  }

  #receive(message: Envelope): void {
    if (message.kind === 'call' || message.kind === 'cancel') return;
    const call = this.#open.get(message.id);
    if (message.kind === 'progress') {
      call?.progress(message.value);
      return;
    }
    this.#open.delete(message.id);
    if (this.#abandoned.delete(message.id)) this.#tellQuiet();
    if (message.kind === 'done') call?.resolve(message.value);
    else call?.reject(rebuilt(failureOf(message.error)));
  }

  #end(reason: Failure): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    const calls = [...this.#open.values()];
    this.#open.clear();
    this.#abandoned.clear();
    for (const call of calls) call.reject(rebuilt(reason));
    this.#tellQuiet();
  }

  #tellQuiet(): void {
    if (this.#abandoned.size > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const aborted = (): Error => new DOMException('The call was cancelled', 'AbortError');

/** A port carries what the other side sends: the form of a message is looked at before anything else is. */
const isEnvelope = (message: unknown): message is Envelope => {
  if (typeof message !== 'object' || message === null) return false;
  const { kind, id, method } = message as Partial<Record<string, unknown>>;
  if (!Number.isSafeInteger(id)) return false;
  if (kind === 'call') return typeof method === 'string';
  return kind === 'progress' || kind === 'cancel' || kind === 'done' || kind === 'failed';
};
