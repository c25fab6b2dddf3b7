import type { EieMachine } from '../report/eie.ts';
import type { EieLoss } from '../report/eieStudy.ts';
import { counted, countText } from '../report/units.ts';
import { groupInputs, groupRuns, type EieInput } from './eieEstimate.ts';

type Cause = EieLoss['cause'];

const n = (count: number): string => countText(Math.round(count));

/**
 * Where the cycles of a run go. Of the PE with most to do, the cycles are its entries and empty slices, its waiting,
 * and what the pipeline takes before and after; the mean PE's entries and empty slices are told apart from what the
 * busiest one has above them. The parts sum to the cycles.
 *
 * columnPadding  [groups x cols] padding entries of each column
 */
export function eieLosses(
  input: EieInput,
  machine: EieMachine,
  columnPadding: Uint32Array,
): readonly EieLoss[] {
  const { pes } = machine;
  const { products = 1, cols, groups = 1 } = input;
  const cycles = { work: 0, padding: 0, empty: 0, imbalance: 0, starvation: 0, pipeline: 0 };
  let padding = 0;
  for (const column of input.active) padding += columnPadding[column]! * products;
  let worst = 0;
  let emptySlices = 0;
  let entries = 0;
  const runs = groupRuns(input, machine);
  const inputs = groupInputs(input);
  for (const [group, run] of runs.entries()) {
    const { slices, active } = inputs[group]!;
    const empty = new Float64Array(pes);
    for (const column of active)
      for (let pe = 0; pe < pes; pe += 1) if (slices.entries[column * pes + pe] === 0) empty[pe]! += products;
    const busy = run.work.map((work, pe) => work + empty[pe]!);
    const most = busy.reduce((a, b) => Math.max(a, b), 0);
    worst = busy.indexOf(most);
    const empties = empty.reduce((a, b) => a + b, 0);
    emptySlices += empties;
    entries += run.activeEntries;
    cycles.empty += empties / pes;
    cycles.imbalance += most - (run.activeEntries + empties) / pes;
    cycles.starvation += run.starved[worst]!;
    cycles.pipeline += run.cycles - most - run.starved[worst]!;
  }
  cycles.padding = padding / pes;
  cycles.work = (entries - padding) / pes;
  const who = `PE ${worst.toString()}, the one with most to do,`;
  const texts: Readonly<Record<Cause, string>> = {
    work: `${n(entries - padding)} non-zeros meet a non-zero activation, over ${counted(pes, 'PE')}.`,
    padding: `${n(padding)} padding zeros stand in runs of more than ${n(2 ** machine.indexBits - 1)} zeros; each takes a cycle as a weight does.`,
    empty: `${n(emptySlices)} parts of active columns hold no weight of their PE and take a cycle each.`,
    imbalance:
      groups > 1 || worst < 0
        ? 'In each group the PE with most to do has more than the mean.'
        : `${who} has more than the mean.`,
    starvation:
      groups > 1
        ? 'The PEs with most to do wait for activations that full queues of others hold back.'
        : `${who} waits for activations that full queues of others hold back (ring ${ringText(machine.fifo)}), or that are searched for among zeros.`,
    pipeline: 'The first activation on its way in, and the last result on its way out.',
  };
  if (cols === 0 || runs.length === 0) return [];
  return (Object.keys(texts) as Cause[]).map((cause) => ({
    cause,
    cycles: cycles[cause],
    text: texts[cause],
  }));
}

/** '8 = 7 queued + 1 in the pointer register' */
export const ringText = (ring: number): string =>
  `${ring.toString()} = ${(ring - 1).toString()} queued + 1 in the pointer register`;
