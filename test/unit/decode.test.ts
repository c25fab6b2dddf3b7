import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, decode, valuesFor, type StoredType } from '../../analyzers/kernels/decode.ts';
import { dtypeBits, type DType } from '../../analyzers/model/dtype.ts';

/** Every stored type is decoded, and no other. */
const sameTypes: (type: DType) => StoredType = (type) => type;
const sameTypesBack: (type: StoredType) => DType = (type) => type;

function decoded(type: DType, bytes: Uint8Array, count: number): Float32Array | Float64Array {
  const values = valuesFor(sameTypes(type), count);
  decode(type, bytes, values);
  return values;
}

/** NaN equals NaN, and -0 is not +0. */
function same(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i += 1)
    if (!Object.is(actual[i], expected[i]))
      assert.fail(`${what}: element ${i} is ${actual[i]}, not ${expected[i]}`);
}

/** A code's fields as a string of bits, taken apart as the standards draw them. */
function naiveFloat(code: number, exponentBits: number, mantissaBits: number, bias: number): number {
  const bits = code.toString(2).padStart(1 + exponentBits + mantissaBits, '0');
  const exponent = Number.parseInt(bits.slice(1, 1 + exponentBits), 2);
  let significand = exponent === 0 ? 0 : 1;
  for (let i = 0; i < mantissaBits; i += 1) significand += Number(bits[1 + exponentBits + i]) / 2 ** (i + 1);
  const magnitude = significand * Math.pow(2, (exponent === 0 ? 1 : exponent) - bias);
  return bits.startsWith('1') ? -magnitude : magnitude;
}

const codes16 = Array.from({ length: 65536 }, (_, code) => code);
const bytes16 = new Uint8Array(codes16.flatMap((code) => [code & 255, code >> 8]));
const codes8 = Array.from({ length: 256 }, (_, code) => code);
const bytes8 = new Uint8Array(codes8);

test('every half float is what IEEE 754 says', () => {
  same(
    decoded('f16', bytes16, 65536),
    codes16.map((code) => {
      if ((code & 0x7c00) === 0x7c00)
        return (code & 0x3ff) !== 0
          ? Number.NaN
          : code >= 0x8000
            ? Number.NEGATIVE_INFINITY
            : Number.POSITIVE_INFINITY;
      return naiveFloat(code, 5, 10, 15);
    }),
    'f16',
  );
});

test('every bfloat16 is the float32 that begins with it', () => {
  const view = new DataView(new ArrayBuffer(4));
  same(
    decoded('bf16', bytes16, 65536),
    codes16.map((code) => {
      view.setUint16(0, code);
      return view.getFloat32(0);
    }),
    'bf16',
  );
});

test('16-bit integers cover their whole range', () => {
  same(decoded('u16', bytes16, 65536), codes16, 'u16');
  same(
    decoded('i16', bytes16, 65536),
    codes16.map((code) => (code < 32768 ? code : code - 65536)),
    'i16',
  );
});

test('every float8 is what its paper says, with its own NaN and infinities', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const special: Record<string, Record<number, number>> = {
    f8e4m3fn: { 0x7f: nan, 0xff: nan },
    f8e4m3fnuz: { 0x80: nan },
    f8e5m2: { 0x7c: inf, 0xfc: -inf, 0x7d: nan, 0x7e: nan, 0x7f: nan, 0xfd: nan, 0xfe: nan, 0xff: nan },
    f8e5m2fnuz: { 0x80: nan },
  };
  for (const [type, exponentBits, mantissaBits, bias] of [
    ['f8e4m3fn', 4, 3, 7],
    ['f8e4m3fnuz', 4, 3, 8],
    ['f8e5m2', 5, 2, 15],
    ['f8e5m2fnuz', 5, 2, 16],
  ] as const)
    same(
      decoded(type, bytes8, 256),
      codes8.map((code) => special[type]?.[code] ?? naiveFloat(code, exponentBits, mantissaBits, bias)),
      type,
    );
  assert.equal(Math.max(...decoded('f8e4m3fn', bytes8, 256).filter(Number.isFinite)), 448);
  assert.equal(Math.max(...decoded('f8e4m3fnuz', bytes8, 256).filter(Number.isFinite)), 240);
  assert.equal(Math.max(...decoded('f8e5m2', bytes8, 256).filter(Number.isFinite)), 57344);
  assert.equal(Math.max(...decoded('f8e5m2fnuz', bytes8, 256).filter(Number.isFinite)), 57344);
});

