import {
  drainStages,
  pointerStages,
  scanGap,
  type EieMachine,
  type EieRun,
  type Slices,
} from './eieCycles.ts';

/** Several products with the same weights and the same active columns, one behind the other. */
export interface Repeated extends EieRun {
  /** Whether the cycles are those of every product simulated; else the last ones were taken for all that follow. */
  readonly exact: boolean;
}

/** Steps of the recurrence (a column of one PE) after which no further product is simulated: about a second. */
const mostSteps = 2 ** 28;
/** States that are compared with; real layers repeat after a few products. */
const mostStates = 4096;

/**
 * The cycles of `products` matrix-vector products whose activations follow one another without a barrier: the
 * recurrence of eieCycles over all their active columns. Its state is compared after each product: once it is one that
 * was there before but for the time, the rest repeats (max-plus systems are ultimately periodic; Baccelli et al. 1992,
 * section 3.7) and is not simulated.
 *
 * `length`: activations of one product with what fills up its last group, a multiple of `pes`.
 */
export function eieRepeated(
  { pes, entries }: Slices,
  active: Uint32Array,
  { ring, entriesPerRead }: EieMachine,
  {
    products,
    length,
    columnAt,
  }: {
    readonly products: number;
    readonly length: number;
    readonly columnAt: (column: number) => number;
  },
): Repeated {
  if (ring < 2) throw new RangeError('a ring buffer has at least two entries');
  const queue = ring - 1;
  const counted = countsOf({ pes, entries }, active, entriesPerRead, products);
  const { work, busy } = counted;
  const starved = new Float64Array(pes);
  const base = { pointerReads: pes * active.length * products, work, starved };
  if (active.length === 0 || products === 0)
    return { ...base, cycles: 0, activeEntries: 0, matrixReads: 0, exact: true };

  const free = new Float64Array(pes);
  /** Latest starts of the last columns, in a ring. */
  const latest = new Float64Array(queue).fill(Number.NEGATIVE_INFINITY);
  let broadcast = -1;
  let before = -1;
  let firstStart = 0;
  let issued = 0;
  const stepsPer = active.length * pes;
  const seen = new Map<string, { readonly product: number; readonly broadcast: number }>();
  let product = 0;
  let exact = true;
  let skipped = false;
  while (product < products) {
    const offset = product * length;
    for (let j = 0; j < active.length; j += 1) {
      const column = active[j]!;
      const at = offset + columnAt(column);
      broadcast = Math.max(broadcast + 1 + scanGap(at, before, pes), latest[issued % queue]!);
      before = at;
      let last = 0;
      for (let pe = 0; pe < pes; pe += 1) {
        const start = Math.max(broadcast + pointerStages, free[pe]!);
        free[pe] = start + Math.max(1, entries[column * pes + pe]!);
        if (start > last) last = start;
      }
      if (issued === 0) firstStart = broadcast + pointerStages;
      latest[issued % queue] = last;
      issued += 1;
    }
    product += 1;
    if (skipped || product >= products) continue;
    const state = stateOf(broadcast, free, latest, issued);
    const earlier = seen.get(state);
    const tired = product * stepsPer > mostSteps || seen.size >= mostStates;
    if (earlier === undefined && !tired) {
      seen.set(state, { product, broadcast });
      continue;
    }
    const last = [...seen.values()].at(-1);
    const from = earlier ?? last ?? { product: 0, broadcast: -1 };
    exact = earlier !== undefined;
    const turns = Math.floor((products - product) / (product - from.product));
    const shift = turns * (broadcast - from.broadcast);
    product += turns * (product - from.product);
    before += turns * (offset + length - from.product * length);
    broadcast += shift;
    for (let pe = 0; pe < pes; pe += 1) free[pe]! += shift;
    for (let i = 0; i < queue; i += 1) latest[i]! += shift;
    skipped = true;
  }
  let end = 0;
  for (let pe = 0; pe < pes; pe += 1) end = Math.max(end, free[pe]!);
  for (let pe = 0; pe < pes; pe += 1) starved[pe] = end - firstStart - busy[pe]!;
  const lastColumn = active.at(-1)!;
  const emptyEnd = entries.subarray(lastColumn * pes, (lastColumn + 1) * pes).every((count) => count === 0);
  return {
    ...base,
    cycles: end + drainStages - (emptyEnd ? 1 : 0),
    activeEntries: counted.activeEntries,
    matrixReads: counted.matrixReads,
    exact,
  };
}

/** What decides the next broadcasts, relative to the last one. What lies too far back to matter is all the same. */
function stateOf(broadcast: number, free: Float64Array, latest: Float64Array, issued: number): string {
  const parts: number[] = [];
  for (const at of free) parts.push(at - broadcast);
  for (let i = 0; i < latest.length; i += 1)
    parts.push(Math.max(1, latest[(issued + i) % latest.length]! - broadcast));
  return parts.join(' ');
}

/** What does not depend on when: entries, words read, busy cycles. All products after the first read alike. */
function countsOf(
  { pes, entries }: Pick<Slices, 'pes' | 'entries'>,
  active: Uint32Array,
  entriesPerRead: number,
  products: number,
): { work: Float64Array; busy: Float64Array; activeEntries: number; matrixReads: number } {
  const work = new Float64Array(pes);
  const busy = new Float64Array(pes);
  let activeEntries = 0;
  let matrixReads = 0;
  const columns = pes === 0 ? 0 : entries.length / pes;
  for (let pe = 0; pe < pes; pe += 1) {
    let word = -1;
    for (const again of products > 1 ? [1, products - 1] : [1]) {
      let address = 0;
      let reads = 0;
      let next = 0;
      for (let column = 0; column < columns; column += 1) {
        const count = entries[column * pes + pe]!;
        if (active[next] === column) {
          next += 1;
          if (count > 0) {
            const first = Math.floor(address / entriesPerRead);
            const last = Math.floor((address + count - 1) / entriesPerRead);
            reads += last - first + (first === word ? 0 : 1);
            word = last;
          }
          work[pe]! += count * again;
          busy[pe]! += Math.max(1, count) * again;
          activeEntries += count * again;
        }
        address += count;
      }
      matrixReads += reads * again;
    }
  }
  return { work, busy, activeEntries, matrixReads };
}
