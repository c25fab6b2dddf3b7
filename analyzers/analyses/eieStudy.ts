import { eieEstimate, groupRuns, type EieInput } from '../hardware/eieEstimate.ts';
import { eieLosses } from '../hardware/eieLosses.ts';
import { eiePes } from '../hardware/eiePes.ts';
import { machinesOf, sweepOf } from '../hardware/eieSweep.ts';
import { limits } from '../bytes/limits.ts';
import { slicesOf, type Interleaving, type SliceCounts } from '../kernels/interleaved.ts';
import type { Layer } from '../model/layer.ts';
import type { EieMachine } from '../report/eie.ts';
import type { EieAsk, EieAxis, EieStudy, EieSweep } from '../report/eieStudy.ts';
import { countText } from '../report/units.ts';
import { activeColumns, type ActiveColumns } from './eieActive.ts';
import { biasColumn } from './eieBias.ts';
import { eieNotes } from './eieNotes.ts';
import { isOneProduct } from './eieLayer.ts';

/** A layer's matrix, and how its slices are counted: once a pass, whatever the ways. */
export interface EieMatrix {
  readonly name: string;
  readonly rows: number;
  /** Of one group. */
  readonly cols: number;
  readonly groups?: number;
  /** Output positions of a convolution; absent: one product. */
  readonly products?: number;
  /** [rows] null: there is none. */
  readonly bias: Float64Array | null;
  readonly count: (
    ways: readonly Interleaving[],
    progress: (share: number) => void,
  ) => Promise<readonly SliceCounts[]>;
}

export interface EieOptions {
  readonly signal: AbortSignal;
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
  /** Resolves in a later turn of the event loop, so that a cancel gets through. */
  readonly breathe: () => Promise<void>;
}

/**
 * What the machine would make of a matrix. Its slices are counted in one pass; the sweeps of PEs and of index bits take
 * one more each, all others none. Throws ReadError when the activations do not fit.
 */
export async function eieStudy(matrix: EieMatrix, ask: EieAsk, options: EieOptions): Promise<EieStudy> {
  const { machine } = ask;
  const { cols, groups = 1 } = matrix;
  const activations = activeColumns(ask.activations, cols * groups, matrix.name);
  const own = wayOf(matrix, machine);
  if (slicesOf(own) > limits.interleavedSlices)
    return nothing(ask, cols * groups, activations.active.length, [tooMany(own)]);
  const passes = 1 + ask.axes.filter(recounts).length;
  let pass = 0;
  const progress = (share: number): void => options.progress((pass + share) / passes);
  const [counts] = await matrix.count([own], progress);
  pass += 1;
  const input = inputOf(matrix, machine, counts!, activations);
  const estimate = eieEstimate(input, machine, ask.energy);
  const sweeps: EieSweep[] = [];
  const notes: string[] = [];
  for (const axis of ask.axes) {
    const points: { value: number; machine: EieMachine; estimate: typeof estimate }[] = [];
    const of = machinesOf(axis, machine);
    const fitting = recounts(axis) ? withinCap(of, matrix) : of;
    if (fitting.length < of.length)
      notes.push(
        `The sweep of ${axis} leaves out ${(of.length - fitting.length).toString()} values that need more slices than the ${countText(limits.interleavedSlices)} that are counted at once.`,
      );
    const counted = recounts(axis)
      ? await matrix.count(
          fitting.map((each) => wayOf(matrix, each.machine)),
          progress,
        )
      : null;
    for (const [i, { value, machine: other }] of fitting.entries()) {
      await options.breathe();
      options.signal.throwIfAborted();
      const its = counted === null ? input : inputOf(matrix, other, counted[i]!, activations);
      points.push({ value, machine: other, estimate: eieEstimate(its, other, ask.energy) });
    }
    if (recounts(axis)) pass += 1;
    sweeps.push(sweepOf(axis, points, { machine, estimate }));
  }
  const all = counts!.entries.reduce((sum, count) => sum + count, 0);
  const { products = 1 } = matrix;
  const biasEntries = input.bias === null ? 0 : input.bias.reduce((sum, count) => sum + count, 0);
  const activeOwn = estimate.activeEntries / products - biasEntries;
  const losses = eieLosses(input, machine, counts!.columnPadding);
  const work = losses.find(({ cause }) => cause === 'work')?.cycles ?? 0;
  options.progress(1);
  return {
    ask,
    estimate,
    activations: {
      columns: cols * groups,
      active: activations.active.length,
      savedWork: all === 0 ? 0 : 1 - activeOwn / all,
    },
    usefulShare: estimate.cycles === 0 ? 0 : work / estimate.cycles,
    products,
    losses,
    pes: { ...eiePes(input, machine), ...paddingOf(input, counts!) },
    sweeps,
    notes: [
      ...eieNotes(input, machine, estimate, matrix.bias !== null),
      ...(groupRuns(input, machine).some(({ exact }) => exact === false)
        ? ['The last simulated products were taken for all that follow: the cycles are approximate.']
        : []),
      ...notes,
      ...(ask.energy === undefined || ask.energy.edited.length === 0
        ? []
        : [`Energies are by the table ${ask.energy.name}: it changes ${ask.energy.edited.join(', ')}.`]),
    ],
  };
}

