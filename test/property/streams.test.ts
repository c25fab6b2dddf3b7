import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BitReader, BitWriter } from '../../analyzers/kernels/bits.ts';
import { assigner, nearest } from '../../analyzers/kernels/assign.ts';
import { decodeSymbols, encodeSymbols, tableBits } from '../../analyzers/kernels/huffman.ts';
import {
  addGaps,
  decodeRelative,
  emptyGaps,
  encodeRelative,
  gapCounts,
  indexSymbols,
} from '../../analyzers/kernels/relativeIndex.ts';
import { denseLayer, normals, reportOn, seeded } from '../support/layerFixture.ts';

const positionLists = fc
  .uniqueArray(fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 200_000 })), { maxLength: 60 })
  .map((list) => list.toSorted((a, b) => a - b));

test('the gap histogram tells entries and padding of the stream of every width', () => {
  fc.assert(
    fc.property(positionLists, fc.integer({ min: 1, max: 16 }), (positions, width) => {
      const gaps = emptyGaps();
      // In two parts, as chunks bring them.
      const half = positions.length >> 1;
      const start = positions[half] ?? 0;
      addGaps(gaps, Uint32Array.from(positions.slice(0, half)), half, 0);
      addGaps(
        gaps,
        Uint32Array.from(positions.slice(half), (at) => at - start),
        positions.length - half,
        start,
      );
      const codes = positions.map((_, i) => i + 1);
      const { runs, codes: entries } = encodeRelative(positions, codes, width);
      const { counts, padding } = indexSymbols(gapCounts(gaps), width);
      assert.equal(entries.filter((code) => code === 0).length, padding);
      const seen = new Array<number>(2 ** width).fill(0);
      for (const [i, run] of runs.entries()) if (entries[i] !== 0) seen[run]! += 1;
      assert.deepEqual(
        seen,
        Array.from({ length: 2 ** width }, (_, i) => counts[i] ?? 0),
      );
      // Padding says the longest run; nothing stands behind the last kept weight.
      assert.ok(runs.every((run, i) => entries[i] !== 0 || run === 2 ** width - 1));
      assert.ok(entries.at(-1) !== 0);
      const n = (positions.at(-1) ?? 0) + 1;
      const dense = decodeRelative(runs, entries, n);
      for (const [i, at] of positions.entries()) assert.equal(dense[at], i + 1);
      assert.equal(dense.filter((code) => code !== 0).length, positions.length);
    }),
    { numRuns: 60 },
  );
});

test('a gap of exactly 2^width zeros takes one padding entry, one less takes none', () => {
  assert.deepEqual(encodeRelative([8], [1], 3), { runs: [7, 0], codes: [0, 1] });
  assert.deepEqual(encodeRelative([7], [1], 3), { runs: [7], codes: [1] });
  assert.deepEqual(encodeRelative([0, 17], [1, 2], 3), { runs: [0, 7, 7, 0], codes: [1, 0, 0, 2] });
});

test('an entry that points behind the last weight is refused', () => {
  assert.throws(() => decodeRelative([3, 3], [1, 1], 7), RangeError);
});

/** What a decoder of the report's streams gives for some weights, and the bits that were written. */
function throughStreams(
  values: Float32Array,
  report: Awaited<ReturnType<typeof reportOn>>,
): { decoded: Float32Array; bits: number } {
  const { share, encode, prune } = report;
  const centroids = share!.centroids;
  const by = assigner(centroids);
  const least = prune!.threshold ?? 0;
  const kept = (value: number): boolean => value !== 0 && Math.abs(value) >= least;
  const positions = Array.from(values.keys()).filter((i) => kept(values[i]!));
  const codes = positions.map((i) => nearest(by, values[i]!) + 1);
  const lengths = Uint8Array.of(share!.paddingLength ?? 0, ...share!.codeLengths);
  const into = new BitWriter();
  let decodedCodes: ArrayLike<number>;
  if (encode!.form === 'relative') {
    const streams = encodeRelative(positions, codes, encode!.indexBits!);
    const runLengths = Uint8Array.from(encode!.indexLengths!);
    encodeSymbols(streams.codes, lengths, into);
    encodeSymbols(streams.runs, runLengths, into);
    assert.equal(streams.codes.length, encode!.entries);
    assert.equal(
      into.length +
        tableBits(lengths, share!.bits) +
        tableBits(runLengths, encode!.indexBits!) +
        share!.k * 32,
      encode!.bits.coded,
    );
    const from = new BitReader(into.bytes());
    const readCodes = decodeSymbols(from, lengths, encode!.entries);
    decodedCodes = decodeRelative(decodeSymbols(from, runLengths, encode!.entries), readCodes, values.length);
  } else {
    const dense = new Uint32Array(values.length);
    for (const [i, at] of positions.entries()) dense[at] = codes[i]!;
    encodeSymbols(dense, lengths, into);
    assert.equal(into.length + tableBits(lengths, share!.bits) + share!.k * 32, encode!.bits.coded);
    decodedCodes = decodeSymbols(new BitReader(into.bytes()), lengths, values.length);
  }
  const decoded = Float32Array.from(decodedCodes, (code) => (code === 0 ? 0 : centroids[code - 1]!));
  return { decoded, bits: into.length };
}

test('the streams really written have the reported bits, and decode to the pruned and shared weights', async () => {
  const rules = fc.record({
    prune: fc.constantFrom('none', 'density=0.04', 'density=0.3', 'density=0.9', 'std=1', 'threshold=0.05'),
    share: fc.constantFrom('1', '2:linear', '4', '5:density', '5:forgy', '8'),
    index: fc.constantFrom('1', '3', '5', '8', 'none'),
  });
  await fc.assert(
    fc.asyncProperty(
      rules,
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 0, max: 3 }),
      async (rule, seed, zeros) => {
        const random = seeded(seed);
        const values = normals(600, seed, 0.1).map((value) => (random() * 4 < zeros ? 0 : value));
        const report = await reportOn(denseLayer(20, 30), values, rule, 170);
        const { decoded, bits } = throughStreams(values, report);
        const { share, prune, encode } = report;
        assert.equal(bits + share!.k * 32, encode!.bits.codedPaper);
        assert.equal(
          share!.counts.reduce((a, b) => a + b, 0),
          prune!.kept,
        );
        assert.equal(decoded.filter((value) => value !== 0).length, prune!.kept);
        // Squared error of the decoded weights is what mse and sqnrDb say.
        let error = 0;
        let noise = 0;
        let energy = 0;
        for (const [i, value] of values.entries()) {
          energy += value * value;
          noise += (value - decoded[i]!) ** 2;
          if (decoded[i] !== 0) error += (value - decoded[i]!) ** 2;
        }
        assert.ok(Math.abs(share!.mse * prune!.kept - error) <= 1e-9 * (error + 1e-30));
        if (report.exact) assert.equal(noise, 0);
        else assert.ok(Math.abs(report.sqnrDb! - 10 * Math.log10(energy / noise)) < 1e-6);
      },
    ),
    { numRuns: 60 },
  );
});
