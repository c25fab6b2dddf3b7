import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import proto from 'onnx-proto';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import { bothWays } from '../support/exporting.ts';
import { seeded } from '../support/layerFixture.ts';
import {
  f32,
  onnxModel,
  type ModelSpec,
  type NodeSpec,
  type SparseSpec,
  type TensorSpec,
} from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { numbersIn, wanted } from '../support/slim.ts';
import { recipeBy } from '../support/slimModels.ts';
import { halfBits } from '../support/writtenModels.ts';

interface LayerSpec {
  readonly kind: 'f32 raw' | 'f32 list' | 'f64' | 'f16 raw' | 'f16 list' | 'i8' | 'u8' | 'sparse' | 'beside';
  readonly rows: number;
  readonly cols: number;
  readonly packed: boolean;
  readonly nested: boolean;
  readonly zeroPoint: number;
  readonly seed: number;
  readonly extra: number;
}

const layer: fc.Arbitrary<LayerSpec> = fc.record({
  kind: fc.constantFrom('f32 raw', 'f32 list', 'f64', 'f16 raw', 'f16 list', 'i8', 'u8', 'sparse', 'beside'),
  rows: fc.integer({ min: 1, max: 14 }),
  cols: fc.integer({ min: 1, max: 14 }),
  packed: fc.boolean(),
  nested: fc.boolean(),
  zeroPoint: fc.integer({ min: -20, max: 20 }),
  seed: fc.integer({ min: 1, max: 1000 }),
  extra: fc.integer({ min: 0, max: 150 }),
});

const rule: fc.Arbitrary<Omit<RecipeRule, 'match'>> = fc.record({
  prune: fc.constantFrom('none', 'density=0.1', 'density=0.5', 'std=1'),
  share: fc.constantFrom('none', '1', '2', '4'),
});

/** A model of these layers, and the file beside it. */
function modelOf(layers: readonly LayerSpec[]): { spec: ModelSpec; data: Uint8Array } {
  const nodes: NodeSpec[] = [];
  const initializers: TensorSpec[] = [];
  const sparse: SparseSpec[] = [];
  const beside: Uint8Array[] = [];
  const inputs = [];
  for (const [i, one] of layers.entries()) {
    const { rows, cols, packed, kind } = one;
    const draw = seeded(one.seed);
    const count = rows * cols;
    const name = `w${i.toString()}`;
    const values = Array.from({ length: count }, () => (draw() + draw() - 1) * 4);
    const whole = values.map((value) => Math.round(value * 25) + (kind === 'u8' ? 100 : 0));
    const more = pb.bytes(500, new Uint8Array(one.extra).fill(one.seed));
    const shape = [rows, cols];
    const quantised = kind === 'i8' || kind === 'u8';
    const half = kind === 'f16 raw' || kind === 'f16 list';
    const dtype = quantised ? kind : half ? 'f16' : kind === 'f64' ? 'f64' : 'f32';
    const data: Partial<TensorSpec> =
      kind === 'f32 list'
        ? { floats: values }
        : kind === 'f64'
          ? { doubles: values }
          : kind === 'f16 list'
            ? { int32s: values.map(halfBits) }
            : kind === 'f16 raw'
              ? { raw: new Uint8Array(Uint16Array.from(values, halfBits).buffer) }
              : quantised
                ? { int32s: whole }
                : kind === 'beside'
                  ? {
                      external: {
                        location: 'data',
                        offset: beside.reduce((n, b) => n + b.length, 0),
                        length: 4 * count,
                      },
                    }
                  : { raw: pb.floats32(values) };
    const tensor: TensorSpec = { name, dtype, shape, packed, more, ...data };
    if (kind === 'beside') beside.push(pb.floats32(values), new Uint8Array(one.extra).fill(1));
    const weight = quantised ? `${name}d` : name;
    const own: NodeSpec[] = [];
    if (kind === 'sparse') {
      const places = Array.from({ length: count }, (_, at) => at).filter(() => draw() < 0.6);
      sparse.push({
        values: { name, shape: [places.length], floats: places.map((at) => values[at]!), packed },
        indices: { dtype: 'i64', shape: [places.length], int64s: places, packed: !packed },
        shape,
      });
    } else if (one.nested) own.push({ op: 'Constant', outputs: [name], attributes: { value: { tensor } } });
    else initializers.push(tensor);
    if (quantised) {
      const zero = kind === 'u8' ? Math.abs(one.zeroPoint) : one.zeroPoint;
      initializers.push(
        f32(`${name}s`, [], () => 0.5),
        { name: `${name}z`, dtype: kind, shape: [], int32s: [zero] },
      );
      own.push({ op: 'DequantizeLinear', inputs: [name, `${name}s`, `${name}z`], outputs: [weight] });
    }
    own.push({
      op: 'MatMul',
      name: `fc${i.toString()}`,
      inputs: [`x${i.toString()}`, weight],
      outputs: [`y${i.toString()}`],
    });
    nodes.push(...own);
    inputs.push({ name: `x${i.toString()}`, shape: [1, rows] });
  }
  return { spec: { nodes, initializers, sparse, inputs }, data: pb.concat(...beside) };
}

/** Everything that a protobuf library reads of a model but the numbers of its tensors. */
function withoutNumbers(bytes: Uint8Array): unknown {
  return JSON.parse(
    JSON.stringify(proto.onnx.ModelProto.decode(bytes), (key, value: unknown) =>
      /^(?:raw|float|double|int32)Data$/.test(key)
        ? key === 'rawData'
          ? 0
          : (value as unknown[]).length
        : value,
    ),
  );
}

test('random models: what an export writes is what a container gives back, and only numbers are new', async () => {
  let grown = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 5 }), rule, async (layers, how) => {
      const { spec, data } = modelOf(layers);
      const bytes = onnxModel(spec);
      const recipe = recipeBy({ '*': how });
      const both = await bothWays(bytes, recipe, new Map([['data', data]]));
      assert.deepEqual(both.decompressed, both.exported);
      const own = both.exported.get('net.onnx')!;
      assert.deepEqual(withoutNumbers(own), withoutNumbers(bytes));
      const grows = both.notes.some((note) => note.includes('lengths'));
      if (grows) grown += 1;
      assert.equal(own.length === bytes.length, !grows);
      assert.equal(both.before.layers.length, both.after.layers.length);
      for (const [i, one] of both.before.layers.entries()) {
        const now = both.after.layers[i]!;
        const numbers = await numbersIn(now, both.after.sources);
        assert.deepEqual(await numbersIn(both.inside.layers[i]!, both.inside.sources), numbers);
        assert.deepEqual(
          await wanted(now, recipeBy({}), both.after.sources),
          await wanted(one, recipe, both.before.sources),
        );
      }
      if (how.prune === 'none' && how.share === 'none') assert.deepEqual(own, bytes);
    }),
    { numRuns: 50 },
  );
  assert.ok(grown > 1, grown.toString());
});
