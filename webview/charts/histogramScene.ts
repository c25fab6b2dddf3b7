import { magnitudeThreshold } from '../../analyzers/report/magnitudeThreshold.ts';
import type { LayerProfile, LayerPrune, LayerShare } from '../../analyzers/report/layerReport.ts';

/** A layer's weights over a symmetric axis, ready to be drawn; nothing in it is a pixel. */
export interface HistogramScene {
  /** The axis runs from -limit to limit. */
  readonly limit: number;
  readonly counts: readonly number[];
  /** Bars that the rule prunes, wholly or for their larger part. */
  readonly pruned: readonly boolean[];
  readonly threshold: number | null;
  /** Centroids: where they lie on the axis (0 to 1), and their use against the most used one (0 to 1). */
  readonly centroids: readonly {
    readonly value: number;
    readonly at: number;
    readonly use: number;
    readonly count: number;
  }[];
  readonly keptText: { readonly kept: number; readonly all: number };
  readonly zeros: number;
}

export function histogramScene(
  profile: LayerProfile,
  prune: LayerPrune | null,
  share: LayerShare | null,
  weights: number,
): HistogramScene | null {
  const { histogram } = profile;
  if (histogram === null || histogram.counts.length === 0 || !(histogram.limit > 0)) return null;
  const { limit, counts } = histogram;
  const width = (2 * limit) / counts.length;
  const threshold = magnitudeThreshold(prune);
  const pruned = counts.map((_, i) => {
    const middle = Math.abs(-limit + (i + 0.5) * width);
    return threshold !== null && middle < threshold;
  });
  const most = Math.max(1, ...(share?.counts ?? []));
  return {
    limit,
    counts,
    pruned,
    threshold,
    // Steps of a scale have no place on an axis of real numbers.
    centroids: (share === null || share.inSteps ? [] : share.centroids).map((value, i) => {
      const count = share?.counts[i] ?? 0;
      return { value, at: placeOf(value, limit), use: count / most, count };
    }),
    keptText: { kept: prune?.kept ?? weights - profile.zeros, all: weights },
    zeros: profile.zeros,
  };
}

/** Place of a value on the axis, 0 to 1. */
export const placeOf = (value: number, limit: number): number => (value + limit) / (2 * limit);

/** Height of a count: itself, or its logarithm with 0 at 0. */
export const heightOf = (count: number, log: boolean): number => (log ? Math.log10(1 + count) : count);

/** Round counts for lines across. */
export function countTicks(most: number, log: boolean): readonly number[] {
  if (!log) {
    const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
    const step = most / power >= 5 ? 2 * power : most / power >= 2 ? power : power / 2;
    return Array.from({ length: Math.floor(most / step) }, (_, i) => (i + 1) * step).filter(Number.isInteger);
  }
  const ticks: number[] = [];
  for (let tick = 1; tick <= Math.max(1, most); tick *= 10) ticks.push(tick);
  return ticks;
}

/** Share of weights whose magnitude is at least that of each bin's inner edge, from 0 outwards: density against threshold. */
export function densityCurve(
  counts: readonly number[],
  limit: number,
  weights: number,
): readonly { readonly threshold: number; readonly density: number }[] {
  const half = Math.floor(counts.length / 2);
  const width = (2 * limit) / counts.length;
  const points: { threshold: number; density: number }[] = [];
  let above = 0;
  // An odd number of bins has one across zero; it ends half a bin from it.
  const inner = counts.length % 2 === 1 ? width / 2 : 0;
  for (let i = half - 1; i >= 0; i -= 1) {
    const outer = half - 1 - i;
    above += (counts[outer] ?? 0) + (counts[counts.length - 1 - outer] ?? 0);
    points.push({ threshold: inner + i * width, density: above / Math.max(1, weights) });
  }
  return points.toReversed();
}

/** Density below which the rest of the curve is a flat line. */
const leastDensity = 0.005;

/** Where the axis of thresholds ends: where next to nothing is left, and beyond the threshold that is set. */
export function curveLimit(
  curve: readonly { readonly threshold: number; readonly density: number }[],
  limit: number,
  threshold: number,
): number {
  const end = curve.find(({ density }) => density < leastDensity)?.threshold ?? limit;
  return Math.min(limit, Math.max(end, 1.15 * threshold));
}
