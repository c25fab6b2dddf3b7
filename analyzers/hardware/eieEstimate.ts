import { eieCycles, type EieRun, type Slices } from '../kernels/eieCycles.ts';
import type { EieMachine, LayerEie } from '../report/eie.ts';
import { eieEnergyUj } from './eiePower.ts';
import prices from './eventEnergy.json';

/** Memories of one PE in bytes (EIE, section VI: 128 KB sparse matrix, 32 KB pointers, 2 KB activations). */
const memory = { spmat: 128 * 1024, pointers: 32 * 1024, activations: 2 * 1024 } as const;
const pointerBits = 16;
const activationBits = 16;
const centroidBits = 16;

/** One layer in the interleaved form, and the columns that are computed. */
export interface EieInput {
  readonly rows: number;
  readonly cols: number;
  /** Of the layer's own columns. */
  readonly slices: Slices;
  readonly padding: number;
  /** Columns with a non-zero activation, ascending. */
  readonly active: Uint32Array;
  readonly activationSource: string;
  /** [pes] entries of a bias column: with `biasColumn` 'layer' those of the bias, with 'empty' zeros. */
  readonly bias: Uint32Array | null;
}

/**
 * What the machine would make of one layer and one input vector: cycles, reads and energy. Exact for the model of
 * kernels/eieCycles.ts; the energies carry the name of their model.
 */
export function eieEstimate(input: EieInput, machine: EieMachine): LayerEie {
  const { pes, fifo, clockMhz } = machine;
  const run = runOf(input, machine);
  const theoreticalCycles = run.activeEntries / pes;
  const entryBits = machine.indexBits + machine.codeBits;
  const perPe = entriesPerPe(input.slices);
  const entries = perPe.reduce((sum, count) => sum + count, 0) + sumOf(input.bias);
  const timeUs = run.cycles / clockMhz;
  const vector = Math.ceil(Math.max(input.rows, input.cols) / pes);
  return {
    pes,
    fifo,
    clockMhz,
    biasColumn: input.bias !== null,
    projection: false,
    activationSource: input.activationSource,
    entries,
    padding: input.padding,
    activeColumns: input.active.length,
    activeEntries: run.activeEntries,
    theoreticalCycles,
    cycles: run.cycles,
    theoreticalUs: theoreticalCycles / clockMhz,
    timeUs,
    loadBalance: run.cycles === 0 ? 1 : theoreticalCycles / run.cycles,
    pointerReads: run.pointerReads,
    spmatReads: run.matrixReads,
    energyUj: eieEnergyUj(pes, timeUs),
    energyModel: 'eie-table-2',
    energyBottomUpUj: eventEnergyUj(run, machine),
    bits: {
      entries: entries * entryBits,
      pointers: (input.cols + 1) * pes * pointerBits,
      codebook: 2 ** machine.codeBits * centroidBits,
    },
    fits: {
      spmat: Math.ceil((perPe.reduce((a, b) => Math.max(a, b), 0) * entryBits) / 8) <= memory.spmat,
      pointers: ((input.cols + 1) * pointerBits) / 8 <= memory.pointers,
      activations: (vector * activationBits) / 8 <= memory.activations,
    },
  };
}

/** The run itself: work and starvation by PE besides the counts. */
export function runOf({ slices, active, cols, bias }: EieInput, machine: EieMachine): EieRun {
  const entriesPerRead = Math.max(1, Math.floor(machine.sramBits / (machine.indexBits + machine.codeBits)));
  const how = { ring: machine.fifo, entriesPerRead };
  if (bias === null) return eieCycles(slices, active, how);
  const { pes } = slices;
  const entries = new Uint32Array((cols + 1) * pes);
  entries.set(slices.entries);
  entries.set(bias, cols * pes);
  const behind = Math.ceil(cols / pes) * pes;
  return eieCycles({ pes, cols: cols + 1, entries }, Uint32Array.of(...active, cols), how, (column) =>
    column === cols ? behind : column,
  );
}

/**
 * Microjoules by counting events: words of the matrix SRAM, pointer pairs, and for each active entry a look-up, a
 * multiplication, an addition, and a read and a write of the output activation in registers. No clock, no leakage, no
 * broadcast: it lies below what the published power and time give.
 */
function eventEnergyUj(run: EieRun, { sramBits }: EieMachine): number {
  const { sram32Pj, register32Pj, multiply16Pj, add16Pj } = prices;
  const read = (run.matrixReads * sramBits) / 32 + run.pointerReads;
  const registers = 3 * (activationBits / 32) * register32Pj.value;
  const perEntry = multiply16Pj.value + add16Pj.value + registers;
  return (read * sram32Pj.value + run.activeEntries * perEntry) / 1e6;
}

function entriesPerPe({ pes, entries }: Slices): Float64Array {
  const perPe = new Float64Array(pes);
  for (let at = 0; at < entries.length; at += 1) perPe[at % pes]! += entries[at]!;
  return perPe;
}

const sumOf = (counts: Uint32Array | null): number => counts?.reduce((sum, count) => sum + count, 0) ?? 0;
