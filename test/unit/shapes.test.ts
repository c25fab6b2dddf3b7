import assert from 'node:assert/strict';
import test from 'node:test';
import { broadcast } from '../../analyzers/model/shapes/known.ts';
import { shapesIn } from '../support/layersIn.ts';
import { f32, i64 } from '../support/onnxFixture.ts';
import type { AttributeSpec, NodeSpec, TensorSpec, ValueSpec } from '../support/onnxFixture.ts';

type Extents = readonly (number | null)[] | null;

/** One operator on x, with constants as further inputs. */
async function shapeOf(
  op: string,
  x: readonly (number | string)[],
  attributes: Readonly<Record<string, AttributeSpec>> = {},
  constants: readonly (TensorSpec | null)[] = [],
  more: { readonly outputs?: readonly string[]; readonly opset?: number; readonly domain?: string } = {},
): Promise<readonly Extents[]> {
  const named = constants.map((c, i) => (c === null ? null : { ...c, name: `c${i}` }));
  const outputs = more.outputs ?? ['y'];
  const shapes = await shapesIn({
    opset: { '': more.opset ?? 17, 'com.microsoft': 1 },
    inputs: [{ name: 'x', shape: [...x] }],
    initializers: named.filter((c) => c !== null),
    nodes: [
      {
        op,
        inputs: ['x', ...named.map((c) => c?.name ?? '')],
        outputs,
        attributes,
        ...(more.domain !== undefined && { domain: more.domain }),
      },
    ],
  });
  return outputs.map((name) => shapes[name] ?? null);
}

const only = async (...of: Parameters<typeof shapeOf>): Promise<Extents> => (await shapeOf(...of))[0] ?? null;

const bounds = (...of: (readonly number[])[]) => of.map((v) => i64('', v));

const to = (...target: number[]) => [i64('', target)];

const pool = (x: number, attributes: Readonly<Record<string, AttributeSpec>>) =>
  only('MaxPool', [1, 2, x, x], { kernel_shape: [2, 2], ...attributes });

test('pooling counts its windows, and with ceil_mode none that starts in the padding behind', async () => {
  assert.deepEqual(await pool(24, { strides: [2, 2] }), [1, 2, 12, 12]);
  assert.deepEqual(await pool(5, { strides: [2, 2] }), [1, 2, 2, 2]);
  assert.deepEqual(await pool(5, { strides: [2, 2], ceil_mode: 1 }), [1, 2, 3, 3]);
  // One window would start at 4 of 3 + 1 places: it is left out.
  assert.deepEqual(await pool(3, { strides: [4, 4], ceil_mode: 1, pads: [1, 1, 1, 1] }), [1, 2, 1, 1]);
  assert.deepEqual(await pool(5, { strides: [2, 2], auto_pad: 'SAME_LOWER' }), [1, 2, 3, 3]);
  assert.deepEqual(await only('GlobalAveragePool', [1, 7, 5, 6]), [1, 7, 1, 1]);
});

