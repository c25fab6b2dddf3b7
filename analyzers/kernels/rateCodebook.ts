import { codedBits, codeLengths } from './huffman.ts';
import { bordersOf, joined } from './optimalCuts.ts';
import { groupsUpTo, meanOf, spread, type Points } from './points.ts';
import { ratePath } from './ratePath.ts';

/** Shared values with the upper borders of all but the last: codes that Huffman shortens reach further. */
export interface Intervals {
  readonly centroids: Float64Array;
  readonly borders: Float64Array;
}

/** What a codebook may cost. */
export interface RateAim {
  /** At most so many codes. */
  readonly codes: number;
  /** Squared error that is not to be passed. */
  readonly error: number;
  /** Bits that one code takes in the codebook and in the code table. */
  readonly codeBits: number;
  /** Entries of the code stream that are no kept weight. */
  readonly zeros: number;
  /** Fewer groups and prices are tried: for one of many small sets of weights. */
  readonly quick?: boolean;
}

interface Found extends Intervals {
  readonly cuts: Int32Array;
  readonly error: number;
  readonly bits: number;
}

/** Groups that runs are cut between: for each code so many, within bounds that keep a path to milliseconds. */
const groupsPerCode = 8;
const fewestGroups = 1000;
const mostGroups = 1 << 13;
const quickGroups = 120;
/** Prices of a bit that are tried, prices of a code for each, and rounds of moving borders with each kind of length. */
const lambdas = 14;
const quickLambdas = 6;
const codePrices = 10;
const polishes = 4;
/** Steps in which what is left of the error is used up. */
const fillings = 24;
/** An error so near to the aim is close enough. */
const near = 0.999;

/**
 * The codebook whose code stream and tables take the fewest bits at no more than the given squared error: for prices
 * of a bit, the cheapest runs (`ratePath`), a price a code besides where there would be too many, then borders moved
 * to where two codes cost the same, first with ideal code lengths, then with Huffman's. What the aim leaves of error
 * is used up at the end by moving borders further. Null when no price meets the error, as where it is the least one.
 */
export function rateCodebook(points: Points, aim: RateAim): Intervals | null {
  const n = points.values.length;
  const all = points.count[n]!;
  if (n === 0 || !(aim.error > 0)) return null;
  const { quick = false } = aim;
  const fewest = quick ? quickGroups : fewestGroups;
  const wanted = Math.min(mostGroups, Math.max(fewest, (quick ? 2 : groupsPerCode) * aim.codes));
  const cutAt = n > 2 * wanted ? bordersOf(points, wanted) : Int32Array.from({ length: n + 1 }, (_, i) => i);
  const rough = n > 2 * wanted ? joined(points, cutAt) : points;
  let best: (Found & { lambda: number }) | null = null;
  // At many bits the error falls by 2 ln 2 of itself for each further bit a weight.
  let lambda = (2 * Math.LN2 * aim.error) / all;
  let low = 0;
  let high = Infinity;
  let extra = 0;
  const rounds = quick ? quickLambdas : lambdas;
  for (let round = 0; round < rounds; round += 1) {
    const runs = runsUpTo(rough, lambda, aim, extra);
    ({ extra } = runs);
    const found = polished(
      points,
      runs.cuts.map((cut) => cutAt[cut]!),
      lambda,
      aim,
    );
    const fits = found.error <= aim.error;
    if (fits && (best === null || found.bits < best.bits)) best = { ...found, lambda };
    if (fits) low = lambda;
    else high = lambda;
    if (fits && found.error >= near * aim.error) break;
    const next = lambda * Math.min(4, Math.max(0.25, aim.error / Math.max(found.error, aim.error / 1e6)));
    const inside = next > low && next < high && round % 4 !== 3;
    lambda = inside
      ? next
      : high === Infinity
        ? 4 * lambda
        : low === 0
          ? lambda / 4
          : Math.sqrt(low) * Math.sqrt(high);
    if (high - low <= 1e-6 * high) break;
  }
  return best === null ? null : filled(points, best, aim);
}

/** Moves borders as if a bit were worth more, as far as the error allows: weights go over to shorter codes. */
function filled(points: Points, start: Found & { readonly lambda: number }, aim: RateAim): Intervals {
  const lengths = huffmanLengths(points, start.cuts, aim);
  let best: Found = start;
  let low = 0;
  let high = 4 * start.lambda;
  for (let step = 0; step < fillings; step += 1) {
    const lambda = (low + high) / 2;
    const found = foundOf(points, moved(points, start.cuts, lambda, lengths), aim);
    if (found.error <= aim.error) low = lambda;
    else high = lambda;
    if (found.error <= aim.error && found.bits < best.bits) best = found;
  }
  return best;
}

