import fs from 'node:fs';
import { createRequire } from 'node:module';
import * as ort from 'onnxruntime-web/wasm';

/** A tensor that goes into a model, or comes out of it: numbers, whatever they are stored as there. */
export interface Fed {
  /** As onnxruntime names it: 'float32', 'int64', ... */
  readonly type: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array;
}

export interface Loaded {
  readonly inputs: readonly {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly (number | string)[];
  }[];
  readonly outputs: readonly string[];
  /** Runs it once; outputs by name, copied. */
  run(feeds: Readonly<Record<string, Fed>>): Promise<Readonly<Record<string, Fed>>>;
  release(): Promise<void>;
}

let ready = false;

/** The one wasm file, handed over as bytes: by itself it would be fetched from beside the script. One thread: more need a server. */
function prepare(): void {
  if (ready) return;
  const file = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm');
  ort.env.wasm.wasmBinary = fs.readFileSync(file).buffer;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = 'error';
  ready = true;
}

/**
 * Loads a model from its bytes with onnxruntime's wasm backend. `optimised: false` runs the graph as it stands, which
 * keeps the order of additions the same in two models that differ in little else. `beside`: external data by its path.
 * Rejects with onnxruntime's own words when it does not load.
 */
export async function loadOnnx(
  bytes: Uint8Array,
  options: { readonly optimised?: boolean; readonly beside?: Readonly<Record<string, Uint8Array>> } = {},
): Promise<Loaded> {
  prepare();
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: options.optimised === false ? 'disabled' : 'all',
    logSeverityLevel: 4,
    externalData: Object.entries(options.beside ?? {}).map(([path, data]) => ({ path, data })),
  });
  return {
    inputs: session.inputMetadata.map((input) => ({
      name: input.name,
      type: input.isTensor ? input.type : 'other',
      shape: input.isTensor ? input.shape : [],
    })),
    outputs: session.outputNames,
    async run(feeds) {
      const tensors = Object.entries(feeds).map(
        ([name, { type, shape, values }]) =>
          [name, new ort.Tensor(type as 'float32', values as Float32Array, shape)] as const,
      );
      const results = await session.run(Object.fromEntries(tensors));
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          { type: tensor.type, shape: tensor.dims, values: (tensor.data as Float32Array).slice() },
        ]),
      );
    },
    release: () => session.release(),
  };
}

/** Largest difference between the same outputs of two runs; Infinity when their shapes differ or one is not a number. */
export function largestDifference(
  a: Readonly<Record<string, Fed>>,
  b: Readonly<Record<string, Fed>>,
): number {
  let largest = 0;
  for (const [name, { values, shape }] of Object.entries(a)) {
    const other = b[name];
    if (other === undefined || other.shape.join() !== shape.join()) return Infinity;
    for (let i = 0; i < values.length; i += 1) {
      const difference = Math.abs(Number(values[i]) - Number(other.values[i]));
      if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
    }
  }
  return largest;
}
