import type { EieMachine, LayerEie } from '../report/eie.ts';
import type { EieAxis, EiePoint, EieSweep } from '../report/eieStudy.ts';
import pe from '../report/processingElement.json';

const doubled = (from: number, to: number): number[] => {
  const values: number[] = [];
  for (let value = from; value <= to; value *= 2) values.push(value);
  return values;
};
const each = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The machine with one parameter changed, at every value that the sweep of it takes. */
const axes = {
  fifo: { key: 'fifo', values: [2, 3, 4, ...doubled(8, 256)] },
  pes: { key: 'pes', values: doubled(1, 256) },
  width: { key: 'sramBits', values: doubled(32, 512) },
  index: { key: 'indexBits', values: each(1, 8) },
  code: { key: 'codeBits', values: each(1, 8) },
} as const satisfies Readonly<
  Record<EieAxis, { readonly key: keyof EieMachine; readonly values: readonly number[] }>
>;

export const machinesOf = (
  axis: EieAxis,
  machine: EieMachine,
): readonly { readonly value: number; readonly machine: EieMachine }[] =>
  axes[axis].values.map((value) => ({ value, machine: { ...machine, [axes[axis].key]: value } }));

/** Share of a PE's power that reading the sparse matrix takes, at 64 bits a read (EIE, Table II). */
const readShare = (pe.modules.find(({ name }) => name === 'SpmatRead')?.powerMw ?? 0) / pe.total.powerMw;

/** Bits of a read that the published power is of. */
const publishedBits = 64;

/** Energy of a read against one of 64 bits: half of it whatever the width, half in proportion. Assumed. */
const readCost = (bits: number): number => 0.5 + 0.5 * (bits / publishedBits);

const rate = ({ spmatReads, cycles }: LayerEie): number => (cycles === 0 ? 0 : spmatReads / cycles);

/**
 * Microjoules of a machine whose entries or reads differ from the published ones. The published power and the time,
 * but the part of the power that reads the sparse matrix goes with the reads a cycle and with their width, against the
 * machine `base` that is swept from.
 */
function assumedUj(point: LayerEie, machine: EieMachine, base: LayerEie, from: EieMachine): number {
  const before = rate(base) * readCost(from.sramBits);
  const reads = before === 0 ? 1 : (rate(point) * readCost(machine.sramBits)) / before;
  return point.energyUj * (1 - readShare + readShare * reads);
}

const how = {
  published: 'Published power of the PEs and of the detection tree, by the time.',
  assumed:
    'Assumed: the published power by the time, its part for reading the sparse matrix by the words read a cycle and by their width, half of the energy of a read being the same at every width.',
} as const;

/** The sweep of one axis from the estimate at each of its machines. */
export function sweepOf(
  axis: EieAxis,
  points: readonly { readonly value: number; readonly machine: EieMachine; readonly estimate: LayerEie }[],
  base: { readonly machine: EieMachine; readonly estimate: LayerEie },
): EieSweep {
  const isPublished = axis === 'fifo' || axis === 'pes';
  return {
    axis,
    energyBasis: isPublished ? 'eie-table-2' : 'assumed',
    how: isPublished ? how.published : how.assumed,
    points: points.map(({ value, machine, estimate }): EiePoint => ({
      value,
      cycles: estimate.cycles,
      timeUs: estimate.timeUs,
      loadBalance: estimate.loadBalance,
      energyUj: isPublished ? estimate.energyUj : assumedUj(estimate, machine, base.estimate, base.machine),
      pointerReads: estimate.pointerReads,
      spmatReads: estimate.spmatReads,
      entries: estimate.entries,
    })),
  };
}