/** The runs at a price of a bit, at most so many: the lowest price of a code found that keeps to them. */
function runsUpTo(
  points: Points,
  lambda: number,
  { codes, codeBits, zeros }: RateAim,
  guess: number,
): { cuts: Int32Array; extra: number } {
  const at = (extra: number): Int32Array =>
    ratePath(points, { lambda, zeros, code: lambda * codeBits * (1 + extra) });
  const free = at(0);
  if (free.length - 1 <= codes) return { cuts: free, extra: guess };
  // At a price that no number holds there is one run.
  let kept: { cuts: Int32Array; extra: number } = {
    cuts: Int32Array.of(0, points.values.length),
    extra: guess,
  };
  let low = 0;
  let high = Infinity;
  let extra = guess > 0 ? guess : 1;
  for (let round = 0; (round < codePrices || high === Infinity) && extra < Number.MAX_VALUE; round += 1) {
    const cuts = at(extra);
    const runs = cuts.length - 1;
    if (runs <= codes) {
      high = extra;
      kept = { cuts, extra };
    } else low = extra;
    if (runs === codes) break;
    extra = high === Infinity ? 4 * extra : low === 0 ? extra / 4 : Math.sqrt(low) * Math.sqrt(high);
  }
  return kept;
}

/** Moves borders to where neighbours cost the same, at ideal lengths and then at Huffman's; the best of the last. */
function polished(points: Points, cuts: Int32Array, lambda: number, aim: RateAim): Found {
  let runs = cuts;
  for (let round = 0; round < polishes; round += 1)
    runs = moved(points, runs, lambda, idealLengths(points, runs, aim));
  let best = foundOf(points, runs, aim);
  for (let round = 0; round < polishes; round += 1) {
    runs = moved(points, runs, lambda, huffmanLengths(points, runs, aim));
    const found = foundOf(points, runs, aim);
    if (found.error + lambda * found.bits < best.error + lambda * best.bits) best = found;
  }
  return best;
}

function countsOf({ count }: Points, cuts: Int32Array, zeros: number): Float64Array {
  const counts = new Float64Array(cuts.length);
  counts[0] = zeros;
  for (let run = 1; run < cuts.length; run += 1) counts[run] = count[cuts[run]!]! - count[cuts[run - 1]!]!;
  return counts;
}

/** [runs] bits of each code. */
function idealLengths(points: Points, cuts: Int32Array, { zeros }: RateAim): Float64Array {
  const logAll = Math.log2(points.count.at(-1)! + zeros);
  return countsOf(points, cuts, zeros)
    .subarray(1)
    .map((count) => logAll - Math.log2(count));
}

const huffmanLengths = (points: Points, cuts: Int32Array, { zeros }: RateAim): Float64Array =>
  Float64Array.from(codeLengths(countsOf(points, cuts, zeros)).subarray(1));

/**
 * The cuts where (w - a)^2 + lambda * bits(a) = (w - b)^2 + lambda * bits(b) for neighbours a < b. A run that ends
 * before it begins is left out: then its neighbours meet where they cost the same.
 */
function moved(points: Points, cuts: Int32Array, lambda: number, lengths: Float64Array): Int32Array {
  const { values } = points;
  // Runs that still stand, and where each begins: the lower envelope of parabolas of one width, left to right.
  const means: number[] = [];
  const bits: number[] = [];
  const starts: number[] = [];
  for (let run = 0; run < lengths.length; run += 1) {
    const mean = meanOf(points, cuts[run]!, cuts[run + 1]!);
    let start = -Infinity;
    while (means.length > 0) {
      const below = means.at(-1)!;
      start = below / 2 + mean / 2 + (lambda * (lengths[run]! - bits.at(-1)!)) / (2 * (mean - below));
      if (mean > below && start > starts.at(-1)!) break;
      means.pop();
      bits.pop();
      starts.pop();
      start = -Infinity;
    }
    means.push(mean);
    bits.push(lengths[run]!);
    starts.push(start);
  }
  const next: number[] = [0];
  for (let run = 1; run < starts.length; run += 1) {
    const cut = groupsUpTo(values, starts[run]!, next.at(-1));
    if (cut > next.at(-1)! && cut < values.length) next.push(cut);
  }
  next.push(values.length);
  return Int32Array.from(next);
}

function foundOf(points: Points, cuts: Int32Array, aim: RateAim): Found {
  const k = cuts.length - 1;
  const counts = countsOf(points, cuts, aim.zeros);
  let error = 0;
  for (let run = 0; run < k; run += 1) error += spread(points, cuts[run]!, cuts[run + 1]!);
  return {
    cuts,
    centroids: Float64Array.from({ length: k }, (_, run) => meanOf(points, cuts[run]!, cuts[run + 1]!)),
    borders: Float64Array.from({ length: k - 1 }, (_, run) => {
      const cut = cuts[run + 1]!;
      return points.values[cut - 1]! / 2 + points.values[cut]! / 2;
    }),
    error,
    bits: codedBits(counts, codeLengths(counts)) + k * aim.codeBits,
  };
}
