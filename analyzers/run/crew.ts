import { Caller, type Failure, type Port } from '../rpc/channel.ts';
import type { AnalyzerContract } from '../rpc/contracts.ts';
import { CodedError } from '../rpc/failure.ts';

/** A thread that serves AnalyzerContract over its port. The port closes when the thread ends, for whatever reason. */
export interface SpawnedWorker {
  readonly port: Port;
  terminate(): Promise<unknown>;
}

/** A cancelled call that is not answered within so long ends its worker: milliseconds. */
export const graceMs = 200;
/** A call whose worker dies is tried on so many workers. */
const attempts = 2;

type Method = keyof AnalyzerContract;

export interface WorkerCall<M extends Method> {
  readonly method: M;
  readonly args: AnalyzerContract[M]['args'];
  readonly signal: AbortSignal;
  readonly progress?: (value: AnalyzerContract[M]['progress']) => void;
  /** The worker that is likely to remember the weights; another one takes the call when that one is busy. */
  readonly prefer?: number | undefined;
  /** Somebody looks at the screen: it does not wait until a worker is free, and works beside another call. */
  readonly urgent?: boolean;
}

/** An answer, and the place of the worker that gave it. */
export interface Answer<M extends Method> {
  readonly value: AnalyzerContract[M]['result'];
  readonly worker: number;
}

interface Task {
  readonly call: WorkerCall<Method>;
  /** Follows the call's own signal. */
  readonly stop: AbortController;
  tries: number;
  readonly resolve: (answer: Answer<Method>) => void;
  readonly reject: (error: unknown) => void;
}

interface Live {
  readonly worker: SpawnedWorker;
  readonly caller: Caller<AnalyzerContract>;
  dead: boolean;
}

/** A worker's place; the worker in it is started when there is work and replaced when it dies. */
interface Place {
  readonly index: number;
  live: Live | null;
  /** Waiting calls that prefer it. */
  readonly own: Set<Task>;
  /** A call occupies it; urgent ones come beside it. */
  busy: boolean;
  urgent: number;
  /** Waits for the answers to cancelled calls. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Workers and the queue before them. Every call is answered once: with the worker's answer, with AbortError as soon
 * as its signal says so, or with 'analysis/worker-died' when two workers died of it.
 */
export class Crew {
  readonly #spawn: () => SpawnedWorker;
  readonly #places: readonly Place[];
  readonly #ending = new Set<Promise<unknown>>();
  readonly #followed = new Map<AbortSignal, { readonly tasks: Set<Task>; readonly listener: () => void }>();
  /** Calls that no worker has yet, in the order in which they came; the urgent ones apart. */
  readonly #waiting = new Set<Task>();
  readonly #urgent = new Set<Task>();
  #closed: Failure | null = null;

