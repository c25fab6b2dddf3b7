import { countText } from '../analyzers/report/units.ts';
import type { State } from './store.ts';

/** Layers whose weights have been read so far, in the model's order. */
export const readStubs = ({ stubs, layers }: Pick<State, 'stubs' | 'layers'>): State['stubs'] =>
  stubs.filter(({ index }) => (layers.get(index)?.encode ?? null) !== null);

/** '2 of 3 layers', or null when every layer has been read: sums are then of the whole model. */
export function partText(state: Pick<State, 'stubs' | 'layers'>): string | null {
  const read = readStubs(state).length;
  return read === state.stubs.length ? null : `${countText(read)} of ${countText(state.stubs.length)} layers`;
}
