import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { limits } from '../../analyzers/bytes/limits.ts';
import type { Graph } from '../../analyzers/model/graph.ts';
import type { Model } from '../../analyzers/model/model.ts';
import type { Tensor } from '../../analyzers/model/tensor.ts';
import { hostileModels } from '../support/hostileModels.ts';
import { seedBytes } from '../support/onnxSeeds.ts';
import { varint } from '../support/protobuf.ts';
import { outcome } from '../support/readOnnx.ts';
import { random, type Random } from '../support/random.ts';

const mutants = Number(process.env['FUZZ_MUTANTS'] ?? 24_000);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);

/** Values that lengths and counts lie with. */
const lies: readonly (number | bigint)[] = [
  0,
  1,
  127,
  128,
  255,
  65_535,
  2 ** 20,
  2 ** 31 - 1,
  2 ** 32,
  2n ** 53n,
  2n ** 63n,
  -1,
];

const pick = <T>(next: Random, list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
const place = (next: Random, bytes: Uint8Array): number => Math.floor(next() * bytes.length);

/** The bytes with `part` in place of `removed` bytes from `at`. */
function splice(bytes: Uint8Array, at: number, removed: number, part: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const out = new Uint8Array(at + part.length + rest.length);
  out.set(bytes.subarray(0, at));
  out.set(part, at);
  out.set(rest, at + part.length);
  return out;
}

type Mutation = (bytes: Uint8Array, next: Random, other: Uint8Array) => Uint8Array;
const mutations: readonly Mutation[] = [
  (bytes, next) => {
    const out = bytes.slice();
    for (let n = 1 + Math.floor(next() * 8); n > 0; n -= 1)
      out[place(next, out)]! ^= 1 << Math.floor(next() * 8);
    return out;
  },
  (bytes, next) => splice(bytes, place(next, bytes), 1, varint(pick(next, lies))),
  (bytes, next) => splice(bytes, place(next, bytes), Math.floor(next() * 16), new Uint8Array(0)),
  (bytes, next, other) => {
    const from = place(next, other);
    return splice(bytes, place(next, bytes), Math.floor(next() * 4), other.subarray(from, from + 40));
  },
  (bytes, next) => {
    const from = place(next, bytes);
    return splice(bytes, place(next, bytes), 0, bytes.subarray(from, from + Math.floor(next() * 200)));
  },
  (bytes, next) => bytes.slice(0, place(next, bytes)),
  (bytes, next) => splice(bytes, place(next, bytes), 1, Uint8Array.of(Math.floor(next() * 256))),
];

/** What must hold of any tensor that is listed, whatever the file was. */
function checkTensor(tensor: Tensor, model: Model): void {
  const elements = tensor.shape.reduce((n, d) => n * d, 1);
  assert.ok(Number.isSafeInteger(elements) && elements >= 0 && tensor.shape.length <= limits.rank);
  const { data } = tensor;
  if (data.kind === 'none') {
    assert.ok(data.code !== '' && data.reason !== '');
  } else if (data.kind === 'sparse') {
    checkTensor(data.values, model);
    checkTensor(data.indices, model);
    assert.ok(data.count <= elements);
  } else if (data.kind === 'inline') assert.equal(data.values.length, elements);
  else {
    for (const e of data.extents) {
      const file = model.files[e.source];
      assert.ok(
        file !== undefined && e.offset >= 0 && e.byteLength > 0 && e.offset + e.byteLength <= file.bytes,
      );
    }
  }
}

function checkGraph(graph: Graph, model: Model): void {
  for (const index of graph.initializers.values()) assert.ok(index < model.tensors.length);
  for (const node of graph.nodes) {
    for (const attribute of node.attributes.values()) {
      if (attribute.kind === 'tensor') assert.ok(attribute.tensor < model.tensors.length);
      if (attribute.kind === 'value') checkTensor(attribute.value, model);
      if (attribute.kind === 'graphs') for (const inner of attribute.graphs) checkGraph(inner, model);
    }
  }
}

function check(answer: Model | ReadError, size: number): void {
  if (answer instanceof ReadError) {
    assert.match(answer.code, /^(file|limits)\//);
    assert.ok(answer.message.length < 400);
    assert.ok(answer.offset === undefined || (answer.offset >= 0 && answer.offset <= size));
    return;
  }
  for (const tensor of answer.tensors) checkTensor(tensor, answer);
  if (answer.graph !== null) checkGraph(answer.graph, answer);
  assert.ok(answer.problems.length <= limits.problems + 1);
  structuredClone(answer);
}

test(`${mutants.toString()} mutants of small models are models or errors, nothing else`, async () => {
  const seeds = [...seedBytes().values()];
  assert.ok(seeds.length >= 12);
  const codes = new Map<string, number>();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let i = 0; i < mutants; i += 1) {
    const next = random(firstSeed + i);
    let bytes = pick(next, seeds);
    for (let n = 1 + Math.floor(next() * 3); n > 0; n -= 1) {
      if (bytes.length > 0) bytes = pick(next, mutations)(bytes, next, pick(next, seeds));
    }
    let answer: Model | ReadError;
    try {
      answer = await outcome(bytes);
      check(answer, bytes.length);
    } catch (error) {
      throw new Error(`mutant ${(firstSeed + i).toString()}: ${Buffer.from(bytes).toString('base64')}`, {
        cause: error,
      });
    }
    const code = answer instanceof ReadError ? answer.code : 'model';
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (i % 256 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  // The mutants must reach all the ways out that small files have.
  for (const code of ['model', 'file/truncated', 'file/damaged', 'file/not-a-model']) {
    assert.ok((codes.get(code) ?? 0) > mutants / 200, `${code}: ${String(codes.get(code))}`);
  }
  assert.ok(most < 256 * 1024 * 1024, `${most.toString()} bytes of buffers`);
});

test('mutants of hostile files are models or errors, nothing else', async () => {
  const small = hostileModels
    .map((h) => h.make())
    .filter((bytes) => bytes.length > 0 && bytes.length < 20_000);
  for (let i = 0; i < 2000; i += 1) {
    const next = random(firstSeed + i);
    const bytes = pick(next, mutations)(pick(next, small), next, pick(next, small));
    check(await outcome(bytes), bytes.length);
  }
});
