import type { LayerOp } from '../../analyzers/model/layer.ts';
import type { Problem } from '../../analyzers/model/problem.ts';
import type { LayerEie } from '../../analyzers/report/eie.ts';
import type {
  LayerEncode,
  LayerProfile,
  LayerReport,
  LayerShare,
} from '../../analyzers/report/layerReport.ts';

import { presets } from '../../analyzers/report/presets.ts';
import type { ModelSummary, Report } from '../../analyzers/report/report.ts';
import { totalsOf } from '../../analyzers/report/totals.ts';

/**
 * A report made by hand for the tests of what shows it: the shapes of LeNet-5, invented figures that agree with
 * each other (counts sum to what is kept, entries are kept and padding, code lengths fill Kraft's sum), and a fifth
 * layer whose file is missing.
 */
interface Made {
  readonly index: number;
  readonly name: string;
  readonly op: LayerOp;
  readonly operator: string;
  readonly shape: readonly number[];
  readonly macs: number;
  readonly first?: boolean;
  readonly zeros?: number;
  readonly std: number;
  readonly rule: string;
  readonly kept: number;
  readonly bits: number;
  readonly indexBits: number | null;
  readonly sqnrDb: number;
}

/** Whole numbers in proportion to `shares` that sum to `total`. */
export function apportion(shares: readonly number[], total: number): number[] {
  const sum = shares.reduce((a, b) => a + b, 0);
  const exact = shares.map((share) => (total * share) / sum);
  const counts = exact.map(Math.floor);
  const missing = total - counts.reduce((a, b) => a + b, 0);
  const byRest = exact.map((x, i) => ({ i, rest: x - Math.floor(x) })).toSorted((a, b) => b.rest - a.rest);
  for (const { i } of byRest.slice(0, missing)) counts[i] = (counts[i] ?? 0) + 1;
  return counts;
}

const bell = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.exp(-8 * ((i + 0.5) / n - 0.5) ** 2));

/** Shannon lengths of the used symbols: they satisfy Kraft's inequality. An unused symbol has length 0. */
const lengthsOf = (counts: readonly number[]): number[] => {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((n) => (n === 0 ? 0 : Math.max(1, Math.ceil(Math.log2(total / n)))));
};

const weighed = (counts: readonly number[], lengths: readonly number[]): number =>
  counts.reduce((sum, n, i) => sum + n * (lengths[i] ?? 0), 0);

function profileOf(made: Made, weights: number): LayerProfile {
  const zeros = made.zeros ?? 0;
  return {
    zeros,
    nonFinite: 0,
    min: -4 * made.std,
    max: 3.75 * made.std,
    mean: made.std / 64,
    std: made.std,
    stdNonZero: made.std * Math.sqrt(weights / (weights - zeros)),
    deadRows: 0,
    deadCols: 0,
    nm: {
      '2:4': { violations: Math.floor(weights / 8), groups: Math.floor(weights / 4), axis: 1, remainder: 0 },
    },
    histogram: { limit: 4 * made.std, counts: apportion(bell(64), weights - zeros) },
  };
}

function shareOf(made: Made): LayerShare {
  const zeroReserved = made.indexBits !== null;
  const k = 2 ** made.bits - (zeroReserved ? 1 : 0);
  const counts = apportion(bell(k), made.kept);
  return {
    bits: made.bits,
    k,
    zeroReserved,
    method: 'optimal',
    centroids: counts.map((_, i) => (made.std * 3 * (2 * i - k + 0.5)) / k),
    inSteps: false,
    counts,
    empty: 0,
    tableBits: 32 * k,
    groups: null,
    codeLengths: lengthsOf(counts),
    paddingLength: zeroReserved ? 9 : null,
    mse: made.std ** 2 / 4 ** made.bits,
    sqnrDb: 6 * made.bits,
  };
}

/** Entries of a relative index of `bits` bits when gaps fall off geometrically. */
function entriesAt(kept: number, density: number, bits: number): number {
  const overflow = (1 - density) ** (2 ** bits);
  return kept + Math.round((kept * overflow) / (1 - overflow));
}

