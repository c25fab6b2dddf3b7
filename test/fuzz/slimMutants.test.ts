import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { crc32 } from '../../analyzers/bytes/crc32.ts';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { prologueBytes, slimMagic } from '../../analyzers/formats/slim/header.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { opened, readAll, slimOf } from '../support/slim.ts';
import { everyForm } from '../support/slimModels.ts';

const { slim } = await slimOf(
  await opened(memorySource('net.onnx', onnxModel(everyForm.spec))),
  everyForm.recipe,
);
const headerLength = new DataView(slim.buffer).getUint32(8, true);
const base = prologueBytes + Math.ceil(headerLength / 8) * 8;
const header = JSON.parse(
  new TextDecoder().decode(slim.subarray(prologueBytes, prologueBytes + headerLength)),
) as {
  skeleton: { bytes: number };
  layers: { name: string; streams: [kind: string, bits: number, crc: string][] }[];
};
/** Streams with the byte at which they begin, in their order. */
const streams: { kind: string; from: number }[] = [];
let end = base;
const place = (kind: string, bytes: number): void => {
  streams.push({ kind, from: end });
  end += 8 * Math.ceil(bytes / 8);
};
place('skeleton', header.skeleton.bytes);
for (const layer of header.layers) for (const [kind, bits] of layer.streams) place(kind, Math.ceil(bits / 8));
const streamAt = (at: number) => streams.findLast(({ from }) => from <= at);

test('whole, it is read', async () => {
  const all = await readAll(slim);
  assert.ok(!(all instanceof ReadError) && all.length === 5 && slim.length % 8 === 0);
});

test('cut off at any byte it is an error that says in which part', async () => {
  for (let length = 1; length < slim.length; length += 1) {
    const answer = await readAll(slim.slice(0, length));
    assert.ok(answer instanceof ReadError, length.toString());
    assert.deepEqual([answer.code, answer.offset], ['slim/truncated', length]);
    assert.ok(
      answer.message.includes(length < base ? 'the header' : `"${streamAt(length)!.kind}"`),
      answer.message,
    );
  }
});

test('with any bit flipped it is an error that names the stream and its byte, and never wrong weights', async () => {
  for (let bit = 0; bit < 8 * slim.length; bit += 1) {
    const broken = slim.slice();
    const at = bit >> 3;
    broken[at]! ^= 1 << (bit & 7);
    const answer = await readAll(broken);
    assert.ok(answer instanceof ReadError, `bit ${bit.toString()} of ${slim.length.toString()} bytes`);
    assert.equal(answer.code, at === slimMagic.length ? 'slim/version' : 'slim/damaged', answer.message);
    if (at < base) continue;
    const { kind, from } = streamAt(at)!;
    assert.ok(answer.message.includes(`"${kind}"`) && answer.offset === from, answer.message);
  }
});

/** The container with another header, its checksums right. */
function withHeader(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const start = new Uint8Array(prologueBytes + Math.ceil(body.length / 8) * 8);
  start.set(slim.subarray(0, 8));
  start.set(body, prologueBytes);
  const view = new DataView(start.buffer);
  view.setUint32(8, body.length, true);
  view.setUint32(12, crc32(start.subarray(prologueBytes)), true);
  view.setUint32(16, crc32(start.subarray(0, 16)), true);
  return Uint8Array.from([...start, ...slim.subarray(base)]);
}

test('keys that are not known are passed over', async () => {
  const more = {
    ...header,
    later: { a: [1] },
    layers: header.layers.map((layer) => ({ ...layer, more: 1 })),
  };
  assert.deepEqual(await readAll(withHeader(JSON.stringify(more))), await readAll(slim));
});

test('a header with any of its values replaced is refused or read, and takes no more memory than its file', async () => {
  const paths: (string | number)[][] = [];
  const collect = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path);
    if (Array.isArray(value)) for (const [i, one] of value.entries()) collect(one, [...path, i]);
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) collect(one, [...path, name]);
  };
  collect(header, []);
  const hostile = [null, -1, 0, 1, 0.5, 7, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, '', 'x', [], {}, true];
  let refused = 0;
  for (const path of paths)
    for (const value of hostile) {
      const changed = structuredClone(header) as unknown as Record<string | number, unknown>;
      let inner = changed;
      for (const step of path.slice(0, -1)) inner = inner[step] as Record<string | number, unknown>;
      inner[path.at(-1)!] = value;
      const answer = await readAll(withHeader(JSON.stringify(changed)));
      if (!(answer instanceof ReadError)) continue;
      refused += 1;
      assert.match(answer.code, /^(slim|file)\//, answer.message);
    }
  assert.ok(refused > 1000, refused.toString());
});

test('random bytes behind the magic number are an error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const answer = await readAll(Uint8Array.from([...slimMagic, 1, ...bytes]));
      assert.ok(answer instanceof ReadError && answer.code.startsWith('slim/'));
    }),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      const answer = await readAll(withHeader(text));
      assert.ok(answer instanceof ReadError && answer.code === 'slim/damaged');
    }),
    { numRuns: 300 },
  );
});
