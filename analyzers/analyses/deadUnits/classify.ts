import type { LayerStep } from '../../model/units/unitGraph.ts';
import { largestBorderLoss } from '../../kernels/unitCounts.ts';
import { changesBy } from './changes.ts';
import type { LostConstant } from './constants.ts';
import {
  queryOf,
  readsOf,
  type AskLayer,
  type DeadUnits,
  type FollowedLayer,
  type UnitRead,
} from './follow.ts';

/** The dead units of one layer, and what reads them. */
export interface ClassifiedLayer {
  readonly layer: FollowedLayer;
  readonly silent: number;
  readonly constant: number;
  readonly unread: number;
  readonly refused: number;
  readonly reasons: readonly string[];
  readonly refusedError: number | null;
  /** Rows that go. */
  readonly rows: readonly number[];
  /** Input channels that go, by reading layer. */
  readonly readers: ReadonlyMap<FollowedLayer, readonly number[]>;
}

const isConstant = (x: number | undefined): x is number => x !== undefined && !Number.isNaN(x);

/** Sorts what was found by layer and kind. One more pass over each layer at whose borders a constant cannot be folded. */
export async function classify(dead: DeadUnits, ask: AskLayer): Promise<readonly ClassifiedLayer[]> {
  const reads = readsOf(dead);
  const classified: ClassifiedLayer[] = [];
  for (const layer of dead.layers) classified.push(await classifyLayer(dead, layer, reads, ask));
  return classified;
}

async function classifyLayer(
  dead: DeadUnits,
  layer: FollowedLayer,
  reads: ReadonlyMap<number, readonly UnitRead[]>,
  ask: AskLayer,
): Promise<ClassifiedLayer> {
  const { graph, removed, stays, losses } = dead;
  const found = { silent: 0, constant: 0, unread: 0 };
  const rows: number[] = [];
  const readers = new Map<FollowedLayer, number[]>();
  const refused: UnitRead[] = [];
  const hidden: (readonly LostConstant[] | null)[] = [];
  const reasons = new Set<string>();
  const seen = new Set<number>();
  let refusals = 0;
  for (const [row, group] of graph.values[layer.step.to]!.groups.entries()) {
    const own = reads.get(group) ?? [];
    if (removed[group] === 1) rows.push(row);
    // Of a layer with state a unit is several rows.
    if (seen.has(group)) continue;
    seen.add(group);
    if (removed[group] === 1) {
      found[kindOf(own)] += 1;
      for (const { reader, place } of own) {
        if (reader.step.depthwise) continue;
        const places = readers.get(reader);
        if (places === undefined) readers.set(reader, [place]);
        else places.push(place);
      }
      continue;
    }
    const inexact = own.filter(({ reader, place }) => isConstant(reader.inexact?.[place]));
    // Others of its group may be constant where this one is not: it is when everything that is read of them is.
    const everywhere =
      inexact.length > 0 &&
      own.every(
        ({ reader, place }) => isConstant(reader.inexact?.[place]) || isConstant(reader.exact?.[place]),
      );
    if (!isConstant(ownConstant(layer, row)) && !everywhere) continue;
    refusals += 1;
    refused.push(...inexact);
    if (inexact.length === 0 || losses.has(group)) hidden.push(losses.get(group)?.inSums ?? null);
    const [first] = inexact;
    reasons.add(
      first === undefined
        ? (stays.get(group) ?? losses.get(group)?.reason ?? 'they are read together with outputs that change')
        : first.reader.step.borders === 'unknown'
          ? `they add different numbers to the outputs of ${first.reader.step.label}`
          : `zero padding of ${first.reader.step.label} makes folding inexact at the borders`,
    );
  }
  return {
    layer,
    ...found,
    refused: refusals,
    reasons: [...reasons],
    refusedError: await errorOf(dead, refused, hidden, ask),
    rows,
    readers,
  };
}

/** What an output always is; of a layer with state its recurrent weight is told what the states are. */
const ownConstant = ({ step, exact, outputs }: FollowedLayer, row: number): number | undefined =>
  step.hidden === null ? outputs?.[row] : step.operand.input === 2 ? exact?.[row % step.hidden] : undefined;

/** A unit that goes: constant where a weight reads another constant than 0, silent where what is read is 0. */
function kindOf(reads: readonly UnitRead[]): 'silent' | 'constant' | 'unread' {
  const weighted = reads.filter(({ reader, place }) => (reader.counts?.channelWeights[place] ?? 1) > 0);
  const constants = (weighted.length > 0 ? weighted : reads).map(
    ({ reader, place }) => reader.exact?.[place],
  );
  if (weighted.length > 0 && constants.some((x) => isConstant(x) && x !== 0)) return 'constant';
  return reads.length > 0 && constants.every((x) => x === 0) ? 'silent' : 'unread';
}

/**
 * The largest change of an output of any layer that reads these, were they folded: at borders exactly, behind sums at
 * most. Null when there are none, or it is not known. `hidden`: what sums hide of each of the others; null: not a sum.
 */
async function errorOf(
  { graph, layers }: DeadUnits,
  refused: readonly UnitRead[],
  hidden: readonly (readonly LostConstant[] | null)[],
  ask: AskLayer,
): Promise<number | null> {
  const lost = hidden.flatMap((all) => all ?? []);
  if (refused.length + lost.length === 0 || hidden.some((all) => all === null || all.length === 0))
    return null;
  const changes = changesBy(graph, lost);
  let largest = 0;
  for (const reader of layers) {
    const { step, inexact } = reader;
    const places = refused.filter((read) => read.reader === reader).map(({ place }) => place);
    const moves = step.from === null ? null : (changes.get(step.from) ?? null);
    if (places.length === 0 && moves === null) continue;
    const edges = places.length === 0 ? null : new Float64Array(step.channels).fill(Number.NaN);
    for (const place of places) edges![place] = inexact![place]!;
    const counts = await ask(step.layer, queryOf(step, { edges, moves }));
    const moved = counts.moved?.reduce((most, x) => Math.max(most, Math.abs(step.alpha) * x), 0) ?? 0;
    const loss = edges === null ? 0 : borderLoss(step, counts.edges!);
    if (!Number.isFinite(loss + moved)) return null;
    largest = Math.max(largest, loss + moved);
  }
  return largest;
}

const borderLoss = ({ borders, positions }: LayerStep, edges: Float64Array): number =>
  borders === null || borders === 'unknown' ? Number.NaN : largestBorderLoss(edges, positions, borders);
