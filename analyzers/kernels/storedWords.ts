import { elementsIn } from './elements.ts';
import { smallFloats } from './smallFloats.ts';

/** The bit patterns of stored elements. */
export interface StoredWords {
  /** Lower 32 bits of each element. */
  readonly low: Uint32Array;
  /** Upper 32 bits; empty for types of 32 bits and less. */
  readonly high: Uint32Array;
}

type Values = Float32Array | Float64Array;
/** Writes one word an element; may return a view of the values instead of writing. */
type Words = (values: Values, low: Uint32Array, high: Uint32Array) => StoredWords;

const nothing = new Uint32Array(0);
const bitsOf = (values: Values): Uint32Array => {
  const singles = values instanceof Float32Array ? values : Float32Array.from(values);
  return new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
};

const f32: Words = (values) => ({ low: bitsOf(values), high: nothing });

const f64: Words = (values, low, high) => {
  const doubles = values instanceof Float64Array ? values : Float64Array.from(values);
  const halves = new Uint32Array(doubles.buffer, doubles.byteOffset, 2 * doubles.length);
  for (let i = 0; i < values.length; i += 1) {
    low[i] = halves[2 * i]!;
    high[i] = halves[2 * i + 1]!;
  }
  return { low: low.subarray(0, values.length), high: high.subarray(0, values.length) };
};

const each =
  (code: (value: number, bits: number) => number): Words =>
  (values, low) => {
    const bits = bitsOf(values);
    for (let i = 0; i < values.length; i += 1) low[i] = code(values[i]!, bits[i]!);
    return { low: low.subarray(0, values.length), high: nothing };
  };

/** Sign, exponent and fraction of a half from those of the single that holds it exactly. */
function halfBits(value: number, bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 112;
  if (exponent >= 143) return sign | 0x7c00 | ((bits >>> 13) & 0x3ff);
  if (exponent > 0) return sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
  return sign | Math.round(Math.abs(value) * 2 ** 24);
}

/** Every small float has at most 3 fraction bits, so the upper half of its single tells which it is. */
function smallFloat(table: Float32Array): Words {
  const codes = new Uint8Array(1 << 16);
  const bits = bitsOf(table);
  for (let code = 0; code < table.length; code += 1) codes[bits[code]! >>> 16] = code;
  return each((_, word) => codes[word >>> 16]!);
}

const whole =
  (mask: number): Words =>
  (values, low) => {
    for (let i = 0; i < values.length; i += 1) low[i] = (values[i]! & mask) >>> 0;
    return { low: low.subarray(0, values.length), high: nothing };
  };

const wide: Words = (values, low, high) => {
  for (let i = 0; i < values.length; i += 1) {
    low[i] = values[i]! % 2 ** 32;
    high[i] = Math.floor(values[i]! / 2 ** 32);
  }
  return { low: low.subarray(0, values.length), high: high.subarray(0, values.length) };
};

const makers = {
  f64,
  f32,
  f16: each(halfBits),
  bf16: each((_, bits) => bits >>> 16),
  f8e4m3fn: smallFloat(smallFloats.f8e4m3fn),
  f8e4m3fnuz: smallFloat(smallFloats.f8e4m3fnuz),
  f8e5m2: smallFloat(smallFloats.f8e5m2),
  f8e5m2fnuz: smallFloat(smallFloats.f8e5m2fnuz),
  f8e8m0: smallFloat(smallFloats.f8e8m0),
  f4e2m1: smallFloat(smallFloats.f4e2m1),
  i2: whole(3),
  u2: whole(3),
  i4: whole(15),
  u4: whole(15),
  i8: whole(255),
  u8: whole(255),
  i16: whole(0xffff),
  u16: whole(0xffff),
  // ToInt32 wraps exactly what unsigned 32 bits need.
  i32: whole(-1),
  u32: whole(-1),
  i64: wide,
  u64: wide,
  bool: whole(255),
} satisfies Record<string, Words>;

export type StoredName = keyof typeof makers;

/**
 * Fills the scratch words (each as long as the largest chunk) from stored values of the type, no scale applied. Exact,
 * but that the NaNs of narrow floats lose their payload, a bool of another byte than 0 and 1 becomes 1, and 64-bit
 * integers beyond 2^53 were rounded when they were read: `wordsAreExact` says for which types none of that can be.
 */
export function storedWords(dtype: StoredName): Words {
  return makers[dtype];
}

/** The bit patterns of some numbers that the type stores exactly. */
export function wordsOf(dtype: StoredName, numbers: Float64Array): StoredWords {
  const doubles = dtype === 'f64' || /^[iu](?:32|64)$/.test(dtype);
  const values = doubles ? numbers : Float32Array.from(numbers);
  const { low, high } = storedWords(dtype)(
    values,
    new Uint32Array(values.length),
    new Uint32Array(values.length),
  );
  return { low: low.slice(), high: high.slice() };
}

/** Singles and doubles are seen as they are, a bfloat16 is the upper half of its single, and the 4-bit float has no NaN. */
export const wordsAreExact = (dtype: StoredName): boolean =>
  /^(?:f64|f32|bf16|f4e2m1)$|^[iu](?:2|4|8|16|32)$/.test(dtype);

/** The words of the first `count` elements of `bytes`, which begin at a multiple of 8 of their buffer; singles are not copied. */
export function wordsIn(
  bytes: Uint8Array,
  bits: number,
  count: number,
  low: Uint32Array,
  high: Uint32Array,
): StoredWords {
  if (bits === 32) return { low: new Uint32Array(bytes.buffer, bytes.byteOffset, count), high: nothing };
  const stored = elementsIn(bytes, bits);
  for (let i = 0; i < count; i += 1) low[i] = stored.low(i);
  if (bits < 64) return { low: low.subarray(0, count), high: nothing };
  for (let i = 0; i < count; i += 1) high[i] = stored.high(i);
  return { low: low.subarray(0, count), high: high.subarray(0, count) };
}
