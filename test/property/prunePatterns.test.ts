import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { maskByScores } from '../../analyzers/analyses/mask.ts';
import { sweepsOf } from '../../analyzers/analyses/sweeps.ts';
import { findKeptBy, hasBit, type Mask } from '../../analyzers/kernels/mask.ts';
import { givenScores } from '../../analyzers/kernels/saliency.ts';
import type { Layer, View } from '../../analyzers/model/layer.ts';
import { parsePrune } from '../../analyzers/report/pruneRules.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { denseLayer, passOf, reportOn, seeded } from '../support/layerFixture.ts';
import { cellOf, naiveBlockMask, naiveNmMask, naiveNorms } from '../support/naiveMask.ts';
import { product } from '../support/naiveProfile.ts';

const { signal } = new AbortController();

/** The orders in which weights are stored (docs/orientation.md). */
const views: readonly ((a: number, b: number, k: number) => View)[] = [
  // MatMul K x N, and transposed.
  (a, b) => ({ shape: [a, b], rowAxes: [1], colAxes: [0], reductionAxis: 0, positions: 1 }),
  (a, b) => ({ shape: [a, b], rowAxes: [0], colAxes: [1], reductionAxis: 1, positions: 1 }),
  // Convolutions: OIHW, HWIO, OHWI.
  (a, b, k) => ({ shape: [a, b, k], rowAxes: [0], colAxes: [1, 2], reductionAxis: 1, positions: k }),
  (a, b, k) => ({ shape: [k, b, a], rowAxes: [2], colAxes: [1, 0], reductionAxis: 1, positions: k }),
  (a, b, k) => ({ shape: [a, k, b], rowAxes: [0], colAxes: [2, 1], reductionAxis: 2, positions: k }),
  // A transposed convolution in two groups, and a recurrent one in two directions.
  (a, b, k) => ({ shape: [2, a, b, k], rowAxes: [0, 2], colAxes: [1, 3], reductionAxis: 1, positions: k }),
  (a, b) => ({ shape: [2, a, b], rowAxes: [0, 1], colAxes: [2], reductionAxis: 2, positions: 1 }),
];

const layerOf = (view: View): Layer => {
  const of = (axes: readonly number[]): number => product(axes.map((axis) => view.shape[axis]!));
  const layer = denseLayer(of(view.rowAxes), of(view.colAxes));
  return { ...layer, view, weight: { ...layer.weight, shape: view.shape } };
};

