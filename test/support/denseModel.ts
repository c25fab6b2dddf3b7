import { f32, onnxModel, type TensorSpec } from './onnxFixture.ts';
import type { Bytes } from './protobuf.ts';

/** A seeded sequence of numbers in [0, 1) (Lehmer, Park and Miller 1988). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Weights that look like a trained layer's: the sum of four uniform numbers, about zero. */
export function weightTensor(name: string, shape: readonly number[], seed: number, factor = 1): TensorSpec {
  const random = seeded(seed);
  return f32(name, shape, () => ((random() + random() + random() + random() - 2) / 10) * factor);
}

/**
 * Gemm layers one after another, `sizes[i]` inputs to `sizes[i + 1]` outputs, named fc1.weight, fc2.weight, ...
 * `factors` multiply the weights layer by layer.
 */
export function denseModel(
  sizes: readonly number[],
  names?: readonly string[],
  seed = 0,
  factors: readonly number[] = [],
): Bytes {
  const layers = sizes.slice(1).map((outputs, i) => {
    const name = names?.[i] ?? `fc${i + 1}`;
    return {
      weight: weightTensor(`${name}.weight`, [outputs, sizes[i] ?? 1], seed + i + 1, factors[i]),
      bias: weightTensor(`${name}.bias`, [outputs], i + 101),
      node: {
        op: 'Gemm',
        name,
        inputs: [i === 0 ? 'x' : `y${i}`, `${name}.weight`, `${name}.bias`],
        outputs: [`y${i + 1}`],
        attributes: { transB: 1 },
      },
    };
  });
  return onnxModel({
    nodes: layers.map(({ node }) => node),
    initializers: layers.flatMap(({ weight, bias }) => [weight, bias]),
    inputs: [{ name: 'x', shape: ['batch', sizes[0] ?? 1] }],
    outputs: [{ name: `y${layers.length}`, shape: ['batch', sizes.at(-1) ?? 1] }],
  });
}
