import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { limits } from '../../analyzers/bytes/limits.ts';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { detect } from '../../analyzers/formats/index.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import type { Graph } from '../../analyzers/model/graph.ts';
import type { Model } from '../../analyzers/model/model.ts';
import type { Extent, Place } from '../../analyzers/model/tensor.ts';
import { countingSource } from '../support/onnxFixture.ts';

const folder = path.resolve('../shared/models');
const index = path.join(folder, 'index.json');
const skip = fs.existsSync(index) ? false : 'the folder of real models is not here';

interface Facts {
  readonly file: string;
  readonly onnx: {
    readonly ir: number;
    readonly opset: string;
    readonly nodes: number;
    readonly subgraphs: number;
    readonly params: number;
    readonly where: Readonly<Record<'init' | 'constNode' | 'subInit' | 'subConst' | 'sparse', number>>;
  };
}

const places: Readonly<Record<keyof Facts['onnx']['where'], Place>> = {
  init: 'initializer',
  constNode: 'constant',
  subInit: 'subgraphInitializer',
  subConst: 'subgraphConstant',
  sparse: 'sparse',
};

const signal = new AbortController().signal;

function facts(): readonly Facts[] {
  if (skip !== false) return [];
  const all = JSON.parse(fs.readFileSync(index, 'utf8')) as readonly Facts[];
  return all.filter((m) => m.file.startsWith('onnx/'));
}

async function open(file: string): Promise<{ model: Model; bytesRead: number }> {
  const bytes = fs.readFileSync(path.join(folder, file));
  const { source, counts } = countingSource(memorySource(path.basename(file), bytes));
  const format = detect(bytes.subarray(0, 64), source.name);
  assert.ok(format !== null);
  return { model: await format.read(source, signal), bytesRead: counts.bytes };
}

function elements(model: Model, place: Place | null): number {
  const some = model.tensors.filter((t) => place === null || t.place === place);
  return some.reduce((n, t) => n + t.shape.reduce((m, d) => m * d, 1), 0);
}

/** Data that is too small to be worth a jump: it may be passed over inside a window. */
const smallData = (extents: readonly Extent[]): number =>
  extents.reduce((n, e) => n + (e.byteLength < limits.window ? e.byteLength : 0), 0);

/** Nodes of a graph and of the graphs in it, and how many those are. */
function count(graph: Graph | null): { nodes: number; subgraphs: number } {
  const sum = { nodes: 0, subgraphs: 0 };
  for (const node of graph?.nodes ?? []) {
    sum.nodes += 1;
    for (const attribute of node.attributes.values()) {
      if (attribute.kind !== 'graphs') continue;
      for (const inner of attribute.graphs.map(count)) {
        sum.nodes += inner.nodes;
        sum.subgraphs += inner.subgraphs + 1;
      }
    }
  }
  return sum;
}

test('every other kind of file that we have is refused as what it is', { skip }, async () => {
  const others = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const said = new Map<string, string>();
  for (const entry of others) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || file.includes(`${path.sep}onnx${path.sep}`)) continue;
    const bytes = fs.readFileSync(file);
    await assert.rejects(onnxFormat.read(memorySource(entry.name, bytes), signal), (error: unknown) => {
      assert.ok(error instanceof ReadError, `${entry.name}: ${String(error)}`);
      said.set(entry.name, `${error.code}: ${error.message}`);
      return true;
    });
  }
  assert.match(said.get('html_named.onnx') ?? '', /^file\/not-a-model: .*an HTML page/);
  for (const [name, message] of said) assert.match(message, /^file\/not-a-model/, name);
});

test('the real ONNX files are looked at', { skip }, () => {
  assert.ok(facts().length >= 14);
});

for (const { file, onnx } of facts()) {
  test(`${file} has the known elements in the known places`, { skip }, async () => {
    const { model, bytesRead } = await open(file);
    assert.equal(elements(model, null), onnx.params);
    for (const [key, place] of Object.entries(places)) {
      assert.equal(elements(model, place), onnx.where[key as keyof typeof places], place);
    }
    assert.equal(elements(model, 'function'), 0);
    assert.equal(model.metadata.get('ir'), onnx.ir.toString());
    // Everything but the tensors' data, one window that may reach into it, and a small one after each jump.
    const size = model.files[0]?.bytes ?? 0;
    const data = model.tensors.flatMap((t) => ('extents' in t.data ? t.data.extents : []));
    const structure = size - data.reduce((n, e) => n + e.byteLength, 0);
    const jumps = data.filter((e) => e.byteLength >= limits.firstWindow).length;
    assert.ok(bytesRead <= structure + smallData(data) + limits.window + jumps * limits.firstWindow * 2);
    assert.deepEqual(count(model.graph), { nodes: onnx.nodes, subgraphs: onnx.subgraphs });
  });
}
