import assert from 'node:assert/strict';
import test from 'node:test';
import { brotliDecompressSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { coderStudy } from '../../analyzers/analyses/coderStudy.ts';
import type { Compressor } from '../../analyzers/bytes/compressor.ts';
import { compressors } from '../../analyzers/node/compressors.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import type { CoderStudy } from '../../analyzers/report/studies.ts';
import { settled, whole } from '../support/codedLayers.ts';
import { normals } from '../support/layerFixture.ts';

const { signal } = new AbortController();

const studyOf = async (
  values: Float32Array,
  rows: number,
  rule: Omit<RecipeRule, 'match'>,
  through: readonly Compressor[] = [],
): Promise<{
  study: CoderStudy;
  made: Awaited<ReturnType<typeof settled>>;
  size: (id: string) => number;
}> => {
  const bytes = new Uint8Array(values.slice().buffer);
  const stored = { dtype: 'f32', rows, cols: values.length / rows, bytes } as const;
  const made = await settled(stored, rule, 'escape', 4096);
  const shares: number[] = [];
  const study = await coderStudy(made.settled, made.passes, {
    signal,
    progress: (share) => shares.push(share),
    compressors: through,
  });
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.equal(shares.at(-1), 1);
  const size = (id: string): number =>
    study.sizes.find((each) => each.id === id)?.bits ?? assert.fail(`no ${id}`);
  return { study, made, size };
};

test('sizes of the streams are those of the report, and rANS lies between entropy and a little above Huffman', async () => {
  const n = 40_000;
  const { size, made, study } = await studyOf(normals(n, 3), 200, {
    prune: 'density=0.1',
    share: '5:linear',
    index: '4',
  });
  const { bits } = made.settled.sizes.encode;
  const { slim } = made.settled.sizes.plan;
  assert.equal(slim.runs, 'escape');
  assert.equal(size('escape-huffman'), bits.slim);
  assert.equal(size('padding-huffman'), bits.coded);
  assert.equal(size('padding-fixed'), bits.shared);
  assert.equal(size('padding-order0'), bits.order0);
  assert.equal(size('limit'), bits.limit);
  assert.equal(size('stored'), bits.dense);
  for (const form of ['padding', 'escape', 'dense']) {
    assert.ok(size(`${form}-rans`) > size(`${form}-order0`));
    assert.ok(size(`${form}-rans`) < 1.02 * size(`${form}-huffman`), form);
  }
  assert.ok(size('dense-rans') < size('dense-huffman'), 'most codes are zero: a fraction of a bit each');
  assert.equal(new Set(study.sizes.map(({ id }) => id)).size, study.sizes.length);
  assert.deepEqual(study.notes, []);
});

test('the interleaved form is that of walking the matrix, and CSR that of its rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(0.01, 0.1, 0.6),
      fc.integer({ min: 1, max: 1000 }),
      async (rows, cols, density, seed) => {
        const { study, made, size } = await studyOf(normals(rows * cols, seed), rows, {
          prune: `density=${density.toString()}`,
          share: '4',
          index: '2',
        });
        const made4 = await whole(made.passes.newWeights(signal), rows * cols, 32);
        const kept = new Float32Array(made4.buffer);
        let entries = 0;
        let padding = 0;
        for (let pe = 0; pe < 64; pe += 1)
          for (let col = 0; col < cols; col += 1) {
            let zeros = 0;
            for (let row = pe; row < rows; row += 64) {
              if (kept[row * cols + col] === 0) zeros += 1;
              else {
                padding += Math.floor(zeros / 4);
                entries += 1 + Math.floor(zeros / 4);
                zeros = 0;
              }
            }
          }
        assert.deepEqual(study.interleaved, {
          pes: 64,
          indexBits: 2,
          entries,
          padding,
          entryBits: entries * 6,
          pointerBits: (cols + 1) * 64 * 16,
        });
        const table = made.settled.codebook!.centroids.length * 32;
        assert.equal(size('eie'), entries * 6 + (cols + 1) * 64 * 16 + table);
        const nonZeros = kept.filter((value) => value !== 0).length;
        assert.equal(size('csr'), nonZeros * 36 + (rows + 1) * 32 + table);
        assert.equal(size('csc'), nonZeros * 36 + (cols + 1) * 32 + table);
      },
    ),
    { numRuns: 40 },
  );
});

test('zlib and brotli of the dense bytes give back the pruned and shared weights', async () => {
  const parts = new Map<string, Uint8Array[]>();
  const through = compressors.map((compressor) => ({
    ...compressor,
    start: (sink: (bytes: Uint8Array) => void) => {
      const mine: Uint8Array[] = [];
      parts.set(compressor.id, mine);
      return compressor.start((bytes) => {
        mine.push(bytes.slice());
        sink(bytes);
      });
    },
  }));
  const { study, made, size } = await studyOf(
    normals(100_000, 8),
    100,
    { prune: 'density=0.2', share: '4' },
    through,
  );
  const wanted = Buffer.from(await whole(made.passes.newWeights(signal), 100_000, 32));
  const zlib = Buffer.concat(parts.get('zlib')!);
  const brotli = Buffer.concat(parts.get('brotli')!);
  assert.equal(size('zlib'), 8 * zlib.length);
  assert.equal(size('brotli'), 8 * brotli.length);
  assert.ok(inflateSync(zlib).equals(wanted));
  assert.ok(brotliDecompressSync(brotli).equals(wanted));
  assert.deepEqual(
    study.sizes.filter(({ of }) => of === 'dense bytes').map(({ label }) => label),
    ['as they are stored', 'zlib, level 6', 'brotli, quality 6'],
  );
});

test('layers of any kind have a study: unchanged, all zero, empty, and with NaN', async () => {
  const plain = await studyOf(normals(5000, 2), 50, {});
  assert.equal(plain.size('planes-huffman'), plain.made.settled.sizes.encode.bits.lossless);
  assert.equal(plain.size('csr'), plain.made.settled.sizes.encode.bits.csr);
  assert.ok(plain.study.sizes.every(({ id }) => !id.startsWith('dense-')));
  const zeros = await studyOf(new Float32Array(600), 20, { share: '4' });
  assert.equal(zeros.size('escape-rans'), 0);
  assert.equal(zeros.study.interleaved!.entries, 0);
  await studyOf(new Float32Array(0), 1, { share: '4' });
  const broken = await studyOf(Float32Array.of(1, NaN, 2, 3), 2, { prune: 'density=0.5', share: '4' });
  assert.deepEqual(
    broken.study.sizes.map(({ id }) => id),
    ['stored', 'planes-huffman'],
  );
  assert.equal(broken.study.interleaved, null);
  assert.match(broken.study.notes[0]!, /NaN/);
});

test('more slices than are counted leave the interleaved form out, and more entries than a pointer can say are told', async () => {
  const wide = await studyOf(normals(300_000, 6), 1, { prune: 'density=0.01', share: '4' });
  assert.equal(wide.study.interleaved, null);
  assert.match(wide.study.notes.join(), /64 PEs times 300000 columns/);
  assert.ok(wide.study.sizes.every(({ id }) => id !== 'eie'));
  const tall = await studyOf(normals(70_000, 6), 1, { share: '4', index: 'none' });
  assert.equal(tall.study.interleaved!.entries, 70_000);
  assert.match(tall.study.notes.join(), /A PE has 70000 entries, more than a pointer of 16 bits can say/);
});