test('a transposed convolution widens, with output padding or a wanted shape', async () => {
  const w = [f32('', [2, 3, 3, 3])];
  assert.deepEqual(await only('ConvTranspose', [1, 2, 4, 4], { strides: [2, 2] }, w), [1, 3, 9, 9]);
  assert.deepEqual(
    await only(
      'ConvTranspose',
      [1, 2, 4, 4],
      { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
      w,
    ),
    [1, 3, 8, 8],
  );
  assert.deepEqual(await only('ConvTranspose', [1, 2, 4, 4], { output_shape: [10, 11] }, w), [1, 3, 10, 11]);
  assert.deepEqual(await only('ConvTranspose', [1, 2, 4, 4], { group: 2 }, w), [1, 6, 6, 6]);
});

test('Reshape copies at 0, fills in at -1, and gives what it can when the batch is open', async () => {
  assert.deepEqual(await only('Reshape', [2, 3, 4], {}, to(0, -1)), [2, 12]);
  assert.deepEqual(await only('Reshape', [2, 3, 4], {}, to(4, -1, 2)), [4, 3, 2]);
  assert.deepEqual(await only('Reshape', [1, 'T', 4], {}, to(0, -1)), [1, null]);
  assert.deepEqual(await only('Reshape', [1, 'T', 4], {}, to(0, 0, 2, 2)), [1, null, 2, 2]);
  assert.deepEqual(await only('Reshape', [2, 0], { allowzero: 1 }, to(0, 5)), [0, 5]);
  assert.deepEqual(await only('Reshape', [6, 4], { shape: [3, 8] }, [], { opset: 1 }), [3, 8]);
});

test('axes come from attributes in old opsets and from inputs in new ones', async () => {
  assert.deepEqual(await only('Squeeze', [1, 3, 1], { axes: [0] }, [], { opset: 11 }), [3, 1]);
  assert.deepEqual(await only('Squeeze', [1, 3, 1], {}, [i64('', [-1])]), [1, 3]);
  assert.deepEqual(await only('Squeeze', [1, 3, 1]), [3]);
  assert.deepEqual(await only('Unsqueeze', [3, 4], {}, [i64('', [0, -1])]), [1, 3, 4, 1]);
  assert.deepEqual(await only('Flatten', [2, 3, 4], { axis: 2 }), [6, 4]);
  assert.deepEqual(await only('Transpose', [2, 3, 4], { perm: [2, 0, 1] }), [4, 2, 3]);
  assert.deepEqual(await only('Transpose', [2, 3, 4]), [4, 3, 2]);
  assert.deepEqual(await only('ReduceMean', [2, 3, 4], { axes: [1], keepdims: 0 }), [2, 4]);
  assert.deepEqual(await only('ReduceSum', [2, 3, 4], {}, [i64('', [-1])]), [2, 3, 1]);
  assert.deepEqual(await only('ReduceMax', [2, 3, 4]), [1, 1, 1]);
});

test('Slice clamps its bounds, counts backwards and leaves unnamed axes whole', async () => {
  assert.deepEqual(await only('Slice', [10, 6], {}, bounds([2], [100], [0])), [8, 6]);
  assert.deepEqual(await only('Slice', [10, 6], {}, bounds([-3], [-1], [0])), [2, 6]);
  assert.deepEqual(await only('Slice', [10, 6], {}, bounds([-1], [-100], [1], [-2])), [10, 3]);
  assert.deepEqual(await only('Slice', [10, 6], {}, bounds([0, 1], [5, 6], [0, 1], [2, 1])), [3, 5]);
  assert.deepEqual(
    await only('Slice', [10, 6], { starts: [1], ends: [4], axes: [1] }, [], { opset: 9 }),
    [10, 3],
  );
});

test('Split, Concat, Gather, Tile, Expand and Pad', async () => {
  const outputs = ['a', 'b'];
  assert.deepEqual(await shapeOf('Split', [5, 4], { axis: 0 }, [i64('', [2, 3])], { outputs }), [
    [2, 4],
    [3, 4],
  ]);
  assert.deepEqual(await shapeOf('Split', [5, 4], { axis: 0, num_outputs: 2 }, [], { outputs, opset: 18 }), [
    [3, 4],
    [2, 4],
  ]);
  assert.deepEqual(await only('Concat', [1, 3, 4], { axis: 1 }, [f32('', [1, 5, 4])]), [1, 8, 4]);
  assert.deepEqual(
    await only('Gather', [7, 4], { axis: 0 }, [i64('', [1, 2, 3, 4, 5, 6], [2, 3])]),
    [2, 3, 4],
  );
  assert.deepEqual(await only('Gather', [7, 4], { axis: 1 }, [i64('', [1], [])]), [7]);
  assert.deepEqual(await only('Tile', [2, 3], {}, [i64('', [2, 4])]), [4, 12]);
  assert.deepEqual(await only('Expand', [3, 1], {}, [i64('', [2, 1, 6])]), [2, 3, 6]);
  assert.deepEqual(await only('Pad', [2, 3], {}, [i64('', [0, 1, 0, 2])]), [2, 6]);
  assert.deepEqual(await only('Pad', [2, 3], { pads: [1, 0, 1, 0] }, [], { opset: 10 }), [4, 3]);
  assert.deepEqual(await only('DepthToSpace', [1, 9, 4, 5], { blocksize: 3 }), [1, 1, 12, 15]);
  assert.deepEqual(await only('SpaceToDepth', [1, 1, 12, 15], { blocksize: 3 }), [1, 9, 4, 5]);
});

test('Resize takes scales or sizes, Upsample scales', async () => {
  const scales = f32('', [4], (i) => (i < 2 ? 1 : 2.5));
  assert.deepEqual(await only('Resize', [1, 2, 5, 5], {}, [null, scales]), [1, 2, 12, 12]);
  assert.deepEqual(await only('Resize', [1, 2, 5, 5], {}, [null, null, i64('', [1, 2, 7, 9])]), [1, 2, 7, 9]);
  assert.deepEqual(await only('Resize', [1, 2, 5, 5], {}, [scales], { opset: 10 }), [1, 2, 12, 12]);
  assert.deepEqual(await only('Upsample', [1, 2, 5, 5], {}, [scales], { opset: 9 }), [1, 2, 12, 12]);
});

test('broadcasting fills in what one side knows and the other does not', () => {
  assert.deepEqual(broadcast([2, 1, 4], [3, 1]), [2, 3, 4]);
  assert.deepEqual(broadcast([null, 4], [5, 4]), [5, 4]);
  assert.deepEqual(broadcast([null, 4], [1, 4]), [null, 4]);
  assert.deepEqual(broadcast([2], [3]), [null]);
  assert.equal(broadcast(null, [3]), null);
});

/** The extents that a Reshape gives when its target is computed by some nodes into `t`. */
async function computed(
  nodes: readonly NodeSpec[],
  initializers: readonly TensorSpec[],
  x: ValueSpec,
): Promise<Extents> {
  const shapes = await shapesIn({
    inputs: [x],
    initializers,
    nodes: [...nodes, { op: 'Reshape', inputs: ['x', 't'], outputs: ['y'] }],
  });
  return shapes['y'] ?? null;
}

test('integers are folded through arithmetic, choices and casts', async () => {
  const shape: NodeSpec = { op: 'Shape', inputs: ['x'], outputs: ['s'] };
  const x = { name: 'x', shape: [4, 6, 10] };
  const halves = await computed(
    [
      shape,
      { op: 'Div', inputs: ['s', 'two'], outputs: ['t0'] },
      { op: 'Mul', inputs: ['t0', 'factor'], outputs: ['t'] },
    ],
    [i64('two', [2], []), i64('factor', [1, 1, 8])],
    x,
  );
  assert.deepEqual(halves, [2, 3, 40]);
  const chosen = await computed(
    [
      { op: 'Equal', inputs: ['wish', 'minus'], outputs: ['open'] },
      shape,
      { op: 'Where', inputs: ['open', 's', 'wish'], outputs: ['t'] },
    ],
    [i64('wish', [-1, 3, 20]), i64('minus', [-1], [])],
    x,
  );
  assert.deepEqual(chosen, [4, 3, 20]);
  const scaled = await computed(
    [
      shape,
      { op: 'Cast', inputs: ['s'], outputs: ['f'], attributes: { to: 1 } },
      { op: 'Mul', inputs: ['f', 'scale'], outputs: ['g'] },
      { op: 'Floor', inputs: ['g'], outputs: ['h'] },
      { op: 'Cast', inputs: ['h'], outputs: ['t'], attributes: { to: 7 } },
    ],
    [f32('scale', [3], (i) => [0.5, 0.5, 4][i]!)],
    x,
  );
  assert.deepEqual(scaled, [2, 3, 40]);
});

test('a shape that is known in part gives the parts that it decides', async () => {
  const target = await computed(
    [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Slice', inputs: ['s', 'zero', 'two'], outputs: ['head'] },
      { op: 'Concat', inputs: ['head', 'tail'], outputs: ['t'], attributes: { axis: 0 } },
    ],
    [i64('zero', [0]), i64('two', [2]), i64('tail', [2, 5])],
    { name: 'x', shape: [3, 'T', 10] },
  );
  assert.deepEqual(target, [3, null, 2, 5]);
});

test('hostile attributes cost nothing', async () => {
  const huge = Number.MAX_SAFE_INTEGER;
  assert.deepEqual(await only('Split', [5, 4], { num_outputs: huge }, [], { opset: 18 }), [5, 4]);
  assert.deepEqual(
    await only('Unsqueeze', [3], { axes: Array.from({ length: 4000 }, (_, i) => i) }, [], { opset: 11 }),
    null,
  );
  assert.equal(
    (await only('Einsum', [3, 4], { equation: 'ij->'.padEnd(100_000, 'j') }))?.length ?? null,
    null,
  );
  assert.deepEqual(await only('Conv', [1, 1, 4, 4], { strides: [0, 0] }, [f32('', [1, 1, 2, 2])]), [
    1,
    1,
    null,
    null,
  ]);
  assert.deepEqual(await only('Pad', [2], {}, [i64('', [huge, huge])]), [null]);
});
