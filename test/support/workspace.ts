import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { f32, onnxModel, type ModelSpec } from './onnxFixture.ts';

/** Weights that a long run goes through: layers, and the side of their square matrices. */
const long = { layers: 60, side: 1024 } as const;

/** A chain of square matrices, alike but each in bytes of its own: the same bytes would be one layer. */
function longModel(folder: string): void {
  const { layers, side } = long;
  const length = 4 * side * side;
  const values = new Float32Array(side * side);
  let state = 1;
  for (let i = 0; i < values.length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 32 - 0.5) * ((i % 7) + 1);
  }
  const file = fs.openSync(path.join(folder, 'long.weights'), 'w');
  for (let i = 0; i < layers; i += 1) fs.writeSync(file, new Uint8Array(values.buffer));
  fs.closeSync(file);
  const ids = Array.from({ length: layers }, (_, i) => i.toString());
  const spec: ModelSpec = {
    inputs: [{ name: 'x0', shape: [1, side] }],
    outputs: [{ name: `x${layers.toString()}`, shape: [1, side] }],
    initializers: ids.map((id, i) => ({
      name: `w${id}`,
      shape: [side, side],
      external: { location: 'long.weights', offset: i * length, length },
    })),
    nodes: ids.map((id, i) => ({
      op: 'MatMul',
      inputs: [`x${id}`, `w${id}`],
      outputs: [`x${(i + 1).toString()}`],
    })),
  };
  fs.writeFileSync(path.join(folder, 'long.onnx'), onnxModel(spec));
}

/** Layers whose long names differ only at their ends. */
function longNames(folder: string): void {
  const side = 48;
  const names = Array.from(
    { length: 24 },
    (_, i) =>
      `detector.backbone.stage${(i >> 3).toString()}.block.separable.conv${i.toString()}.pointwise.weight`,
  );
  fs.writeFileSync(
    path.join(folder, 'names.onnx'),
    onnxModel({
      inputs: [{ name: 'x0', shape: [1, side] }],
      outputs: [{ name: `x${names.length.toString()}`, shape: [1, side] }],
      initializers: names.map((name, at) =>
        f32(name, [side, side], (i) => ((((i + at) * 7919) % 997) - 498) / 500),
      ),
      nodes: names.map((name, i) => ({
        op: 'MatMul',
        inputs: [`x${i.toString()}`, name],
        outputs: [`x${(i + 1).toString()}`],
      })),
    }),
  );
}

/** One dense layer of `side` times `side` weights. */
export const denseModel = (side: number): Uint8Array =>
  onnxModel({
    inputs: [{ name: 'x', shape: [1, side] }],
    outputs: [{ name: 'y', shape: [1, side] }],
    initializers: [f32('only.weight', [side, side], (i) => (((i * 7919) % 997) - 498) / 500)],
    nodes: [{ op: 'MatMul', inputs: ['x', 'only.weight'], outputs: ['y'] }],
  });

/** A folder of the test's own with the samples, models that are broken, one that takes long, and one to overwrite. */
export function makeWorkspace(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'models-'));
  for (const name of fs.readdirSync('samples'))
    fs.copyFileSync(path.join('samples', name), path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'page.onnx'), '<!DOCTYPE html><html><body>Not found</body></html>\n');
  fs.writeFileSync(path.join(folder, 'empty.onnx'), '');
  const lenet = fs.readFileSync('samples/lenet-synthetic.onnx');
  fs.writeFileSync(path.join(folder, 'cut.onnx'), lenet.subarray(0, lenet.length >> 1));
  fs.writeFileSync(path.join(folder, 'training.onnx'), denseModel(64));
  longModel(folder);
  longNames(folder);
  return folder;
}
