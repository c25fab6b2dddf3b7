// Codebooks, thresholds and coders against scikit-learn, numpy and zstd, where Debian's packages are there
// (apt install python3-sklearn zstd). Both sides see the same 4 million kept weights in the same run.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../tools/fresh.mjs';
import { load, print, tell } from './harness.mjs';
import { normal, uniform } from '../tools/samples/random.mjs';

const all = 16_000_000;
const density = 0.25;
const ks = [16, 32, 256];

/** [count] heavy-tailed weights: a normal draw over the root of a sum of squares (Student's t with 4 degrees). */
function heavyTailed(count) {
  const flat = uniform(7);
  const draw = normal(flat);
  return Float32Array.from(
    { length: count },
    () => (0.02 * draw()) / Math.sqrt(-0.5 * Math.log((flat() + 1e-12) * (flat() + 1e-12))),
  );
}

/** Runs the task and says on stderr that it is done. */
const timed = (item, task) => {
  const from = performance.now();
  const result = task();
  const seconds = (performance.now() - from) / 1000;
  tell(item, seconds);
  return { seconds, result };
};

export async function peers() {
  const { selecting, keeping, bucketing, codebooks, cutting, indexing, coding, bits, entropies } = await load(
    {
      selecting: 'analyzers/kernels/select.ts',
      keeping: 'analyzers/kernels/kept.ts',
      bucketing: 'analyzers/kernels/buckets.ts',
      codebooks: 'analyzers/analyses/codeTable.ts',
      cutting: 'analyzers/kernels/optimalCuts.ts',
      indexing: 'analyzers/kernels/relativeIndex.ts',
      coding: 'analyzers/kernels/huffman.ts',
      bits: 'analyzers/kernels/bits.ts',
      entropies: 'analyzers/kernels/entropy.ts',
    },
  );
  const { result: weights } = timed(`${all} weights drawn`, () => heavyTailed(all));

  const threshold = timed('threshold', () => {
    const search = selecting.searchRank(Math.round(density * all));
    for (;;) {
      selecting.addRanks(search, weights);
      const step = selecting.narrowRank(search);
      if (step.done) return step.magnitude;
    }
  });
  const positions = new Uint32Array(all);
  const count = keeping.findKept(weights, keeping.keptRange(threshold.result), positions);
  const kept = Float32Array.from({ length: count }, (_, i) => weights[positions[i]]);

  const own = {};
  for (const k of ks) {
    const { seconds, result } = timed(`codebook of ${k}`, () => {
      const coarse = bucketing.emptyCoarse();
      bucketing.addCoarse(coarse, weights, positions, count);
      const buckets = bucketing.emptyBuckets(coarse, cutting.groupsFor(k));
      bucketing.addBuckets(buckets, weights, positions, count);
      return codebooks.centroidsBy('optimal', bucketing.pointsOfBuckets(buckets), k);
    });
    own[k] = { seconds, mse: meanSquare(kept, result) };
  }

  const gaps = indexing.emptyGaps();
  indexing.addGaps(gaps, positions, count, 0);
  const runs = new Uint8Array(count);
  for (let i = 0, last = -1; i < count; last = positions[i], i += 1)
    runs[i] = Math.min(255, positions[i] - last - 1);
  const counts = new Float64Array(256);
  for (const run of runs) counts[run] += 1;
  const lengths = coding.codeLengths(counts);
  const encode = timed('Huffman encoding', () => {
    const writer = new bits.BitWriter();
    coding.encodeSymbols(runs, lengths, writer);
    return writer.bytes();
  });
  const decode = timed('Huffman decoding', () =>
    coding.decodeSymbols(new bits.BitReader(encode.result), lengths, count),
  );
  if (!decode.result.every((run, i) => run === runs[i])) throw new Error('the stream does not come back');

  const { result: theirs } = timed('numpy, scikit-learn and zstd', () =>
    askPeers({ weights, kept, symbols: runs }),
  );
  const entropy = entropies.entropyBits(counts) / 8;
  print('peers', 'numpy, scikit-learn and zstd in the same run; absent ones are left out', {
    threshold: {
      seconds: threshold.seconds,
      numpy: theirs.partition ?? null,
      same: sameThreshold(threshold.result, theirs),
    },
    codebooks: ks.map((k) => ratio(k, own[k], theirs.kmeans?.[k])),
    coder: {
      symbols: count,
      entropyBytes: Math.round(entropy),
      bytes: encode.result.length,
      bitsOverEntropy: ((encode.result.length - entropy) * 8) / count,
      encodeMBs: count / encode.seconds / 1e6,
      decodeMBs: count / decode.seconds / 1e6,
      zstd: theirs.zstd ?? null,
    },
  });
}

const sameThreshold = (ours, { partition }) => (partition ? ours === partition.threshold : null);

const ratio = (k, ours, theirs) => ({
  k,
  ...ours,
  sklearn: theirs ?? null,
  timesFaster: theirs ? theirs.seconds / ours.seconds : null,
  mseRatio: theirs ? ours.mse / theirs.mse : null,
});

/** Mean squared distance to the nearest of ascending centroids. */
function meanSquare(values, centroids) {
  const sorted = values.toSorted();
  let at = 0;
  let sum = 0;
  for (const value of sorted) {
    while (at + 1 < centroids.length && centroids[at + 1] - value < value - centroids[at]) at += 1;
    sum += (value - centroids[at]) ** 2;
  }
  return sum / values.length;
}

/** Runs the script beside this file; what it cannot import it leaves out. No Python at all gives nothing. */
function askPeers(data) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slimscope-bench-'));
  try {
    const job = { density, ks };
    for (const [name, values] of Object.entries(data)) {
      job[name] = path.join(folder, name);
      fs.writeFileSync(job[name], new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    const python = fs.existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
    const run = spawnSync(python, [path.join(root, 'bench/peers.py')], {
      input: JSON.stringify(job),
      encoding: 'utf8',
      // Says there what is done.
      stdio: ['pipe', 'pipe', 'inherit'],
      maxBuffer: 1 << 24,
    });
    return run.status === 0 ? JSON.parse(run.stdout) : {};
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
