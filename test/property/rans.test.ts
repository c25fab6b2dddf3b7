import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BitReader, BitWriter } from '../../analyzers/kernels/bits.ts';
import { entropyBits } from '../../analyzers/kernels/entropy.ts';
import {
  decodeRans,
  ransBlock,
  ransEncoder,
  ransTable,
  readRansTable,
  writeRansTable,
} from '../../analyzers/kernels/rans.ts';
import { StreamDamage } from '../../analyzers/kernels/symbolReader.ts';
import { seeded } from '../support/layerFixture.ts';

function countsOf(symbols: ArrayLike<number>, symbolBits: number): Float64Array {
  const counts = new Float64Array(2 ** symbolBits);
  for (let i = 0; i < symbols.length; i += 1) counts[symbols[i]!]! += 1;
  return counts;
}

function coded(symbols: ArrayLike<number>, symbolBits: number): { table: Uint8Array; stream: Uint8Array } {
  const table = ransTable(countsOf(symbols, symbolBits), symbolBits);
  const head = new BitWriter();
  writeRansTable(table, symbolBits, head);
  const parts: number[] = [];
  const encoder = ransEncoder(table, (bytes) => bytes.forEach((byte) => parts.push(byte)));
  for (let i = 0; i < symbols.length; i += 1) encoder.put(symbols[i]!);
  assert.equal(encoder.finish(), parts.length);
  return { table: head.bytes(), stream: Uint8Array.from(parts) };
}

const decodedOf = (
  { table, stream }: { table: Uint8Array; stream: Uint8Array },
  symbolBits: number,
  count: number,
): Uint32Array => decodeRans(stream, readRansTable(new BitReader(table), symbolBits), count);

test('rANS decodes to the symbols that were encoded', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 500 }),
      fc.integer({ min: 1, max: 5 }),
      (symbolBits, list, skew) => {
        const symbols = list.map((x) => (x >>> (skew * 4)) % 2 ** symbolBits);
        assert.deepEqual(
          Array.from(decodedOf(coded(symbols, symbolBits), symbolBits, symbols.length)),
          symbols,
        );
      },
    ),
  );
});

/** Draws with shares that fall by `ratio` from one symbol to the next. */
function geometric(n: number, symbols: number, ratio: number, seed: number): Uint32Array {
  const draw = seeded(seed);
  const log = Math.log(ratio);
  return Uint32Array.from({ length: n }, () => Math.min(symbols - 1, Math.floor(Math.log(1 - draw()) / log)));
}

test('of long streams it takes within 1 % of the entropy, tables apart, over several blocks', (t) => {
  for (const [symbolBits, ratio] of [
    [1, 0.03],
    [4, 0.6],
    [5, 0.9],
    [8, 0.97],
    [8, 0.2],
    [12, 0.999],
    [16, 0.9998],
  ] as const) {
    const n = 3 * ransBlock + 1234;
    const symbols = geometric(n, 2 ** symbolBits, ratio, 7);
    const made = coded(symbols, symbolBits);
    assert.deepEqual(decodedOf(made, symbolBits, n), symbols);
    const entropy = entropyBits(countsOf(symbols, symbolBits));
    const bits = 8 * made.stream.length;
    t.diagnostic(
      `${symbolBits.toString()} bits: ${(bits / n).toFixed(4)} a symbol, entropy ${(entropy / n).toFixed(4)}, table ${(8 * made.table.length).toString()} bits`,
    );
    assert.ok(bits >= entropy);
    assert.ok(bits <= entropy * 1.01 + 4 * 40, 'states of blocks apart');
  }
});

test('a lone symbol takes the states alone, and every one of 65,536 symbols has a place', () => {
  const lone = coded(new Uint32Array(1000).fill(3), 4);
  assert.equal(lone.stream.length, 4);
  assert.deepEqual(decodedOf(lone, 4, 1000), new Uint32Array(1000).fill(3));
  const all = Uint32Array.from({ length: 1 << 16 }, (_, i) => i);
  assert.deepEqual(decodedOf(coded(all, 16), 16, all.length), all);
  assert.throws(() => ransTable([0, 0], 1), RangeError);
  const encoder = ransEncoder(ransTable([1, 0], 1), () => {});
  assert.throws(() => encoder.put(1), RangeError);
});

test('a stream that is cut or changed is told, or gives as many symbols', () => {
  const symbols = geometric(300, 16, 0.7, 5);
  const { table, stream } = coded(symbols, 4);
  for (let bit = 0; bit < 8 * stream.length; bit += 1) {
    const broken = stream.slice();
    broken[bit >> 3]! ^= 1 << (bit & 7);
    try {
      assert.equal(decodedOf({ table, stream: broken }, 4, 300).length, 300);
    } catch (error) {
      assert.ok(error instanceof StreamDamage);
    }
  }
  for (let cut = 0; cut < stream.length; cut += 1)
    assert.throws(() => decodedOf({ table, stream: stream.subarray(0, cut) }, 4, 300), StreamDamage);
});