function encodeOf(made: Made, weights: number, share: LayerShare): LayerEncode {
  const { kept, indexBits } = made;
  const density = kept / weights;
  const entries = indexBits === null ? weights : entriesAt(kept, density, indexBits);
  const symbols = indexBits === null ? 0 : 2 ** indexBits;
  const falloff = Array.from({ length: symbols }, (_, gap) => (1 - density) ** gap);
  const indexCounts = symbols > 0 ? apportion(falloff, kept) : null;
  const indexLengths = indexCounts && lengthsOf(indexCounts);
  const codes = weighed(share.counts, share.codeLengths) + (entries - kept) * (share.paddingLength ?? 0);
  const indices = indexCounts && indexLengths ? weighed(indexCounts, indexLengths) + (entries - kept) * 3 : 0;
  const codebook = share.k * 32;
  const tables = (share.k + symbols) * 12;
  const indexWidths = Array.from({ length: indexBits === null ? 0 : 8 }, (_, i) => {
    const n = entriesAt(kept, density, i + 1);
    return {
      bits: i + 1,
      entries: n,
      fixedBits: n * (i + 1),
      codedBits: Math.round(n * (i + 1) * 0.8),
      valueBits: n * (share.bits - 1),
    };
  });
  const best = indexWidths.reduce<(typeof indexWidths)[number] | null>(
    (a, b) => (a === null || b.fixedBits + 32 * b.entries < a.fixedBits + 32 * a.entries ? b : a),
    null,
  );
  return {
    form: indexBits === null ? 'dense' : 'relative',
    method: 'huffman',
    indexBits,
    indexBitsPruned: best && best.bits,
    entries,
    padding: indexBits === null ? 0 : entries - kept,
    codeBitsMean: codes / entries,
    indexBitsMean: indexBits === null ? null : indices / entries,
    bits: {
      dense: 32 * weights,
      survivors: 32 * kept,
      pruned: best === null ? 32 * weights : best.fixedBits + 32 * best.entries,
      csr: 32 * kept + 16 * kept,
      csc: 32 * kept + 16 * kept + 32,
      shared: entries * (share.bits + (indexBits ?? 0)) + codebook,
      coded: codes + indices + codebook + tables,
      codedPaper: codes + indices + codebook,
      order0: Math.round(0.97 * (codes + indices)),
      limit: Math.round(0.94 * (codes + indices)),
      lossless: 27 * weights,
      slim: codes + indices + codebook + tables,
    },
    slim: {
      form: indexBits === null ? 'dense' : 'relative',
      runs: indexBits === null ? null : 'padding',
      indexBits,
      streams: [
        { kind: 'codebook', bits: codebook },
        { kind: 'code-table', bits: tables },
        { kind: 'codes', bits: codes },
        { kind: 'runs', bits: indices },
      ],
      zero: [0, 0],
      share: {
        bits: share.bits,
        k: share.k,
        zeroReserved: share.zeroReserved,
        codes: share.k,
        groups: null,
        grid: null,
      },
      entries,
      runSymbols: indexBits === null ? 0 : entries,
      runCodes: 0,
      done: 'prune std=1, share 5:optimal',
      stored: [],
    },
    indexCounts,
    indexLengths,
    indexWidths,
  };
}

/** As if every slice had the mean number of entries. */
function eieOf(made: Made, rows: number, cols: number): LayerEie {
  const pes = 64;
  const entries = made.kept;
  const cycles = Math.ceil(entries / pes) + cols + 9;
  return {
    pes,
    fifo: 8,
    clockMhz: 800,
    biasColumn: true,
    projection: false,
    activationSource: 'all-active',
    entries,
    padding: 0,
    activeColumns: cols,
    activeEntries: entries,
    theoreticalCycles: entries / pes,
    cycles,
    theoreticalUs: entries / pes / 800,
    timeUs: cycles / 800,
    loadBalance: entries / pes / cycles,
    pointerReads: pes * (cols + 1),
    spmatReads: Math.ceil(entries / 8),
    energyUj: (586.531 * cycles) / 800 / 1000,
    energyModel: 'eie-table-2',
    energyBottomUpUj: entries * 1e-5,
    bits: { entries: 8 * entries, pointers: 16 * pes * (cols + 1), codebook: 256 },
    fits: { spmat: true, pointers: true, activations: rows < 65_536 },
  };
}

