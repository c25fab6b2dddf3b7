import type { Machine, Timing } from '../report/breakEven.ts';

/** What the thread that measures provides. */
export interface Stopwatch {
  readonly machine: Machine;
  /** Milliseconds from some moment on, with fractions. */
  readonly now: () => number;
}

export interface TimingOptions {
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
  /** Resolves in a later turn of the event loop, so that a cancel gets through. */
  readonly breathe: () => Promise<void>;
}

/** Rounds of one measurement: at least the first, then more until so many milliseconds went by, at most the second. */
const rounds = { least: 9, most: 60, untilMs: 150 } as const;

/**
 * Runs the tasks in turn, again and again, after a round that is not counted, and times each run: what disturbs the
 * machine then disturbs all of them.
 */
export async function timed(
  tasks: readonly (() => void | Promise<void>)[],
  { stopwatch: { now }, signal, breathe }: TimingOptions,
): Promise<Timing[]> {
  const times = tasks.map((): number[] => []);
  const began = now();
  for (let round = -1; round < rounds.most; round += 1) {
    if (round >= rounds.least && now() - began >= rounds.untilMs) break;
    for (const [at, task] of tasks.entries()) {
      await breathe();
      signal.throwIfAborted();
      const from = now();
      await task();
      if (round >= 0) times[at]!.push(now() - from);
    }
  }
  return times.map(timingOf);
}

/** Of at least one run. */
export function timingOf(times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (share: number): number => {
    const at = (sorted.length - 1) * share;
    const below = sorted[Math.floor(at)]!;
    return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below);
  };
  return {
    runs: sorted.length,
    minMs: sorted[0]!,
    medianMs: quantile(0.5),
    spreadMs: quantile(0.75) - quantile(0.25),
  };
}
