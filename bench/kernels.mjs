// Each kernel that streams weights, over the same 4 MiB chunk, against one pass that sums it.
import { load, measure, print, sum, weights } from './harness.mjs';

export async function kernels() {
  const { decoding, selecting, keeping, bucketing, indexing, coding } = await load({
    decoding: 'analyzers/kernels/decode.ts',
    selecting: 'analyzers/kernels/select.ts',
    keeping: 'analyzers/kernels/kept.ts',
    bucketing: 'analyzers/kernels/buckets.ts',
    indexing: 'analyzers/kernels/relativeIndex.ts',
    coding: 'analyzers/kernels/huffman.ts',
  });
  const values = weights(1 << 20);
  const bytes = values.byteLength;
  const half = new Uint8Array(bytes / 2).map((_, i) => (i * 31) & 0x7b);
  const into = new Float32Array(values.length);
  const positions = new Uint32Array(values.length);
  const range = keeping.keptRange(0.05);
  const kept = keeping.findKept(values, range, positions);
  const coarse = bucketing.emptyCoarse();
  bucketing.addCoarse(coarse, values, positions, kept);
  const buckets = bucketing.emptyBuckets(coarse);
  const gaps = indexing.emptyGaps();
  indexing.addGaps(gaps, positions, kept, 0);
  const symbols = indexing.indexSymbols(indexing.gapCounts(gaps), 8).counts;

  const rows = await measure(
    {
      'decode f32': { run: () => decoding.decode('f32', new Uint8Array(values.buffer), into), bytes },
      'decode f16': { run: () => decoding.decode('f16', half, into), bytes: bytes / 2 },
      'addRanks (exact threshold, a pass)': {
        run: () => selecting.addRanks(selecting.searchRank(1), values),
        bytes,
      },
      findKept: { run: () => keeping.findKept(values, range, positions), bytes },
      addCoarse: { run: () => bucketing.addCoarse(coarse, values, positions, kept), bytes },
      addBuckets: { run: () => bucketing.addBuckets(buckets, values, positions, kept), bytes },
      addGaps: { run: () => indexing.addGaps(indexing.emptyGaps(), positions, kept, 0), bytes },
      'codeLengths (256 symbols)': { run: () => coding.codeLengths(symbols) },
    },
    () => sum(values),
  );
  print('kernels', 'one pass that sums the chunk of 2^20 float32', rows);
}