/** Axes under which the entries themselves change. */
const recounts = (axis: EieAxis): boolean => axis === 'pes' || axis === 'index';

const wayOf = (
  { rows, cols, groups = 1 }: Pick<EieMatrix, 'rows' | 'cols' | 'groups'>,
  { pes, indexBits }: EieMachine,
): Interleaving => ({ rows, cols, pes, width: indexBits, groups });

/** As many of the machines, from the first, as may be counted in one pass. */
function withinCap<T extends { readonly machine: EieMachine }>(
  machines: readonly T[],
  matrix: EieMatrix,
): T[] {
  let slices = 0;
  return machines.filter(({ machine }) => {
    slices += slicesOf(wayOf(matrix, machine));
    return slices <= limits.interleavedSlices;
  });
}

function inputOf(
  matrix: EieMatrix,
  machine: EieMachine,
  { entries, padding }: SliceCounts,
  { active, source }: ActiveColumns,
): EieInput {
  const { rows, cols, groups = 1, products, bias } = matrix;
  const column = biasColumn(bias, matrix, machine);
  return {
    rows,
    cols,
    groups,
    slices: { pes: machine.pes, cols: cols * groups, entries },
    padding: padding + (column?.padding ?? 0),
    active,
    activationSource: source,
    bias: column?.entries ?? null,
    ...(products !== undefined && { products }),
  };
}

const tooMany = (of: Interleaving): string =>
  `${countText(of.pes)} PEs times ${countText(slicesOf(of) / of.pes)} columns are more slices than the ${countText(limits.interleavedSlices)} that are counted.`;

/** Padding was counted over all columns, once, and not in the bias. */
const paddingOf = (
  { active, cols, groups = 1, products = 1, bias }: EieInput,
  { pePadding }: SliceCounts,
): { readonly padding?: readonly number[] } =>
  pePadding === undefined ||
  active.length < cols * groups ||
  products > 1 ||
  (bias?.some((entries) => entries > 0) ?? false)
    ? {}
    : { padding: Array.from(pePadding) };

/** A layer that is not modelled, and why. */
export const nothing = (
  ask: EieAsk,
  columns: number,
  active: number,
  notes: readonly string[],
): EieStudy => ({
  ask,
  estimate: null,
  activations: { columns, active, savedWork: 0 },
  usefulShare: 0,
  products: 1,
  losses: [],
  pes: null,
  sweeps: [],
  notes,
});

/** How a layer is modelled: as so many products of its matrix, or why it is not. */
export function productsOf(
  layer: Pick<Layer, 'op' | 'operator' | 'weight' | 'macs' | 'rows' | 'cols' | 'name'>,
  { convolutions, activations }: EieAsk,
): { readonly products: number | undefined } | { readonly why: string } {
  const { op, operator, macs, rows, cols } = layer;
  if (isOneProduct(layer)) return { products: undefined };
  if (op === 'recurrent')
    return {
      why: 'Both directions have a state of their own: it is not one product of a matrix and a vector.',
    };
  if (op === 'depthwise')
    return { why: 'A depthwise convolution is not modelled: a row has one input channel of its own.' };
  if (op !== 'conv')
    return { why: `${operator} is not one product of a matrix and a vector, so it is not modelled.` };
  if (operator === 'ConvTranspose') return { why: 'A transposed convolution is not modelled.' };
  if (!convolutions)
    return { why: 'A convolution is only modelled as a projection, one product for each output position.' };
  if (activations.kind === 'columns')
    return { why: 'A vector of activations is of one output position: a projected convolution takes none.' };
  const products = macs === null || rows * cols === 0 ? null : macs / (rows * cols);
  if (products === null || !Number.isSafeInteger(products) || products < 1)
    return { why: 'How many output positions the convolution has is not known.' };
  return { products };
}