const small = fc.integer({ min: 1, max: 9 });
const cases = fc.record({
  view: fc
    .tuple(fc.constantFrom(...views), small, small, fc.integer({ min: 1, max: 4 }))
    .map(([make, ...of]) => make(...of)),
  chunk: fc.integer({ min: 1, max: 60 }),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  /** Few different numbers make ties. */
  levels: fc.constantFrom(1, 2, 5, 1000),
  zeros: fc.constantFrom(0, 0.3, 0.9, 1),
  special: fc.boolean(),
  doubles: fc.boolean(),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function valuesOf({ view, seed, levels, zeros, special, doubles }: Case): Float32Array | Float64Array {
  const draw = seeded(seed);
  const list = Array.from({ length: product(view.shape) }, () => {
    if (draw() < zeros) return draw() < 0.5 ? -0 : 0;
    if (special && draw() < 0.1) return [NaN, Infinity, -Infinity, 2 ** -149][Math.floor(4 * draw())]!;
    return (Math.ceil(levels * draw()) / levels) * (draw() < 0.5 ? -1 : 1);
  });
  return doubles ? Float64Array.from(list) : Float32Array.from(list);
}

function near(got: number | null, wanted: number | null, what: string): void {
  if (wanted === null || got === null) assert.equal(got, wanted, what);
  else assert.ok(Math.abs(got - wanted) <= 1e-12, `${what}: ${got.toString()} for ${wanted.toString()}`);
}

/** The report says what the kept elements say. */
function agrees(
  report: LayerReport,
  made: Case,
  values: Float32Array | Float64Array,
  kept: ReadonlySet<number>,
): void {
  const prune = report.prune!;
  // NaN and infinities are carried as they are, with the rest of their layer.
  if (prune.rule === 'none') {
    assert.ok(report.profile!.nonFinite > 0);
    return;
  }
  assert.equal(prune.kept, kept.size);
  assert.equal(prune.threshold, null);
  assert.equal(prune.prunedBelow, null);
  assert.equal(prune.ties, 0);
  assert.equal(prune.saliency, 'magnitude');
  const norms = naiveNorms(values, kept);
  near(prune.keptL1, norms.l1, 'L1');
  near(prune.keptL2, norms.l2, 'L2');
  const cells = [...kept].map((flat) => cellOf(flat, made.view));
  assert.equal(prune.deadRows, report.rows - new Set(cells.map(([row]) => row)).size);
  assert.equal(prune.deadCols, report.cols - new Set(cells.map(([, col]) => col)).size);
}

const report = (made: Case, values: Float32Array | Float64Array, prune: string): Promise<LayerReport> => {
  const layer = layerOf(made.view);
  const dtype = made.doubles ? 'f64' : 'f32';
  return reportOn({ ...layer, weight: { ...layer.weight, dtype } }, values, { prune }, made.chunk);
};

/** The elements that a rule keeps. */
async function keptBy(made: Case, scores: Float32Array | Float64Array, prune: string): Promise<Mask> {
  const sweep = sweepsOf(passOf(scores, made.chunk), scores.length, 2, { signal, progress: () => {} });
  const rule = parsePrune(prune);
  assert.ok(rule.kind !== 'none');
  return (await maskByScores(layerOf(made.view), rule, sweep)).mask;
}

function elementsOf(mask: Mask, n: number): number[] {
  assert.ok(mask.kind === 'bits');
  return Array.from({ length: n }, (_, i) => i).filter((i) => hasBit(mask.bits, i));
}

const ascending = (set: ReadonlySet<number>): number[] => [...set].toSorted((a, b) => a - b);

test('N:M keeps what sorting each group keeps, in every stored order, and tells its norms', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.integer({ min: 1, max: 8 }), fc.nat(7), async (made, m, some) => {
      const n = (some % m) + 1;
      const values = valuesOf(made);
      const wanted = naiveNmMask(made.view, values, n, m);
      const rule = `nm=${n.toString()}:${m.toString()}`;
      assert.deepEqual(elementsOf(await keptBy(made, values, rule), values.length), ascending(wanted));
      const told = await report(made, values, rule);
      agrees(told, made, values, wanted);
      if (told.prune!.rule === 'none') return;
      const size = made.view.shape[made.view.reductionAxis!]!;
      const { pattern } = told.prune!;
      assert.deepEqual(
        { ...pattern, keptGroups: 0 },
        {
          kind: 'nm',
          groups: (values.length / size) * Math.floor(size / m),
          keptGroups: 0,
          axis: made.view.reductionAxis,
          remainder: size % m,
        },
      );
    }),
    { numRuns: 300 },
  );
});

test('blocks, filters and columns keep what sorting their mean squares keeps, exactly as many as asked for', async () => {
  const rules = fc.oneof(
    fc.tuple(small, small).map(([r, c]) => ({ kind: 'block' as const, r, c })),
    fc.constantFrom({ kind: 'filters' as const, r: 0, c: 0 }, { kind: 'columns' as const, r: 0, c: 0 }),
  );
  const densities = fc.constantFrom(0, 0.1, 0.3, 0.5, 0.9, 1);
  await fc.assert(
    fc.asyncProperty(cases, rules, densities, async (made, { kind, r, c }, density) => {
      const values = valuesOf(made);
      const { rows, cols } = layerOf(made.view);
      const size =
        kind === 'block'
          ? ([r, c] as const)
          : kind === 'filters'
            ? ([1, cols] as const)
            : ([rows, 1] as const);
      const { kept, blocks, keptBlocks } = naiveBlockMask(made.view, values, size, density);
      const text =
        kind === 'block'
          ? `block=${r.toString()}x${c.toString()}:${density.toString()}`
          : `${kind}=${density.toString()}`;
      assert.deepEqual(elementsOf(await keptBy(made, values, text), values.length), ascending(kept));
      const told = await report(made, values, text);
      agrees(told, made, values, kept);
      if (told.prune!.rule === 'none') return;
      const { pattern } = told.prune!;
      assert.equal(pattern!.kind, kind);
      assert.equal(pattern!.groups, blocks);
      assert.equal(pattern!.keptGroups, keptBlocks);
      const whole = Math.floor(rows / size[0]) * Math.floor(cols / size[1]);
      if (kind === 'block') assert.equal(pattern!.remainder, blocks - whole);
    }),
    { numRuns: 300 },
  );
});

