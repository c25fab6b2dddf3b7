type Values = Float32Array | Float64Array;

/** Kept weights that are held so that the codebook needs no more passes over the file: 16 MiB of singles at most. */
export const heldCap = 1 << 22;
const firstRoom = 1 << 12;
/** Held values that are visited at once. */
const strip = 1 << 16;

/** The kept weights in their order, as long as they are not more than `heldCap`; then none of them. */
export interface HeldValues {
  values: Values | null;
  count: number;
}

export const emptyHeld = (): HeldValues => ({ values: new Float32Array(firstRoom), count: 0 });

/** Takes in the values at positions[0 .. count). All values of one layer have one type. */
export function hold(into: HeldValues, values: Values, positions: Uint32Array, count: number): void {
  if (into.values === null) return;
  const total = into.count + count;
  if (total > heldCap) {
    into.values = null;
    return;
  }
  const held = roomFor(into.values, into.count, total, values);
  for (let i = 0, at = into.count; i < count; i += 1, at += 1) held[at] = values[positions[i]!]!;
  into.values = held;
  into.count = total;
}

/** The same array, or a larger copy; of doubles as soon as the layer is. */
function roomFor(held: Values, count: number, total: number, like: Values): Values {
  const doubles = like instanceof Float64Array;
  if (total <= held.length && doubles === held instanceof Float64Array) return held;
  const room = Math.min(heldCap, Math.max(total, 2 * held.length));
  const larger = doubles ? new Float64Array(room) : new Float32Array(room);
  larger.set(held.subarray(0, count));
  return larger;
}

let every = new Uint32Array(0);

/** Visits all held values, some at a time: values[positions[i]] for i < count. */
export function visitHeld(
  values: Values,
  count: number,
  visit: (values: Values, positions: Uint32Array, count: number) => void,
): void {
  if (every.length === 0) every = Uint32Array.from({ length: strip }, (_, i) => i);
  for (let from = 0; from < count; from += strip) {
    const some = values.subarray(from, Math.min(count, from + strip));
    visit(some, every, some.length);
  }
}
