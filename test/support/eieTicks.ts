import type { Slices } from '../../analyzers/kernels/eieCycles.ts';

/**
 * EIE clock tick by clock tick, as plainly as can be: a scanner that finds non-zero activations, a queue for each PE,
 * a pointer read of two cycles, one entry a cycle. Returns the cycle in which the last PE is done, before the pipeline
 * drains. `places`: where each active column stands among the activations.
 */
export function eieTicks(
  slices: Slices,
  active: readonly number[],
  places: readonly number[],
  ring: number,
): number {
  const { pes, entries } = slices;
  const queues: { column: number; at: number }[][] = Array.from({ length: pes }, () => []);
  const left = new Array<number>(pes).fill(0);
  let next = 0;
  let scanned = 0;
  const groups = places.map((place) => Math.floor(place / pes));
  for (let tick = 0; ; tick += 1) {
    // Each PE that is free takes the head of its queue, if its pointers have been read.
    for (let pe = 0; pe < pes; pe += 1) {
      if (left[pe]! > 0) continue;
      const head = queues[pe]![0];
      if (head === undefined || tick < head.at + 2) continue;
      queues[pe]!.shift();
      left[pe] = Math.max(1, entries[head.column * pes + pe]!);
    }
    // The scanner: a group a tick; the next activation goes out when no queue is full.
    if (next < active.length) {
      if (groups[next]! > scanned) scanned += 1;
      else if (queues.every((queue) => queue.length < ring - 1)) {
        for (const queue of queues) queue.push({ column: active[next]!, at: tick });
        const lastLane = places[next]! % pes === pes - 1;
        next += 1;
        if (lastLane) scanned += 1;
      }
    }
    for (let pe = 0; pe < pes; pe += 1) if (left[pe]! > 0) left[pe]! -= 1;
    if (next === active.length && queues.every((queue) => queue.length === 0) && left.every((n) => n === 0))
      return tick + 1;
  }
}
