import { smallFloats } from './smallFloats.ts';

/**
 * The bit patterns of stored elements, made again from their values: exact, but that NaN loses its payload and that
 * 64-bit integers beyond 2^53 were rounded when they were read.
 */
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

/** Fills the scratch words (each as long as the largest chunk) from stored values of the type, no scale applied. */
export function storedWords(dtype: StoredName): Words {
  return makers[dtype];
}