test('masks of bits find the same places however the layer is cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.uint32Array({ minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 70 }),
      (words, chunk) => {
        const bits = Uint32Array.from(words);
        const values = new Float32Array(128);
        const found: number[] = [];
        for (let first = 0; first < 128; first += chunk) {
          const some = values.subarray(first, first + chunk);
          const positions = new Uint32Array(some.length);
          const count = findKeptBy({ kind: 'bits', bits }, some, first, positions);
          for (let i = 0; i < count; i += 1) found.push(first + positions[i]!);
        }
        assert.deepEqual(found, elementsOf({ kind: 'bits', bits }, 128));
      },
    ),
  );
});

test('every rule works from scores that come from outside, and keeps no zero whatever its score', async () => {
  const rules = [
    'density=0.3',
    'std=1',
    'threshold=0.5',
    'nm=1:3',
    'block=2x2:0.5',
    'filters=0.5',
    'columns=0.4',
  ];
  await fc.assert(
    fc.asyncProperty(cases, fc.constantFrom(...rules), fc.boolean(), async (made, rule, own) => {
      const values = valuesOf(made);
      const draw = seeded(made.seed + 1);
      // OBD's w^2 / 2 with a second derivative of 1 orders as magnitudes do; the others are scores of their own.
      const outside = Float64Array.from(values, (w) => (own ? (w * w) / 2 : draw()));
      const scores = givenScores(values, outside);
      const kept = elementsOf(await keptBy(made, scores, rule), values.length);
      for (const at of kept) assert.ok(values[at] !== 0 && Number.isFinite(values[at]), 'never a zero');
      if (rule === 'nm=1:3') assert.deepEqual(kept, ascending(naiveNmMask(made.view, scores, 1, 3)));
      if (rule === 'density=0.3') {
        const rank = Math.round(0.3 * values.length);
        const sorted = [...scores].filter(Number.isFinite).toSorted((a, b) => b - a);
        const least = rank === 0 ? Infinity : (sorted[rank - 1] ?? 0);
        const wanted = [...scores.keys()].filter(
          (i) => scores[i]! > 0 && scores[i]! >= least && Number.isFinite(scores[i]!),
        );
        assert.deepEqual(kept, wanted);
      }
    }),
    { numRuns: 300 },
  );
});

test('an embedding sums over no axis: N:M keeps every weight of it, and says so', async () => {
  const layer = denseLayer(3, 4);
  const embedding = { ...layer, view: { ...layer.view, reductionAxis: null } };
  const told = await reportOn(
    embedding,
    Float32Array.from({ length: 12 }, (_, i) => i),
    { prune: 'nm=1:4' },
  );
  assert.equal(told.prune!.kept, 11);
  assert.equal(told.prune!.pattern, null);
  assert.deepEqual(
    told.problems.map(({ code }) => code),
    ['analysis/no-reduction-axis'],
  );
});

const one = (prune: string): Promise<LayerReport> =>
  reportOn(denseLayer(1, 1), Float32Array.of(-2), { prune });

test('a layer of one weight keeps it or not as each rule says', async () => {
  for (const rule of ['nm=1:1', 'nm=1:4', 'block=4x4:1', 'filters=1', 'columns=0.5'])
    assert.equal((await one(rule)).prune!.kept, 1, rule);
  for (const rule of ['block=4x4:0', 'filters=0.4', 'columns=0'])
    assert.equal((await one(rule)).prune!.kept, 0, rule);
});
