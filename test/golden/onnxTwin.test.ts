import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import proto, { type onnx } from 'onnx-proto';
import { integer, type Integer } from '../../analyzers/formats/onnx/decode.ts';
import { dtypeOfCode } from '../../analyzers/model/onnxTypes.ts';
import type { Attribute, Graph, GraphNode, ValueInfo } from '../../analyzers/model/graph.ts';
import type { Model } from '../../analyzers/model/model.ts';
import { seedBytes } from '../support/onnxSeeds.ts';
import { numbersOf, readBytes } from '../support/readOnnx.ts';

/** The naive twin of the reader: onnx-proto on the whole file, whose answers ours must equal. */
const text = new TextDecoder();
const ints = (list: unknown): number[] => (list as Integer[]).map(integer);

function sameValues(ours: readonly ValueInfo[], twins: readonly onnx.IValueInfoProto[]): void {
  assert.deepEqual(
    ours,
    twins.map((twin) => {
      const tensor = twin.type?.tensorType;
      return {
        name: twin.name,
        dtype: dtypeOfCode.get(tensor?.elemType ?? 0) ?? null,
        shape:
          tensor?.shape?.dim?.map((d) => {
            if ((d.dimParam ?? '') !== '') return d.dimParam;
            const size = Object.hasOwn(d, 'dimValue') ? integer(d.dimValue as Integer) : -1;
            return size >= 0 ? size : null;
          }) ?? null,
      };
    }),
  );
}

/** The kind, and the plain value where there is one. */
function plain(attribute: Attribute): unknown {
  if ('values' in attribute) return attribute.values;
  return attribute.kind === 'int' || attribute.kind === 'float' || attribute.kind === 'string'
    ? attribute.value
    : attribute.kind;
}

function plainTwin(twin: onnx.IAttributeProto): unknown {
  if ((twin.refAttrName ?? '') !== '') return 'reference';
  const type: number = twin.type ?? 0;
  if (type === 1) return twin.f;
  if (type === 2) return integer(twin.i as Integer);
  if (type === 3) return text.decode(twin.s ?? new Uint8Array(0));
  if (type === 6) return twin.floats;
  if (type === 7) return ints(twin.ints);
  if (type === 8) return twin.strings?.map((s) => text.decode(s));
  return type === 5 || type === 10 ? 'graphs' : 'value';
}

async function sameNode(model: Model, ours: GraphNode, twin: onnx.INodeProto): Promise<void> {
  const domain = twin.domain === 'ai.onnx' ? '' : twin.domain;
  assert.deepEqual(
    [ours.name, ours.op, ours.domain, ours.inputs, ours.outputs],
    [twin.name, twin.opType, domain, twin.input, twin.output],
  );
  assert.deepEqual(
    [...ours.attributes.keys()],
    twin.attribute?.map((a) => a.name),
  );
  for (const a of twin.attribute ?? []) {
    const attribute = ours.attributes.get(a.name ?? '');
    assert.ok(attribute !== undefined);
    if (attribute.kind === 'tensor') {
      const tensor = model.tensors[attribute.tensor];
      assert.equal(tensor?.name, twin.output?.[0]);
      if (a.t !== null && a.t !== undefined) await sameTensor(model, attribute.tensor, a.t);
      continue;
    }
    assert.deepEqual(plain(attribute), plainTwin(a));
    if (attribute.kind !== 'graphs') continue;
    const twins = Object.hasOwn(a, 'g') ? [a.g ?? {}] : (a.graphs ?? []);
    for (const [i, g] of attribute.graphs.entries()) await sameGraph(model, g, twins[i] ?? {});
  }
}

async function sameTensor(model: Model, index: number, twin: onnx.ITensorProto): Promise<void> {
  const tensor = model.tensors[index];
  assert.ok(tensor !== undefined);
  if (tensor.data.kind === 'none') return;
  assert.deepEqual(tensor.shape, ints(twin.dims));
  assert.equal(tensor.dtype, dtypeOfCode.get(twin.dataType ?? 0));
  if (tensor.dtype !== 'f32' || (twin.externalData ?? []).length > 0) return;
  const raw = twin.rawData ?? new Uint8Array(0);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const numbers =
    raw.length > 0
      ? Array.from({ length: raw.length / 4 }, (_, i) => view.getFloat32(i * 4, true))
      : (twin.floatData ?? []);
  // One comparison of bytes: deepEqual of half a million numbers takes seconds.
  const ours = Float32Array.from(await numbersOf(model, tensor));
  assert.ok(Buffer.from(ours.buffer).equals(Buffer.from(Float32Array.from(numbers).buffer)), tensor.name);
}

async function sameGraph(model: Model, ours: Graph, twin: onnx.IGraphProto): Promise<void> {
  assert.equal(ours.name, twin.name);
  sameValues(ours.inputs, twin.input ?? []);
  sameValues(ours.outputs, twin.output ?? []);
  sameValues(ours.values, twin.valueInfo ?? []);
  for (const initializer of twin.initializer ?? []) {
    const index = ours.initializers.get(initializer.name ?? '');
    if (initializer.name !== '') await sameTensor(model, index ?? -1, initializer);
  }
  assert.equal(ours.nodes.length, twin.node?.length);
  for (const [i, node] of ours.nodes.entries()) await sameNode(model, node, twin.node?.[i] ?? {});
}

async function sameModel(bytes: Uint8Array): Promise<void> {
  const model = await readBytes(bytes);
  const twin = proto.onnx.ModelProto.decode(bytes);
  assert.ok(model.graph !== null);
  await sameGraph(model, model.graph, twin.graph ?? {});
  assert.equal(model.functions.length, twin.functions.length);
  for (const [i, f] of model.functions.entries()) {
    const other = twin.functions[i];
    assert.deepEqual(
      [f.name, f.domain, f.inputs, f.outputs, f.attributes],
      [other?.name, other?.domain, other?.input, other?.output, other?.attribute],
    );
    for (const [k, node] of f.nodes.entries()) await sameNode(model, node, other?.node?.[k] ?? {});
  }
}

for (const [name, bytes] of seedBytes()) {
  test(`the model "${name}" is what a whole decode says`, () => sameModel(bytes));
}

const folder = path.resolve('../shared/models/onnx');
const skip = fs.existsSync(folder) ? false : 'the folder of real models is not here';
const files = skip === false ? fs.readdirSync(folder) : [];

test('there are real files to compare', { skip }, () => {
  assert.ok(files.length >= 14);
});
for (const file of files) {
  test(`${file} is what a whole decode says`, { skip }, () =>
    sameModel(fs.readFileSync(path.join(folder, file))),
  );
}
