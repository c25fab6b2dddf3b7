import type { Layer } from './layer.ts';
import { viewOf } from './layerView.ts';
import { entangledPlaces, placeOf, standsFast } from './sharedBytes.ts';
import type { Tensor } from './tensor.ts';
import type { Use } from './uses.ts';

/**
 * The uses of each weight, in order of first use. Tensors that are the same bytes are one weight where the first use of
 * each has the same shape, rows and columns, scale and zero point.
 */
export function usesByWeight(uses: readonly Use[]): readonly (readonly Use[])[] {
  const byTensor = new Map<Tensor, Use[]>();
  for (const use of uses) pushTo(byTensor, use.piece.tensor, use);
  const firstOf = new Map<string, Tensor>();
  const byWeight = new Map<Tensor, Use[]>();
  const weightOf = new Map<Tensor, Tensor>();
  for (const [tensor, own] of byTensor) {
    const reading = readingOf(tensor, own);
    const first = reading === null ? tensor : (firstOf.get(reading) ?? tensor);
    if (reading !== null) firstOf.set(reading, first);
    weightOf.set(tensor, first);
  }
  for (const use of uses) pushTo(byWeight, weightOf.get(use.piece.tensor)!, use);
  return [...byWeight.values()];
}

function pushTo(groups: Map<Tensor, Use[]>, key: Tensor, use: Use): void {
  const before = groups.get(key);
  if (before === undefined) groups.set(key, [use]);
  else before.push(use);
}

/** The same text for the same bytes read in the same way; null of a tensor without bytes. */
function readingOf(tensor: Tensor, own: readonly Use[]): string | null {
  const place = placeOf(tensor);
  const [first] = own;
  if (place === null || first === undefined) return null;
  const { piece, role } = first;
  const steps = own.find((use) => use.steps !== null)?.steps ?? null;
  return JSON.stringify([
    place,
    tensor.shape,
    role.packed ?? viewOf(piece.layout, role),
    steps === null ? null : [numbersOf(steps.scale), numbersOf(steps.zeroPoint), steps.axis, steps.refusal],
  ]);
}

const numbersOf = (tensor: Tensor | null): unknown =>
  tensor === null ? null : (placeOf(tensor) ?? [tensor.name, tensor.data]);

/**
 * The layers with what is known of them before any is read: which are carried as they are and why, and which are the
 * bytes of another. `stored`: the tensor of each. Of layers that are the same bytes the first that can be changed says how.
 */
export function withTies(
  layers: readonly Layer[],
  stored: readonly Tensor[],
  tensors: readonly Tensor[],
): readonly Layer[] {
  const entangled = entangledPlaces(tensors);
  const places = stored.map((tensor) => placeOf(tensor));
  const reasons = layers.map((layer) => standsFast(layer, entangled));
  const leaders = new Map<string, number>();
  const isFree = (at: number): boolean => reasons[at] === null && layers[at]!.weight.data.kind !== 'none';
  for (const [at, place] of places.entries()) {
    if (place === null) continue;
    const leader = leaders.get(place);
    if (leader === undefined || (!isFree(leader) && isFree(at))) leaders.set(place, at);
  }
  return layers.map((layer, at) => {
    const leader = leaders.get(places[at] ?? '') ?? at;
    const reason = reasons[at] ?? null;
    if (leader === at) return reason === null ? layer : { ...layer, carried: reason };
    const { name, index } = layers[leader]!;
    const followed = `its bytes are those of ${name}, which are changed by that layer's rule`;
    return { ...layer, carried: isFree(leader) ? followed : (reason ?? followed), follows: index };
  });
}
