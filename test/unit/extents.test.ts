import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Tensor, TensorData } from '../../analyzers/model/tensor.ts';
import { extentsOf, storedBytes, unionBytes } from '../../analyzers/run/extents.ts';

const tensor = (data: TensorData): Tensor => ({
  name: 't',
  dtype: 'f32',
  shape: [2],
  place: 'initializer',
  data,
});
const at = (offset: number, byteLength: number, source = 0) => ({ source, offset, byteLength });

test('a sparse tensor takes the bytes of its values and of its indices, a generated one none', () => {
  const values = tensor({ kind: 'raw', extents: [at(0, 8)] });
  const indices = tensor({ kind: 'varint', extents: [at(20, 3), at(30, 4)] });
  assert.equal(storedBytes(tensor({ kind: 'sparse', values, indices, count: 2, rank: 1 })), 15);
  assert.deepEqual(extentsOf(tensor({ kind: 'inline', values: [1, 2] })), []);
  assert.equal(storedBytes(tensor({ kind: 'none', code: 'onnx/unknown-dtype', reason: '' })), 0);
  assert.equal(storedBytes(tensor({ kind: 'tagged', of: 'raw', tagBytes: 1, extents: [at(5, 10)] })), 10);
});

test('bytes that several tensors share are counted once, for any overlap', () => {
  const extent = fc.record({ source: fc.nat(2), offset: fc.nat(40), byteLength: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(extent, { maxLength: 12 }), (extents) => {
      const bytes = new Set(
        extents.flatMap(({ source, offset, byteLength }) =>
          Array.from({ length: byteLength }, (_, i) => `${source} ${offset + i}`),
        ),
      );
      assert.equal(unionBytes(extents), bytes.size);
    }),
    { seed: 7, numRuns: 1000 },
  );
});