test('an e8m0 is a power of two without a sign', () => {
  same(
    decoded('f8e8m0', bytes8, 256),
    codes8.map((code) => (code === 255 ? Number.NaN : Math.pow(2, code - 127))),
    'f8e8m0',
  );
});

/** The elements of all 256 bytes, two or four in each. */
const nibble = (decode4: (code: number) => number): number[] =>
  codes8.flatMap((code) => [decode4(code & 15), decode4(code >> 4)]);
const crumb = (decode2: (code: number) => number): number[] =>
  codes8.flatMap((code) => [0, 2, 4, 6].map((shift) => decode2((code >> shift) & 3)));

test('types below 8 bits are packed with the low bits first', () => {
  const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];
  same(
    decoded('f4e2m1', bytes8, 512),
    nibble((c) => e2m1[c]!),
    'f4e2m1',
  );
  same(
    decoded('u4', bytes8, 512),
    nibble((c) => c),
    'u4',
  );
  same(
    decoded('i4', bytes8, 512),
    nibble((c) => (c < 8 ? c : c - 16)),
    'i4',
  );
  same(
    decoded('u2', bytes8, 1024),
    crumb((c) => c),
    'u2',
  );
  same(
    decoded('i2', bytes8, 1024),
    crumb((c) => (c < 2 ? c : c - 4)),
    'i2',
  );
  same(decoded('i4', Uint8Array.of(0x21, 0xf3), 3), [1, 2, 3], 'an odd count ends within a byte');
});

test('bytes are bool, signed and unsigned', () => {
  same(decoded('u8', bytes8, 256), codes8, 'u8');
  same(
    decoded('i8', bytes8, 256),
    codes8.map((c) => (c < 128 ? c : c - 256)),
    'i8',
  );
  same(
    decoded('bool', bytes8, 256),
    codes8.map((c) => (c === 0 ? 0 : 1)),
    'bool',
  );
});

test('wide types are little-endian and need no alignment', () => {
  const numbers: Record<
    string,
    [write: (view: DataView, at: number, value: number) => void, values: number[]]
  > = {
    f64: [(v, at, x) => v.setFloat64(at, x, true), [1 / 3, -0, 5e-324, Number.NaN, -Infinity, 1.7e308]],
    f32: [
      (v, at, x) => v.setFloat32(at, x, true),
      [0.5, -0, 2 ** -149, Number.NaN, Infinity, 3.4028234663852886e38],
    ],
    i32: [(v, at, x) => v.setInt32(at, x, true), [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 16777217]],
    u32: [(v, at, x) => v.setUint32(at, x, true), [0, 1, 2 ** 32 - 1, 2 ** 31, 16777217, 3]],
    i64: [
      (v, at, x) => v.setBigInt64(at, BigInt(x), true),
      [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, -(2 ** 63), 2 ** 32],
    ],
    u64: [(v, at, x) => v.setBigUint64(at, BigInt(x), true), [0, 1, 2 ** 53 - 1, 2 ** 63, 2 ** 33 + 5, 7]],
  };
  for (const [name, [write, values]] of Object.entries(numbers)) {
    const type = name as DType;
    const width = dtypeBits[type] / 8;
    for (const shift of [0, 1, 3, 4]) {
      const bytes = new Uint8Array(shift + width * values.length).subarray(shift);
      values.forEach((x, i) => write(new DataView(bytes.buffer, shift), i * width, x));
      same(decoded(type, bytes, values.length), values, `${name} at byte ${shift}`);
    }
  }
});

test('integers beyond 2^53 are rounded to the nearest double', () => {
  for (const value of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 62n) - 3n, 0x7123456789abcdefn]) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, value, true);
    same(decoded('i64', bytes, 1), [Number(value)], String(value));
  }
  same(decoded('u64', new Uint8Array(8).fill(255), 1), [2 ** 64], '2^64 - 1');
});

test('floats of a little-endian machine are read in place', () => {
  const values = valuesFor('f32', 2);
  const bytes = bytesOf('f32', values);
  assert.ok(bytes !== null && bytes.buffer === values.buffer);
  bytes.set([0, 0, 128, 63], 4);
  assert.deepEqual([...values], [0, 1]);
  assert.equal(bytesOf(sameTypesBack('f16'), values), null);
});
