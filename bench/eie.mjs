// The accelerator's cycles on one layer of the size of VGG-16's fc6, against a plain pass over the counts that it reads.
import { load, measure, print } from './harness.mjs';

const rows = 4096;
const cols = 25_088;
const depths = [2, 3, 4, 5, 8, 16, 32, 64, 256];

/** One pass over the slices of the active columns. */
function readCounts({ pes, entries }, active) {
  let total = 0;
  for (let i = 0; i < active.length; i += 1) {
    const from = active[i] * pes;
    for (let at = from; at < from + pes; at += 1) total += entries[at];
  }
  return total;
}

export async function eie() {
  const { cycles, drawing, estimates, machines } = await load({
    cycles: 'analyzers/kernels/eieCycles.ts',
    drawing: 'analyzers/kernels/syntheticSlices.ts',
    estimates: 'analyzers/hardware/eieEstimate.ts',
    machines: 'analyzers/report/eie.ts',
  });
  const machine = machines.publishedEie;
  const { pes, indexBits } = machine;
  const drawn = drawing.syntheticSlices({ rows, cols, pes, density: 0.04, indexBits, seed: 1 });
  const active = drawing.syntheticActive(cols, 0.35, 1);
  const { slices, padding } = drawn;
  const bytes = active.length * pes * slices.entries.BYTES_PER_ELEMENT;
  const timing = { ring: machine.fifo, entriesPerRead: machine.sramBits / (indexBits + machine.codeBits) };
  const input = { rows, cols, slices, padding, active, activationSource: 'synthetic', bias: null };

  const measured = await measure(
    {
      'cycles of one vector': { run: () => cycles.eieCycles(slices, active, timing), bytes },
      'estimate of one vector (cycles, reads, energy)': {
        run: () => estimates.eieEstimate(input, machine),
        bytes,
      },
      'sweep of nine FIFO depths on the same counts': {
        run: () => {
          for (const ring of depths) cycles.eieCycles(slices, active, { ...timing, ring });
        },
        bytes: bytes * depths.length,
      },
    },
    () => readCounts(slices, active),
  );
  const visits = { 'sweep of nine FIFO depths on the same counts': depths.length };
  print(
    'eie',
    'one pass over the counts of the active columns',
    measured.map((row) => ({
      ...row,
      nsPerColumnAndPe: Number(
        ((row.minMs * 1e6) / (active.length * pes * (visits[row.name] ?? 1))).toFixed(3),
      ),
    })),
  );
}
