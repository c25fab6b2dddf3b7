import { smallFloats } from './smallFloats.ts';

/** Fills `values` with its first values.length elements of `bytes`, little-endian whatever the machine is. */
type Decoder = (bytes: Uint8Array, values: Float32Array | Float64Array) => void;

/** Typed arrays read as little-endian only where the machine does. */
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

const dataView = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Elements that a typed array shows as they are; one by one where alignment or the machine's byte order forbids it. */
const seenAs =
  (
    width: number,
    all: (buffer: ArrayBufferLike, offset: number, length: number) => ArrayLike<number>,
    one: (view: DataView, offset: number) => number,
  ): Decoder =>
  (bytes, values) => {
    if (littleEndian && bytes.byteOffset % width === 0) {
      values.set(all(bytes.buffer, bytes.byteOffset, values.length));
      return;
    }
    const view = dataView(bytes);
    for (let i = 0; i < values.length; i += 1) values[i] = one(view, i * width);
  };

const f64 = seenAs(
  8,
  (...at) => new Float64Array(...at),
  (view, at) => view.getFloat64(at, true),
);
const f32 = seenAs(
  4,
  (...at) => new Float32Array(...at),
  (view, at) => view.getFloat32(at, true),
);
const i32 = seenAs(
  4,
  (...at) => new Int32Array(...at),
  (view, at) => view.getInt32(at, true),
);
const u32 = seenAs(
  4,
  (...at) => new Uint32Array(...at),
  (view, at) => view.getUint32(at, true),
);

/** The high word times 2^32 is exact, so there is one rounding, in the sum, and only beyond 2^53. */
const i64: Decoder = (bytes, values) => {
  const view = dataView(bytes);
  for (let i = 0; i < values.length; i += 1)
    values[i] = view.getInt32(i * 8 + 4, true) * 2 ** 32 + view.getUint32(i * 8, true);
};

const u64: Decoder = (bytes, values) => {
  const view = dataView(bytes);
  for (let i = 0; i < values.length; i += 1)
    values[i] = view.getUint32(i * 8 + 4, true) * 2 ** 32 + view.getUint32(i * 8, true);
};

const i16: Decoder = (bytes, values) => {
  for (let i = 0; i < values.length; i += 1)
    values[i] = ((bytes[2 * i]! | (bytes[2 * i + 1]! << 8)) << 16) >> 16;
};

const u16: Decoder = (bytes, values) => {
  for (let i = 0; i < values.length; i += 1) values[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
};

/** A bfloat16 is the upper half of a float32. `values` is a Float32Array, as valuesFor makes it. */
const bf16: Decoder = (bytes, values) => {
  const patterns = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i += 1) patterns[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24);
};

let halves: Float32Array | null = null;

/** Values of all 65,536 half floats (IEEE 754-2019, binary16), made on first use. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, code) => {
    const sign = code < 32768 ? 1 : -1;
    const exponent = (code >> 10) & 31;
    const fraction = (code & 1023) / 1024;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
  });
  return halves;
}

const f16: Decoder = (bytes, values) => {
  const table = halfTable();
  for (let i = 0; i < values.length; i += 1) values[i] = table[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
};

/** One value a byte. */
const bytewise =
  (table: Float32Array): Decoder =>
  (bytes, values) => {
    for (let i = 0; i < values.length; i += 1) values[i] = table[bytes[i]!]!;
  };

/** Two values a byte, the low four bits first. */
const nibbles =
  (table: Float32Array): Decoder =>
  (bytes, values) => {
    for (let i = 0; i < values.length; i += 1) values[i] = table[(bytes[i >> 1]! >> ((i & 1) * 4)) & 15]!;
  };

/** Four values a byte, the lowest two bits first. */
const crumbs =
  (table: Float32Array): Decoder =>
  (bytes, values) => {
    for (let i = 0; i < values.length; i += 1) values[i] = table[(bytes[i >> 2]! >> ((i & 3) * 2)) & 3]!;
  };

const unsigned = (bits: number): Float32Array => Float32Array.from({ length: 1 << bits }, (_, code) => code);
const signed = (bits: number): Float32Array =>
  Float32Array.from({ length: 1 << bits }, (_, code) => (code < 1 << (bits - 1) ? code : code - (1 << bits)));

const decoders = {
  f64,
  f32,
  f16,
  bf16,
  f8e4m3fn: bytewise(smallFloats.f8e4m3fn),
  f8e4m3fnuz: bytewise(smallFloats.f8e4m3fnuz),
  f8e5m2: bytewise(smallFloats.f8e5m2),
  f8e5m2fnuz: bytewise(smallFloats.f8e5m2fnuz),
  f8e8m0: bytewise(smallFloats.f8e8m0),
  f4e2m1: nibbles(smallFloats.f4e2m1),
  i2: crumbs(signed(2)),
  u2: crumbs(unsigned(2)),
  i4: nibbles(signed(4)),
  u4: nibbles(unsigned(4)),
  i8: bytewise(signed(8)),
  u8: bytewise(unsigned(8)),
  i16,
  u16,
  i32,
  u32,
  i64,
  u64,
  bool: bytewise(Float32Array.from({ length: 256 }, (_, code) => (code === 0 ? 0 : 1))),
} as const satisfies Record<string, Decoder>;

/** The names of model/dtype.ts. */
export type StoredType = keyof typeof decoders;

/** An array that holds `length` elements of the type exactly (integers of 64 bits beyond 2^53: rounded). */
export function valuesFor(type: StoredType, length: number): Float32Array | Float64Array {
  const wide = type === 'f64' || type === 'i32' || type === 'u32' || type === 'i64' || type === 'u64';
  return wide ? new Float64Array(length) : new Float32Array(length);
}

/**
 * Fills `values`, an array as valuesFor makes it, with the first elements of `bytes`, which must hold that many;
 * elements below 8 bits begin at a byte, low bits first. NaN stays NaN (its payload may change); infinities, -0 and
 * subnormals stay what they are; a bool is 0 or 1. The two arrays may not overlap.
 */
export function decode(type: StoredType, bytes: Uint8Array, values: Float32Array | Float64Array): void {
  decoders[type](bytes, values);
}

/**
 * The memory of `values` when bytes of this type read into it need no decoding: f32 and f64 on a little-endian
 * machine. Null otherwise.
 */
export function bytesOf(type: StoredType, values: Float32Array | Float64Array): Uint8Array | null {
  const same = type === 'f32' || type === 'f64';
  return same && littleEndian ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : null;
}
