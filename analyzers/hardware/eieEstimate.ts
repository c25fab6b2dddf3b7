import { eieCycles, type EieMachine as Timing, type EieRun, type Slices } from '../kernels/eieCycles.ts';
import { eieRepeated } from '../kernels/eieRepeated.ts';
import type { EieMachine, LayerEie } from '../report/eie.ts';
import { publishedEnergy, type EnergyPrices } from '../report/energyTable.ts';
import { eieEnergyUj } from './eiePower.ts';

/** Memories of one PE in bytes (EIE, section VI: 128 KB sparse matrix, 32 KB pointers, 2 KB activations). */
const memory = { spmat: 128 * 1024, pointers: 32 * 1024, activations: 2 * 1024 } as const;
const pointerBits = 16;
const activationBits = 16;
const centroidBits = 16;

/** One layer in the interleaved form, and the columns that are computed. */
export interface EieInput {
  readonly rows: number;
  /** Of one group. */
  readonly cols: number;
  /** Of the layer's own columns, group by group. */
  readonly slices: Slices;
  readonly padding: number;
  /** Columns with a non-zero activation, ascending, over all groups. */
  readonly active: Uint32Array;
  readonly activationSource: string;
  /** [groups x pes] entries of a bias column: with `biasColumn` 'layer' those of the bias, with 'empty' zeros. */
  readonly bias: Uint32Array | null;
  /** Groups of rows with inputs of their own, computed in turn. Absent: 1. */
  readonly groups?: number;
  /** Output positions of a convolution: so many products with the same weights. Absent: 1, and no convolution. */
  readonly products?: number;
}

/**
 * What the machine would make of one layer and one input vector: cycles, reads and energy. Exact for the model of
 * kernels/eieCycles.ts; the energies carry the name of their model. A layer without a weight takes nothing.
 */
export function eieEstimate(
  input: EieInput,
  machine: EieMachine,
  energy: EnergyPrices = publishedEnergy,
): LayerEie {
  const { pes, fifo, clockMhz } = machine;
  const { groups = 1, products = 1 } = input;
  const run = runOf(input, machine);
  const theoreticalCycles = run.activeEntries / pes;
  const entryBits = machine.indexBits + machine.codeBits;
  const perPe = entriesPerPe(input.slices);
  const entries = perPe.reduce((sum, count) => sum + count, 0) + sumOf(input.bias);
  const timeUs = run.cycles / clockMhz;
  const vector = Math.ceil(Math.max(input.rows, input.cols * groups) / pes);
  const pointers = (input.cols + 1) * groups * pes * pointerBits;
  return {
    pes,
    fifo,
    clockMhz,
    biasColumn: input.bias !== null,
    projection: input.products !== undefined,
    activationSource: input.activationSource,
    entries,
    padding: input.padding,
    activeColumns: input.active.length * products,
    activeEntries: run.activeEntries,
    theoreticalCycles,
    cycles: run.cycles,
    theoreticalUs: theoreticalCycles / clockMhz,
    timeUs,
    loadBalance: run.cycles === 0 ? 1 : theoreticalCycles / run.cycles,
    pointerReads: run.pointerReads,
    spmatReads: run.matrixReads,
    energyUj: eieEnergyUj(pes, timeUs, energy),
    energyModel: 'eie-table-2',
    energyBottomUpUj: eventEnergyUj(run, machine, energy),
    bits: {
      entries: entries * entryBits,
      pointers,
      codebook: 2 ** machine.codeBits * centroidBits,
    },
    fits: {
      spmat: Math.ceil((perPe.reduce((a, b) => Math.max(a, b), 0) * entryBits) / 8) <= memory.spmat,
      pointers: pointers / pes / 8 <= memory.pointers,
      activations: (vector * activationBits) / 8 <= memory.activations,
    },
  };
}

