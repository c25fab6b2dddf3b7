import { setBit } from './mask.ts';
import type { NmPattern, ReductionAxis } from './nm.ts';

/**
 * Chooses the n largest scores of every m places along an axis, all other places fixed: the kernel's position too.
 * Groups begin at place 0 and never reach past the end of the axis; what is left over there is kept whole. Of equal
 * scores the earlier place wins; 0, NaN and infinity are never kept. Mishra et al. 2021, section 4.
 */
export class NmMask {
  /** Groups that keep a weight. */
  keptGroups = 0;
  readonly #bits: Uint32Array;
  readonly #n: number;
  readonly #m: number;
  readonly #inner: number;
  /** Elements of one line of the axis, and those of them that lie in whole groups. */
  readonly #line: number;
  readonly #whole: number;
  /** [inner, n] best scores of the groups side by side, in descending order, and their places 0 .. m - 1. */
  readonly #best: Float64Array;
  readonly #places: Uint8Array;
  /** [inner] how many of them there are. */
  readonly #counts: Uint8Array;

  /** Sets bits of `bits`. `m` up to 255; holds 9 bytes for each of inner * n scores. */
  constructor(bits: Uint32Array, { n, m }: NmPattern, { size, inner }: ReductionAxis) {
    this.#bits = bits;
    this.#n = n;
    this.#m = m;
    this.#inner = inner;
    this.#line = size * inner;
    this.#whole = Math.floor(size / m) * m * inner;
    this.#best = new Float64Array(inner * n);
    this.#places = new Uint8Array(inner * n);
    this.#counts = new Uint8Array(inner);
  }

  /** Takes in the scores of the elements first, first + 1, ...; they come in order, each once. */
  add(scores: Float32Array | Float64Array, first: number): void {
    const slab = this.#m * this.#inner;
    for (let i = 0; i < scores.length;) {
      const inLine = (first + i) % this.#line;
      const begins = scores instanceof Float32Array && inLine < this.#whole && inLine % slab === 0;
      const slabs = begins ? Math.floor(Math.min(scores.length - i, this.#whole - inLine) / slab) : 0;
      // Groups that lie in this chunk are chosen at once, others as their places come.
      const end =
        slabs > 0
          ? i + slabs * slab
          : Math.min(
              scores.length,
              i + (inLine < this.#whole ? slab - (inLine % slab) : this.#line - inLine),
            );
      if (slabs > 0) this.#choose(scores as Float32Array, i, end, first);
      else this.#gather(scores, i, end, first);
      i = end;
    }
  }

  /**
   * Groups that lie whole in [from, to) of single precision, whose bits order as they do: each score is kept whose
   * place among the m is one of the first n. Counting the larger ones takes no branch that is mispredicted.
   */
  #choose(scores: Float32Array, from: number, to: number, first: number): void {
    const bits = this.#bits;
    const inner = this.#inner;
    const n = this.#n;
    const m = this.#m;
    const words = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
    const group = new Int32Array(m);
    let keptGroups = 0;
    for (let slab = from; slab < to; slab += m * inner)
      for (let start = slab; start < slab + inner; start += 1) {
        let any = 0;
        for (let place = 0; place < m; place += 1) {
          const word = words[start + place * inner]! & 0x7fffffff;
          // 0 where it is not finite.
          group[place] = word & ((word - 0x7f800000) >> 31);
          any |= group[place]!;
        }
        if (any === 0) continue;
        keptGroups += 1;
        for (let place = 0; place < m; place += 1) {
          const word = group[place]!;
          let before = 0;
          for (let other = 0; other < place; other += 1) before += 1 - ((group[other]! - word) >>> 31);
          for (let other = place + 1; other < m; other += 1) before += (word - group[other]!) >>> 31;
          const at = first + start + place * inner;
          bits[at >>> 5] = bits[at >>> 5]! | ((((before - n) & -word) >>> 31) << (at & 31));
        }
      }
    this.keptGroups += keptGroups;
  }

  #gather(scores: Float32Array | Float64Array, from: number, to: number, first: number): void {
    const inner = this.#inner;
    const line = this.#line;
    const whole = this.#whole;
    const m = this.#m;
    let inLine = (first + from) % line;
    let group = inLine % inner;
    let place = Math.floor(inLine / inner) % m;
    for (let i = from; i < to; i += 1) {
      const score = Math.abs(scores[i]!);
      if (score > 0 && score <= Number.MAX_VALUE) {
        if (inLine < whole) this.#offer(group, place, score);
        else setBit(this.#bits, first + i);
      }
      inLine += 1;
      group += 1;
      if (group < inner) continue;
      group = 0;
      place += 1;
      if (place === m) {
        place = 0;
        this.#close(first + i + 1 - m * inner);
      }
      if (inLine === line) {
        inLine = 0;
        place = 0;
      }
    }
  }

  #offer(group: number, place: number, score: number): void {
    const best = this.#best;
    const places = this.#places;
    const from = group * this.#n;
    const count = this.#counts[group]!;
    let at = from + count;
    if (count === this.#n) {
      at -= 1;
      if (best[at]! >= score) return;
    } else this.#counts[group] = count + 1;
    for (; at > from && best[at - 1]! < score; at -= 1) {
      best[at] = best[at - 1]!;
      places[at] = places[at - 1]!;
    }
    best[at] = score;
    places[at] = place;
  }

  /** The groups side by side that begin at `first` are whole. */
  #close(first: number): void {
    const inner = this.#inner;
    const n = this.#n;
    for (let group = 0; group < inner; group += 1) {
      const count = this.#counts[group]!;
      if (count === 0) continue;
      this.keptGroups += 1;
      this.#counts[group] = 0;
      for (let at = group * n; at < group * n + count; at += 1)
        setBit(this.#bits, first + this.#places[at]! * inner + group);
    }
  }
}