  constructor(spawn: () => SpawnedWorker, workers: number) {
    this.#spawn = spawn;
    this.#places = Array.from({ length: Math.max(1, workers) }, (_, index) => ({
      index,
      live: null,
      own: new Set<Task>(),
      busy: false,
      urgent: 0,
      timer: undefined,
    }));
  }

  call<M extends Method>(call: WorkerCall<M>): Promise<Answer<M>> {
    return new Promise<Answer<M>>((resolve, reject) => {
      const { signal } = call;
      if (signal.aborted) {
        reject(cancelled());
        return;
      }
      const task: Task = {
        call: call as unknown as WorkerCall<Method>,
        stop: new AbortController(),
        tries: 0,
        resolve: (answer) => {
          this.#unfollow(signal, task);
          resolve(answer as Answer<M>);
        },
        reject: (error) => {
          this.#unfollow(signal, task);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      this.#follow(signal, task);
      this.#enqueue(task);
      this.#deal();
    });
  }

  /** One listener a signal, however many calls a run has: Node takes many listeners for a leak. */
  #follow(signal: AbortSignal, task: Task): void {
    const followed = this.#followed.get(signal);
    if (followed !== undefined) {
      followed.tasks.add(task);
      return;
    }
    const tasks = new Set([task]);
    const listener = (): void => {
      this.#followed.delete(signal);
      // Before anything is dealt anew.
      const waiting = [...tasks].filter((one) => this.#dequeue(one));
      for (const one of tasks) one.stop.abort();
      for (const one of waiting) one.reject(cancelled());
    };
    this.#followed.set(signal, { tasks, listener });
    signal.addEventListener('abort', listener, { once: true });
  }

  #unfollow(signal: AbortSignal, task: Task): void {
    const followed = this.#followed.get(signal);
    followed?.tasks.delete(task);
    if (followed?.tasks.size !== 0) return;
    signal.removeEventListener('abort', followed.listener);
    this.#followed.delete(signal);
  }

  /** Ends the workers; resolves when all are gone. Calls that are open or come later fail. */
  async close(): Promise<void> {
    this.#closed ??= { code: 'closed', message: 'the workers were given back' };
    this.#refuse(this.#closed);
    for (const place of this.#places) this.#end(place, this.#closed);
    await Promise.allSettled(this.#ending);
  }

  #enqueue(task: Task): void {
    const { prefer, urgent } = task.call;
    if (urgent === true) this.#urgent.add(task);
    else {
      this.#waiting.add(task);
      if (prefer !== undefined) this.#places[prefer]?.own.add(task);
    }
  }

  /** Whether it was waiting. */
  #dequeue(task: Task): boolean {
    const { prefer } = task.call;
    if (prefer !== undefined) this.#places[prefer]?.own.delete(task);
    return this.#waiting.delete(task) || this.#urgent.delete(task);
  }

  #refuse({ code, message }: Failure): void {
    for (const task of [...this.#urgent, ...this.#waiting])
      if (this.#dequeue(task)) task.reject(new CodedError(code, message));
  }

  /** Gives waiting calls to workers. Called whenever a call comes, a worker gets free, or one dies. */
  #deal(): void {
    if (this.#closed !== null) {
      this.#refuse(this.#closed);
      return;
    }
    for (const task of this.#urgent) {
      const place = this.#placeForUrgent(task);
      if (place !== undefined) this.#start(task, place);
    }
    // First whoever has work of its own: then nobody takes a layer that another worker remembers and is free for.
    for (const own of [true, false]) {
      for (const place of this.#places) {
        if (place.busy || place.timer !== undefined) continue;
        const [task] = own ? place.own : this.#waiting;
        if (task !== undefined) this.#start(task, place);
      }
    }
  }

  #placeForUrgent({ call }: Task): Place | undefined {
    const usable = this.#places.filter((place) => place.timer === undefined);
    return (
      usable.find((place) => place.index === call.prefer && place.live !== null) ??
      usable.find((place) => !place.busy && place.urgent === 0) ??
      usable.toSorted((a, b) => a.urgent - b.urgent)[0]
    );
  }

  #start(task: Task, place: Place): void {
    this.#dequeue(task);
    const { call } = task;
    const urgent = call.urgent === true;
    if (urgent) place.urgent += 1;
    else place.busy = true;
    let live: Live;
    try {
      live = place.live ??= this.#hire(place);
    } catch (error) {
      task.reject(error);
      this.#leave(place, urgent);
      return;
    }
    task.tries += 1;
    const { progress } = call;
    const { signal } = task.stop;
    live.caller.call(call.method, call.args, { signal, ...(progress !== undefined && { progress }) }).then(
      (value) => {
        task.resolve({ value, worker: place.index });
        this.#leave(place, urgent);
      },
      (error: unknown) => {
        if (live.dead && !signal.aborted && this.#closed === null && task.tries < attempts)
          this.#enqueue(task);
        else task.reject(error);
        this.#leave(place, urgent);
      },
    );
  }

  #hire(place: Place): Live {
    const worker = this.#spawn();
    const caller = new Caller<AnalyzerContract>(worker.port);
    const live: Live = { worker, caller, dead: false };
    worker.port.onClose(() => {
      live.dead = true;
      if (place.live === live) place.live = null;
    });
    return live;
  }

  #leave(place: Place, urgent: boolean): void {
    if (urgent) place.urgent -= 1;
    else place.busy = false;
    this.#settle(place);
    this.#deal();
  }

  /** A worker that still computes what was cancelled gets nothing new; after the grace it is ended. */
  #settle(place: Place): void {
    const { live } = place;
    if (live === null || place.busy || place.timer !== undefined || live.caller.abandoned === 0) return;
    const done = (): void => {
      clearTimeout(place.timer);
      place.timer = undefined;
    };
    place.timer = setTimeout(() => {
      done();
      if (place.live !== live) return;
      // Somebody still waits for another answer of this worker: it is looked at again.
      if (live.caller.open > 0) this.#settle(place);
      else this.#end(place, { code: 'aborted', message: 'the worker did not stop in time' });
      this.#deal();
    }, graceMs);
    void live.caller.quiet().then(() => {
      if (place.live !== live && place.live !== null) return;
      done();
      this.#deal();
    });
  }

  #end(place: Place, reason: Failure): void {
    const { live } = place;
    if (live === null) return;
    place.live = null;
    clearTimeout(place.timer);
    place.timer = undefined;
    live.caller.close(reason);
    const ended = live.worker.terminate().catch(() => undefined);
    this.#ending.add(ended);
    void ended.then(() => this.#ending.delete(ended));
  }
}

const cancelled = (): Error => new DOMException('The call was cancelled', 'AbortError');