/** The whole run: every group in turn. Work and starvation by PE besides the counts. */
export function runOf(input: EieInput, machine: EieMachine): EieRun {
  const runs = groupRuns(input, machine);
  const [only] = runs;
  if (only !== undefined && runs.length === 1) return only;
  const sum = (of: (run: EieRun) => number): number => runs.reduce((all, run) => all + of(run), 0);
  const perPe = (of: (run: EieRun) => Float64Array): Float64Array =>
    Float64Array.from({ length: machine.pes }, (_, pe) => sum((run) => of(run)[pe]!));
  return {
    cycles: sum((run) => run.cycles),
    activeEntries: sum((run) => run.activeEntries),
    pointerReads: sum((run) => run.pointerReads),
    matrixReads: sum((run) => run.matrixReads),
    work: perPe((run) => run.work),
    starved: perPe((run) => run.starved),
  };
}

/** One group as the machine sees it: its bias is one more column, always active. */
export interface GroupInput {
  readonly slices: Slices;
  readonly active: Uint32Array;
  /** Where a column's activation stands: the bias column lies behind the last group of activations. */
  readonly columnAt: (column: number) => number;
  /** Of activations with what fills up their last group, the bias included. */
  readonly length: number;
}

/** The matrices that are computed in turn; none for a layer without weights. */
export function groupInputs({ rows, cols, slices, active, bias, groups = 1 }: EieInput): GroupInput[] {
  if (rows === 0 || cols === 0) return [];
  const { pes } = slices;
  const behind = Math.ceil(cols / pes) * pes;
  return Array.from({ length: groups }, (_, group) => {
    const from = group * cols;
    const own = slices.entries.subarray(from * pes, (from + cols) * pes);
    const columns =
      groups === 1
        ? active
        : active.filter((column) => column >= from && column < from + cols).map((column) => column - from);
    if (bias === null)
      return {
        slices: { pes, cols, entries: own },
        active: columns,
        columnAt: (column) => column,
        length: behind,
      };
    const entries = new Uint32Array((cols + 1) * pes);
    entries.set(own);
    entries.set(bias.subarray(group * pes, (group + 1) * pes), cols * pes);
    return {
      slices: { pes, cols: cols + 1, entries },
      active: Uint32Array.of(...columns, cols),
      columnAt: (column) => (column === cols ? behind : column),
      length: behind + pes,
    };
  });
}

/** What eieCycles is told of the machine. */
export const timingOf = ({ fifo, sramBits, indexBits, codeBits }: EieMachine): Timing => ({
  ring: fifo,
  entriesPerRead: Math.max(1, Math.floor(sramBits / (indexBits + codeBits))),
});

/** The run of each group. */
export function groupRuns(
  input: EieInput,
  machine: EieMachine,
): readonly (EieRun & { readonly exact?: boolean })[] {
  const timing = timingOf(machine);
  const { products = 1 } = input;
  return groupInputs(input).map(({ slices, active, columnAt, length }) =>
    products === 1
      ? eieCycles(slices, active, timing, columnAt)
      : eieRepeated(slices, active, timing, { products, length, columnAt }),
  );
}

/**
 * Microjoules by counting events: words of the matrix SRAM, pointer pairs, and for each active entry a look-up, a
 * multiplication, an addition, and a read and a write of the output activation in registers. No clock, no leakage, no
 * broadcast: it lies below what the published power and time give.
 */
function eventEnergyUj(
  run: EieRun,
  { sramBits }: EieMachine,
  { sramRead32Pj, register32Pj, multiply16Pj, add16Pj }: EnergyPrices,
): number {
  const read = (run.matrixReads * sramBits) / 32 + run.pointerReads;
  const registers = 3 * (activationBits / 32) * register32Pj;
  const perEntry = multiply16Pj + add16Pj + registers;
  return (read * sramRead32Pj + run.activeEntries * perEntry) / 1e6;
}

function entriesPerPe({ pes, entries }: Slices): Float64Array {
  const perPe = new Float64Array(pes);
  for (let column = 0; column < entries.length; column += pes)
    for (let pe = 0; pe < pes; pe += 1) perPe[pe]! += entries[column + pe]!;
  return perPe;
}

const sumOf = (counts: Uint32Array | null): number => counts?.reduce((sum, count) => sum + count, 0) ?? 0;
