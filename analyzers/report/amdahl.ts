import type { LayerReport } from './layerReport.ts';
import { counted, factorText, percentText } from './units.ts';

/** How much of a network an accelerator of dense layers can make faster at all. */
export interface Coverage {
  /** Layers that the accelerator computes, of all. */
  readonly layers: number;
  readonly allLayers: number;
  /** Their shares of all weights, and of the multiply-accumulates that are known; null where there are none. */
  readonly weightShare: number | null;
  readonly macShare: number | null;
  /** Layers whose multiply-accumulates are not known: they are in neither share of them. */
  readonly macsUnknown: number;
  /**
   * Amdahl's bound: how many times faster the whole network can be when these layers take no time and the time goes
   * with multiply-accumulates, or with weights read. Null where the share is null; Infinity where it is 1.
   */
  readonly bound: number | null;
  readonly readBound: number | null;
}

type Covered = Pick<LayerReport, 'weights' | 'macs' | 'eie'>;

/** 1 / ((1 - share) + share / speedup): what the whole gains when a share of it becomes faster (Amdahl 1967). */
export const amdahl = (share: number, speedup: number): number =>
  1 / (1 - share + (speedup === Infinity ? 0 : share / speedup));

/** `projected`: whether convolutions that are projected onto the accelerator count as covered. */
export function coverageOf(layers: readonly Covered[], projected = false): Coverage {
  const covered = layers.filter(({ eie }) => eie !== null && (projected || !eie.projection));
  const known = layers.filter(({ macs }) => macs !== null);
  const weightShare = shareOf(covered, layers, ({ weights }) => weights);
  const macShare = shareOf(covered, known, ({ macs }) => macs ?? 0);
  return {
    layers: covered.length,
    allLayers: layers.length,
    weightShare,
    macShare,
    macsUnknown: layers.length - known.length,
    bound: macShare === null ? null : amdahl(macShare, Infinity),
    readBound: weightShare === null ? null : amdahl(weightShare, Infinity),
  };
}

function shareOf(
  part: readonly Covered[],
  whole: readonly Covered[],
  of: (layer: Covered) => number,
): number | null {
  const sum = (layers: readonly Covered[]): number => layers.reduce((total, layer) => total + of(layer), 0);
  const all = sum(whole);
  return all === 0 ? null : sum(part) / all;
}

/** Whole sentences. */
export function coverageText({
  layers,
  allLayers,
  weightShare,
  macShare,
  macsUnknown,
  bound,
  readBound,
}: Coverage): readonly string[] {
  if (layers === 0)
    return [
      'No layer of this model can be computed: the accelerator takes dense and recurrent layers whose weights can be read.',
    ];
  const text = [
    `The accelerator computes ${layers.toString()} of ${counted(allLayers, 'layer')}: ${[
      ...(weightShare === null ? [] : [`${percentText(weightShare)} of the weights`]),
      ...(macShare === null ? [] : [`${percentText(macShare)} of the multiply-accumulates`]),
    ].join(' and ')}.`,
  ];
  if (macsUnknown > 0)
    text.push(
      `The multiply-accumulates of ${counted(macsUnknown, 'layer')} are not known and not counted in that share.`,
    );
  if (bound !== null)
    text.push(
      bound === Infinity
        ? 'All multiply-accumulates are in these layers, so the rest sets no bound (Amdahl).'
        : `Even if these layers took no time, the whole network would be at most ${factorText(bound)} as fast where time goes with multiply-accumulates (Amdahl)${
            readBound === null || readBound === Infinity
              ? '.'
              : `, and at most ${factorText(readBound)} where it goes with the weights that are read.`
          }`,
    );
  return text;
}
