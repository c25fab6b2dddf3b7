import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../analyzers/bytes/crc32.ts';
import { limits } from '../../analyzers/bytes/limits.ts';
import { readNpy } from '../../analyzers/bytes/npy.ts';
import { openVectors } from '../../analyzers/node/vectorFile.ts';
import { withFolder } from '../support/folder.ts';

const signal = new AbortController().signal;

function npy(descr: string, shape: string, body: Uint8Array, version = 1): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const head = Buffer.alloc(version === 1 ? 10 : 12);
  head.write('\x93NUMPY', 'latin1');
  head[6] = version;
  if (version === 1) head.writeUInt16LE(text.length, 8);
  else head.writeUInt32LE(text.length, 8);
  return Buffer.concat([head, Buffer.from(text, 'latin1'), body]);
}

const bytesOf = (numbers: ArrayBufferView): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
const floats = (...numbers: number[]): Uint8Array => bytesOf(Float32Array.from(numbers));

interface Packed {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly method?: number;
  /** What the directory says, where it lies. */
  readonly size?: number;
}

function zip(...files: readonly Packed[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, method = 8, size = bytes.length } of files) {
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc32(bytes), 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(at, 42);
    directory.push(central, Buffer.from(name));
    parts.push(local, Buffer.from(name), packed);
    at += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

test('vectors of every real type are read, in both byte orders and versions', () => {
  const numbers = [0, 1, 3, 100];
  const typed: readonly (readonly [string, ArrayBufferView])[] = [
    ['<f4', Float32Array.from(numbers)],
    ['<f8', Float64Array.from(numbers)],
    ['|i1', Int8Array.from(numbers)],
    ['<i2', Int16Array.from(numbers)],
    ['<i4', Int32Array.from(numbers)],
    ['<i8', BigInt64Array.from(numbers, BigInt)],
    ['|u1', Uint8Array.from(numbers)],
    ['<u2', Uint16Array.from(numbers)],
    ['<u4', Uint32Array.from(numbers)],
    ['<u8', BigUint64Array.from(numbers, BigInt)],
    ['<f2', Uint16Array.of(0, 0x3c00, 0x4200, 0x5640)],
  ];
  for (const [descr, body] of typed)
    for (const [shape, version] of [
      ['(4,)', 1],
      ['(1, 4)', 2],
      ['(4, 1)', 3],
    ] as const)
      assert.deepEqual(
        Array.from(readNpy(npy(descr, shape, bytesOf(body), version), 'a.npy')),
        numbers,
        descr,
      );
  const swapped = Buffer.from(floats(...numbers)).swap32();
  assert.deepEqual(Array.from(readNpy(npy('>f4', '(4,)', swapped), 'a.npy')), numbers);
  assert.deepEqual(Array.from(readNpy(npy('<f4', '(0,)', new Uint8Array(0)), 'a.npy')), []);
  assert.deepEqual(Array.from(readNpy(npy('<f4', '()', floats(7)), 'a.npy')), [7]);
});

const refuse = (bytes: Uint8Array, code: string, why: RegExp): void =>
  assert.throws(
    () => readNpy(bytes, 'a.npy'),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, why);
      assert.match(error.message, /a\.npy/);
      return true;
    },
  );

test('what is no vector of finite numbers is refused, with the reason', () => {
  const unreadable = 'activations/unreadable';
  refuse(new Uint8Array(0), unreadable, /does not begin/);
  refuse(Buffer.from('\x93NUMPY\x07\x00\x10\x00', 'latin1'), unreadable, /version 7/);
  refuse(npy('<f4', '(4,)', floats(1, 2, 3)), unreadable, /ends at byte/);
  refuse(npy('<f4', '(4,)', floats(1, 2, 3, 4)).subarray(0, 40), unreadable, /ends in its header/);
  refuse(npy('<c8', '(1,)', new Uint8Array(8)), unreadable, /c8, no real numbers/);
  refuse(npy('|O', '(1,)', new Uint8Array(8)), unreadable, /header/);
  refuse(npy('<f4', `(${(limits.unitVector + 1).toString()},)`, floats(1)), unreadable, /more than the/);
  refuse(npy('<f4', `(${'99999999,'.repeat(50)})`, floats(1)), unreadable, /dimensions/);
  refuse(npy('<f4', `(${'99999999,'.repeat(9)})`, floats(1)), unreadable, /more than the/);
  refuse(npy('<f4', '(3,)', floats(1, Number.NaN, 2)), 'activations/not-finite', /NaN at place 1/);
  refuse(
    npy('<f2', '(1,)', bytesOf(Uint16Array.of(0xfc00))),
    'activations/not-finite',
    /-Infinity at place 0/,
  );
});

test('an archive gives each vector under its name, stored or deflated, and only when it is asked for', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'a.npz');
    const one = npy('<f4', '(3,)', floats(0, 1, 2));
    await writeFile(
      file,
      zip(
        { name: 'fc1.npy', bytes: one },
        { name: 'fc2.npy', bytes: one, method: 0 },
        { name: 'x.txt', bytes: one },
      ),
    );
    const vectors = await openVectors(file, signal);
    assert.deepEqual([...vectors.keys()], ['fc1', 'fc2']);
    for (const read of vectors.values()) assert.deepEqual(Array.from(read()), [0, 1, 2]);
  }));

test('archives that lie about their sizes are refused before anything is unpacked beyond them', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'a.npz');
    const one = npy('<f4', '(3,)', floats(0, 1, 2));
    const bomb = zip({ name: 'a.npy', bytes: new Uint8Array(1 << 20), size: 100 });
    const huge = zip({ name: 'a.npy', bytes: one, size: limits.vectorFile + 1 });
    const strange = zip({ name: 'a.npy', bytes: one, method: 0 });
    strange.writeUInt16LE(12, strange.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 10);
    for (const bytes of [bomb, huge, strange]) {
      await writeFile(file, bytes);
      const vectors = await openVectors(file, signal);
      assert.throws(vectors.get('a')!, { code: 'activations/unreadable' });
    }
    const whole = zip({ name: 'a.npy', bytes: one });
    for (let cut = 2; cut < whole.length; cut += 7) {
      await writeFile(file, whole.subarray(0, cut));
      await assert.rejects(openVectors(file, signal), { code: 'activations/unreadable' });
    }
    for (let at = 4; at < whole.length; at += 1) {
      const broken = Buffer.from(whole);
      broken[at]! ^= 0xff;
      await writeFile(file, broken);
      try {
        for (const read of (await openVectors(file, signal)).values())
          assert.deepEqual(Array.from(read()), [0, 1, 2], 'what is read is what was written');
      } catch (error) {
        assert.match((error as { code: string }).code, /^activations\//);
      }
    }
  }));
