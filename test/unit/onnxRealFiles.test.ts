import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { detect } from '../../analyzers/formats/index.ts';
import type { Graph } from '../../analyzers/model/graph.ts';
import type { Model } from '../../analyzers/model/model.ts';
import type { Place } from '../../analyzers/model/tensor.ts';
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

test('the real ONNX files are looked at', { skip }, () => {
  assert.ok(facts().length >= 14);
});

for (const { file, onnx } of facts()) {
  test(`${file} has the known elements in the known places`, { skip }, async () => {
    const { model } = await open(file);
    assert.equal(elements(model, null), onnx.params);
    for (const [key, place] of Object.entries(places)) {
      assert.equal(elements(model, place), onnx.where[key as keyof typeof places], place);
    }
    assert.equal(elements(model, 'function'), 0);
    assert.equal(model.metadata.get('ir'), onnx.ir.toString());
    assert.deepEqual(count(model.graph), { nodes: onnx.nodes, subgraphs: onnx.subgraphs });
  });
}