export function layerFixture(made: Made): LayerReport {
  const weights = made.shape.reduce((a, b) => a * b, 1);
  const rows = made.shape[0] ?? 1;
  const share = shareOf(made);
  return {
    index: made.index,
    name: made.name,
    tensor: `${made.name}.weight`,
    usedBy: [`${made.operator}_${made.index.toString()}`],
    operator: made.operator,
    op: made.op,
    dtype: 'f32',
    shape: made.shape,
    rows,
    cols: weights / rows,
    positions: made.shape.slice(2).reduce((a, b) => a * b, 1),
    weights,
    macs: made.macs,
    first: made.first ?? false,
    follows: null,
    profile: profileOf(made, weights),
    prune: {
      rule: made.rule,
      threshold: made.rule === 'none' ? null : made.std,
      kept: made.kept,
      ties: made.rule === 'none' ? 0 : 1,
      prunedBelow: made.rule === 'none' ? null : weights - made.kept,
      prunedUpTo: made.rule === 'none' ? null : weights - made.kept + 1,
      keptL1: Math.sqrt(made.kept / weights),
      keptL2: Math.sqrt(Math.sqrt(made.kept / weights)),
      saliency: 'magnitude',
      pattern: null,
      density: made.kept / weights,
      deadRows: 0,
      deadCols: 0,
    },
    share,
    sqnrDb: made.sqnrDb,
    exact: false,
    encode: encodeOf(made, weights, share),
    dead: null,
    activation: null,
    eie: made.op === 'dense' ? eieOf(made, rows, weights / rows) : null,
    problems: [],
  };
}

const missing: Problem = {
  severity: 'error',
  code: 'onnx/external-data-missing',
  message: 'The weights of head lie in head.bin, which is not beside the model; put it there and run again.',
  at: { file: 'head.bin', tensor: 'head.weight', offset: null },
};

const unread: LayerReport = {
  index: 4,
  name: 'head',
  tensor: 'head.weight',
  usedBy: ['MatMul_9'],
  operator: 'MatMul',
  op: 'dense',
  dtype: 'f16',
  shape: [10, 4],
  rows: 4,
  cols: 10,
  positions: 1,
  weights: 40,
  macs: null,
  first: false,
  follows: null,
  profile: null,
  prune: null,
  share: null,
  sqnrDb: null,
  exact: false,
  encode: null,
  dead: null,
  activation: null,
  eie: null,
  problems: [missing],
};

// prettier-ignore
const layers: readonly LayerReport[] = [
  layerFixture({ index: 0, name: 'conv1', op: 'conv', operator: 'Conv', shape: [20, 1, 5, 5], macs: 288_000, first: true, std: 0.14, rule: 'none', kept: 500, bits: 8, indexBits: null, sqnrDb: 47.2 }),
  layerFixture({ index: 1, name: 'conv2', op: 'conv', operator: 'Conv', shape: [50, 20, 5, 5], macs: 1_600_000, std: 0.05, rule: 'std=1', kept: 7_000, bits: 8, indexBits: 5, sqnrDb: 6.81 }),
  layerFixture({ index: 2, name: 'ip1', op: 'dense', operator: 'Gemm', shape: [500, 800], macs: 400_000, std: 0.0213, rule: 'std=1', kept: 112_000, bits: 5, indexBits: 5, sqnrDb: 6.42 }),
  layerFixture({ index: 3, name: 'ip2', op: 'dense', operator: 'Gemm', shape: [10, 500], macs: 5_000, zeros: 1_000, std: 0.0711, rule: 'none', kept: 4_000, bits: 5, indexBits: 5, sqnrDb: 23.9 }),
  unread,
];

const model: ModelSummary = {
  name: 'lenet.onnx',
  format: 'onnx',
  bytes: 1_725_159,
  files: ['lenet.onnx', 'head.bin'],
  weightBytes: 1_722_000,
  fingerprint: '00c0ffee00c0ffee',
  tensors: {
    count: 10,
    elements: 431_124,
    zeros: 1_000,
    byPlace: {
      initializer: 431_124,
      constant: 0,
      subgraphInitializer: 0,
      subgraphConstant: 0,
      sparse: 0,
      function: 0,
    },
  },
  detail: ['opset 13'],
  parameters: 431_124,
  symbolicBatch: true,
};

export const reportFixture: Report = {
  schema: 1,
  tool: 'slimscope@0.1.0',
  model,
  recipe: presets['deep-compression'],
  layers,
  totals: totalsOf(model, layers),
  budget: null,
  problems: [missing],
};
