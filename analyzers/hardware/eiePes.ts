import { eieCycles } from '../kernels/eieCycles.ts';
import type { EieMachine } from '../report/eie.ts';
import type { EiePes } from '../report/eieStudy.ts';
import { groupInputs, runOf, timingOf, type EieInput } from './eieEstimate.ts';

/** Bins of a timeline. */
const mostBins = 64;

/** Every PE on its own, and of one product also over time. */
export function eiePes(input: EieInput, machine: EieMachine): EiePes {
  const { products = 1, groups = 1 } = input;
  const [only] = groupInputs(input);
  if (only === undefined || products > 1 || groups > 1) {
    const { work, starved } = runOf(input, machine);
    return {
      work: Array.from(work),
      starved: Array.from(starved),
      bins: 0,
      broadcast: [],
      binWork: [],
      binStarved: [],
    };
  }
  const { slices, active, columnAt } = only;
  const { pes } = slices;
  const bins = Math.min(mostBins, active.length);
  const broadcast: number[] = [];
  const binWork: number[] = [];
  const binStarved: number[] = [];
  const before = { work: new Float64Array(pes), starved: new Float64Array(pes) };
  const take = (work: Float64Array, starved: Float64Array): void => {
    for (let pe = 0; pe < pes; pe += 1) {
      binWork.push(work[pe]! - before.work[pe]!);
      binStarved.push(starved[pe]! - before.starved[pe]!);
    }
    before.work.set(work);
    before.starved.set(starved);
  };
  const run = eieCycles(slices, active, timingOf(machine), columnAt, (j, at, work, starved) => {
    // The bin of column j is floor(j * bins / columns): the last one of each closes it.
    if (Math.floor((j * bins) / active.length) === Math.floor(((j + 1) * bins) / active.length)) return;
    broadcast.push(at);
    take(work, starved);
  });
  return {
    work: Array.from(run.work),
    starved: Array.from(run.starved),
    bins,
    broadcast,
    binWork,
    binStarved,
  };
}
