import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32 } from '../../analyzers/bytes/crc32.ts';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { prologueBytes } from '../../analyzers/formats/slim/header.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { filesOf, opened, readAll, slimOf } from '../support/slim.ts';
import { recipeBy } from '../support/slimModels.ts';
import { everyWriting } from '../support/writtenModels.ts';

const { slim, notes } = await slimOf(
  await opened(memorySource('net.onnx', onnxModel(everyWriting))),
  recipeBy({ '*': { prune: 'density=0.4', share: '2' } }),
);
const headerLength = new DataView(slim.buffer).getUint32(8, true);
const base = prologueBytes + Math.ceil(headerLength / 8) * 8;
const header = JSON.parse(
  new TextDecoder().decode(slim.subarray(prologueBytes, prologueBytes + headerLength)),
) as { files: { parts: { written?: object }[] }[]; skeleton: { bytes: number; crc: string } };

/** The container with another header and perhaps another skeleton, the checksums of both right. */
function remade(changed: typeof header, skeleton?: Uint8Array): Uint8Array {
  const rest = slim.slice(base);
  if (skeleton !== undefined) rest.set(skeleton);
  const crc = crc32(rest.subarray(0, Math.ceil(header.skeleton.bytes / 8) * 8));
  const own =
    skeleton === undefined
      ? changed
      : { ...changed, skeleton: { ...changed.skeleton, crc: crc.toString(16).padStart(8, '0') } };
  const body = new TextEncoder().encode(JSON.stringify(own));
  const start = new Uint8Array(prologueBytes + Math.ceil(body.length / 8) * 8);
  start.set(slim.subarray(0, 8));
  start.set(body, prologueBytes);
  const view = new DataView(start.buffer);
  view.setUint32(8, body.length, true);
  view.setUint32(12, crc32(start.subarray(prologueBytes)), true);
  view.setUint32(16, crc32(start.subarray(0, 16)), true);
  return Uint8Array.from([...start, ...rest]);
}

/** The files that come out of it, or the error. */
async function givenBack(bytes: Uint8Array): Promise<ReadError | ReadonlyMap<string, Uint8Array>> {
  try {
    return await filesOf(bytes);
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}

test('every way to write numbers is in it, and nothing is carried', async () => {
  assert.deepEqual(notes, []);
  const ways = header.files[0]!.parts.flatMap(({ written }) => (written === undefined ? [] : [written]));
  assert.deepEqual(
    ways.map((way) => ({ ...way, pad: 0 })),
    [
      { numbers: 'varint', tag: '', pad: 0, sparse: false },
      { numbers: 'raw', tag: '25', pad: 0, sparse: false },
      { numbers: 'varint', tag: '28', pad: 0, sparse: false },
      { numbers: 'raw', tag: '', pad: 0, sparse: true },
    ],
  );
  const all = await readAll(slim);
  assert.ok(!(all instanceof ReadError) && all.length === 4);
  assert.ok(!((await givenBack(remade(header))) instanceof ReadError));
});

test('a part that says another way, size or place is refused or is the same file, and never a wrong one', async () => {
  const right = (await filesOf(slim)).get('net.onnx')!;
  const hostile = [
    null,
    -1,
    0,
    1,
    2,
    7,
    2 ** 31,
    2 ** 53,
    '',
    '0',
    '28',
    'ff'.repeat(10),
    'x',
    [],
    {},
    true,
    false,
    'raw',
    'varint',
  ];
  let refused = 0;
  for (const [at, part] of header.files[0]!.parts.entries())
    for (const where of ['part', 'written'] as const)
      for (const name of Object.keys(where === 'part' ? part : (part.written ?? {})))
        for (const value of hostile) {
          const changed = structuredClone(header);
          const one = changed.files[0]!.parts[at]!;
          Object.assign(where === 'part' ? one : one.written!, { [name]: value });
          const bytes = remade(changed);
          const answer = await givenBack(bytes);
          const read = await readAll(bytes);
          if (read instanceof ReadError) assert.match(read.code, /^(?:slim|file|onnx|weights|limits)\//);
          if (!(answer instanceof ReadError)) {
            assert.equal(answer.get('net.onnx')!.length, right.length);
            continue;
          }
          refused += 1;
          assert.match(answer.code, /^(?:slim|file|onnx|weights)\//, answer.message);
        }
  assert.ok(refused > 300, refused.toString());
});

test('a skeleton with any of its bytes changed and its checksum right is an error or other files', async () => {
  const skeleton = slim.subarray(base, base + header.skeleton.bytes);
  for (let at = 0; at < skeleton.length; at += 1)
    for (const mask of [1, 255]) {
      const other = skeleton.slice();
      other[at]! ^= mask;
      const bytes = remade(header, other);
      const answer = await givenBack(bytes);
      if (answer instanceof ReadError) assert.match(answer.code, /^(?:slim|file|onnx|weights|limits)\//);
      await readAll(bytes);
    }
});
