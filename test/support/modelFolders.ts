import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { denseModel, weightTensor } from './denseModel.ts';
import { withFolder } from './folder.ts';
import { onnxModel, type TensorSpec } from './onnxFixture.ts';

/** Three layers, 1 600 weights. */
export const small = denseModel([20, 30, 25, 10]);

/** A folder with the model m.onnx in it. */
export const withModel = (
  use: (folder: string, model: string) => Promise<void>,
  bytes: Uint8Array = small,
): Promise<void> =>
  withFolder(async (folder) => {
    const model = path.join(folder, 'm.onnx');
    await writeFile(model, bytes);
    await use(folder, model);
  });

/** A layer whose numbers lie in weights/w.bin beside the model. */
export async function withWeightsBeside(folder: string): Promise<string> {
  const { raw, ...tensor } = weightTensor('fc.weight', [30, 20], 7);
  const external = { location: 'weights/w.bin', offset: 0, length: 2400 };
  const weight: TensorSpec = { ...tensor, external };
  await mkdir(path.join(folder, 'weights'));
  await writeFile(path.join(folder, 'weights', 'w.bin'), raw!);
  const model = path.join(folder, 'm.onnx');
  await writeFile(
    model,
    onnxModel({
      nodes: [{ op: 'MatMul', inputs: ['x', 'fc.weight'], outputs: ['y'] }],
      initializers: [weight],
      inputs: [{ name: 'x', shape: [1, 30] }],
    }),
  );
  return model;
}
