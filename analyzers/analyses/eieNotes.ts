import type { EieInput } from '../hardware/eieEstimate.ts';
import { ringText } from '../hardware/eieLosses.ts';
import type { EieMachine, LayerEie } from '../report/eie.ts';
import { bytesText, counted, countText } from '../report/units.ts';

/** Memories of one PE in bytes, and what they hold (EIE, section VI). */
const memories = { spmat: 128 * 1024, pointers: 32 * 1024, activations: 2 * 1024 } as const;

/** What a reader of the estimate should know: the ring, memories that are too small, what a projection leaves out. */
export function eieNotes(
  input: EieInput,
  machine: EieMachine,
  { fits, bits, projection }: LayerEie,
  hasBias: boolean,
): readonly string[] {
  const { pes, biasColumn } = machine;
  const { rows, cols, groups = 1, slices, products = 1 } = input;
  const notes = [`Ring ${ringText(machine.fifo)}.`];
  const split = (what: string, bytes: number, of: number): void => {
    notes.push(
      `${what} take ${bytesText(bytes)} of the ${bytesText(of)} of a PE: the layer is split in ${countText(Math.ceil(bytes / of))} parts, which is not modelled.`,
    );
  };
  if (!fits.spmat) split('The entries', mostBytes(slices.entries, machine), memories.spmat);
  if (!fits.pointers) split('The pointers', bits.pointers / pes / 8, memories.pointers);
  if (!fits.activations)
    split('The activations', 2 * Math.ceil(Math.max(rows, cols * groups) / pes), memories.activations);
  if (biasColumn === 'layer' && !hasBias)
    notes.push('The graph has no bias for this layer that can be read: its column is empty.');
  if (rows > 0 && rows / groups < pes)
    notes.push(
      `${counted(rows / groups, 'output')} on ${counted(pes, 'PE')}: ${countText(pes - rows / groups)} of them have no row.`,
    );
  if (projection)
    notes.push(
      `A projection: ${countText(products)} products, one for each output position, with the weights in place and no barrier between positions${groups > 1 ? `; ${countText(groups)} groups in turn` : ''}. Every position has the same active inputs; what fetching them takes is not modelled.`,
    );
  return notes;
}

/** Bytes of the entries of the PE that has most. */
function mostBytes(entries: Uint32Array, { pes, indexBits, codeBits }: EieMachine): number {
  const perPe = new Float64Array(pes);
  for (let at = 0; at < entries.length; at += 1) perPe[at % pes]! += entries[at]!;
  return Math.ceil((perPe.reduce((a, b) => Math.max(a, b), 0) * (indexBits + codeBits)) / 8);
}
