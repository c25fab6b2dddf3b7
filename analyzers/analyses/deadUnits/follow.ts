import type { UnitCounts, UnitQuery } from '../../kernels/unitCounts.ts';
import type { HiddenStep, LayerStep, UnitGraph } from '../../model/units/unitGraph.ts';
import { passOn, type Constants, type Losses } from './constants.ts';

/** One pass over a layer, by its index. */
export type AskLayer = (layer: number, query: UnitQuery) => Promise<UnitCounts>;

/** What was found of one layer of the graph. */
export interface FollowedLayer {
  readonly step: LayerStep;
  /** [channels] What they always are where folding it is exact, and where it is not; NaN elsewhere. Null: nowhere. */
  readonly exact: Float64Array | null;
  readonly inexact: Float64Array | null;
  /** [rows] Outputs that are constant before anything follows, NaN elsewhere; null: none is. */
  readonly outputs: Float64Array | null;
  /** With the rows gone that go. Null: it was not looked at, since every row and column of it is alive. */
  readonly counts: UnitCounts | null;
}

/** A place of a layer's input that units of a group stand at. */
export interface UnitRead {
  readonly reader: FollowedLayer;
  readonly place: number;
}

export interface DeadUnits {
  readonly graph: UnitGraph;
  readonly layers: readonly FollowedLayer[];
  /** [groups] 1: its units go. */
  readonly removed: Uint8Array;
  /** Why a group stays, and why a constant was lost. */
  readonly stays: ReadonlyMap<number, string>;
  readonly losses: Losses;
}

/**
 * Which units of a model go without changing what it gives. `suspect` tells layers with rows or columns that keep no
 * weight; only these are looked at, and those that a change reaches: constants from there on down the graph, rows that
 * nothing reads from there on up, until nothing changes. Every value keeps at least one place.
 */
export async function followDead(
  graph: UnitGraph,
  suspect: (layer: number) => boolean,
  ask: AskLayer,
): Promise<DeadUnits> {
  const losses: Losses = new Map();
  const first = await forwards(graph, suspect, ask, losses);
  const stays = new Map(graph.held);
  for (;;) {
    const found = await backwards(graph, first, stays, ask);
    // The last one first: what it then reads may keep those before it from running empty.
    const emptied = graph.values.findLast(
      ({ groups }) => groups.length > 0 && groups.every((group) => group >= 0 && found.removed[group] === 1),
    );
    if (emptied === undefined) return { graph, ...found, stays, losses };
    stays.set(emptied.groups[0]!, 'one output has to stay');
  }
}

async function forwards(
  graph: UnitGraph,
  suspect: (layer: number) => boolean,
  ask: AskLayer,
  losses: Losses,
): Promise<readonly FollowedLayer[]> {
  const constants: Constants = new Map();
  const layers: FollowedLayer[] = [];
  for (const step of graph.steps) {
    if (step.kind === 'hidden') {
      passHidden(step, constants, layers);
      continue;
    }
    if (step.kind !== 'layer') {
      passOn(graph, step, constants, losses);
      continue;
    }
    const into = step.from === null ? null : (constants.get(step.from) ?? null);
    const isExact = (x: number): boolean => x === 0 || step.borders === null;
    const exact = into?.map((x) => (isExact(x) ? x : Number.NaN)) ?? null;
    const inexact = into?.map((x) => (isExact(x) ? Number.NaN : x)) ?? null;
    const counts =
      into === null && !suspect(step.layer)
        ? null
        : await ask(step.layer, queryOf(step, { constants: exact }));
    const outputs = counts === null ? null : constantRows(step, counts);
    if (outputs !== null) constants.set(step.to, outputs);
    layers.push({ step, exact, inexact, outputs, counts });
  }
  return layers;
}

/** States that are always 0, and with them what the recurrent weight reads of them. */
function passHidden(step: HiddenStep, constants: Constants, layers: FollowedLayer[]): void {
  const [input, own] = [constants.get(step.input), constants.get(step.recurrent)];
  if (input === undefined || own === undefined) return;
  const { gates, hidden, candidate } = step;
  const states = Float64Array.from({ length: hidden }, (_, unit) => {
    for (let row = candidate * hidden + unit; row < input.length; row += gates * hidden)
      if (input[row] !== 0 || own[row] !== 0) return Number.NaN;
    return 0;
  });
  if (states.every((x) => Number.isNaN(x))) return;
  for (const value of step.to) if (value !== null) constants.set(value, states);
  const at = layers.findIndex((layer) => layer.step.to === step.recurrent);
  layers[at] = { ...layers[at]!, exact: states };
}

export const queryOf = (
  { channels, positions, depthwise, hidden, operand }: LayerStep,
  more: Partial<Pick<UnitQuery, 'constants' | 'removed' | 'edges' | 'moves'>>,
): UnitQuery => ({
  channels,
  positions,
  depthwise,
  // Only the recurrent weight reads its own rows.
  hidden: operand.input === 2 ? hidden : null,
  constants: null,
  removed: null,
  edges: null,
  moves: null,
  ...more,
});

/** Rows all of whose weights stand on constant channels. */
function constantRows({ alpha, beta, bias }: LayerStep, counts: UnitCounts): Float64Array | null {
  const rows = Float64Array.from(counts.rowKept, (kept, row) =>
    kept > 0 ? Number.NaN : Math.fround(alpha * (counts.folded?.[row] ?? 0) + beta * bias[row]!),
  );
  return rows.some((x) => !Number.isNaN(x)) ? rows : null;
}

/** Groups that nothing holds and no weight reads go; what their rows read is then read by fewer, and so on. */
async function backwards(
  graph: UnitGraph,
  first: readonly FollowedLayer[],
  stays: ReadonlyMap<number, string>,
  ask: AskLayer,
): Promise<Pick<DeadUnits, 'layers' | 'removed'>> {
  const removed = new Uint8Array(graph.groups);
  const layers = [...first];
  for (;;) {
    const blocked = new Uint8Array(graph.groups);
    for (const group of stays.keys()) blocked[group] = 1;
    for (const { step, exact, counts } of layers) {
      if (step.from === null || step.depthwise) continue;
      for (const [place, group] of graph.values[step.from]!.groups.entries())
        if (group >= 0 && Number.isNaN(exact?.[place] ?? Number.NaN) && counts?.channelKept[place] !== 0)
          blocked[group] = 1;
    }
    const going = blocked.map((held, group) => (held === 0 && removed[group] === 0 ? 1 : 0));
    if (!going.includes(1)) return { layers, removed };
    for (const [group, goes] of going.entries()) if (goes === 1) removed[group] = 1;
    for (const [i, layer] of layers.entries()) {
      const rows = graph.values[layer.step.to]!.groups;
      if (layer.step.depthwise || !rows.some((group) => going[group] === 1)) continue;
      const gone = Uint8Array.from(rows, (group) => removed[group] ?? 0);
      const query = queryOf(layer.step, { constants: layer.exact, removed: gone });
      layers[i] = { ...layer, counts: await ask(layer.step.layer, query) };
    }
  }
}

/** All places at which units of each group are read by weights. */
export function readsOf({ graph, layers }: DeadUnits): ReadonlyMap<number, readonly UnitRead[]> {
  const reads = new Map<number, UnitRead[]>();
  for (const reader of layers) {
    if (reader.step.from === null) continue;
    for (const [place, group] of graph.values[reader.step.from]!.groups.entries()) {
      if (group < 0) continue;
      const before = reads.get(group);
      if (before === undefined) reads.set(group, [{ reader, place }]);
      else before.push({ reader, place });
    }
  }
  return reads;
}
