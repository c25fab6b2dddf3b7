import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { finerGrids } from '../../analyzers/analyses/budgetGrid.ts';
import { planBudget } from '../../analyzers/analyses/budgetPlan.ts';
import { curveBits, curveDensities } from '../../analyzers/analyses/curves.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import type { CurveGrid } from '../../analyzers/report/budget.ts';
import type { LayerCurves } from '../../analyzers/report/curves.ts';
import type { LayerProfile } from '../../analyzers/report/layerReport.ts';
import { presets } from '../../analyzers/report/presets.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import { withOptions } from '../../analyzers/report/recipeEdit.ts';
import { resolveRule } from '../../analyzers/report/rules.ts';
import type { Dealer } from '../../analyzers/run/dealer.ts';
import { solveBudget } from '../../analyzers/run/solveBudget.ts';
import { denseLayer } from '../support/layerFixture.ts';

/** A layer whose curves are formulas: `bend` says how soon pruning hurts. */
interface Model {
  readonly weights: number;
  readonly bend: number;
  /** Times the estimate that encoding takes, up to. */
  readonly over: number;
}

const sizeOf = ({ weights }: Model, density: number, bits: number | null): number =>
  weights * density * ((bits ?? 32) + 3 * (1 - density)) + 2 ** (bits ?? 0);
const lossOf = ({ bend }: Model, density: number, bits: number | null): number =>
  (1 - density) ** bend + (bits === null ? 0 : 4 ** -bits);

function curvesOf(model: Model, grid: CurveGrid | null): LayerCurves {
  const densities = grid?.densities ?? [1, ...curveDensities];
  const points = densities.flatMap((density) =>
    (grid?.bits ?? [null, ...curveBits]).map((bits) => ({
      density,
      bits,
      codedBits: sizeOf(model, density, bits),
      distortion: lossOf(model, density, bits),
    })),
  );
  return { points, profile: { zeros: 0 } as unknown as LayerProfile, mask: 'open' };
}

/** Answers from the formulas; `finer` says whether finer grids are answered, `calls` counts the points. */
function dealerOf(models: readonly Model[], finer: boolean, counted: { points: number }): Dealer {
  const answer = (
    method: string,
    layer: Layer,
    args: { recipe: Recipe; grid?: CurveGrid | null },
  ): unknown => {
    const model = models[layer.index]!;
    if (method === 'curves') {
      const grid = args.grid ?? null;
      const curves =
        grid !== null && !finer ? { ...curvesOf(model, null), points: [] } : curvesOf(model, grid);
      counted.points += curves.points.length;
      return curves;
    }
    const rule = resolveRule(args.recipe, { ...layer, tensor: null, weights: model.weights, zeros: 0 });
    const density = rule.prune.kind === 'density' ? rule.prune.density : 1;
    const bits = rule.share.kind === 'none' ? null : rule.share.bits;
    const noise = 1 + model.over * (((density * 9973 + (bits ?? 0) * 31) % 1) + 0.1);
    return { encode: { bits: { coded: sizeOf(model, density, bits) * noise } } };
  };
  return {
    call: (method, layer, args) => Promise.resolve(answer(method, layer, args as never) as never),
    ask: (_, args) => Promise.resolve(planBudget(args as never) as never),
  };
}

const solve = (models: readonly Model[], budget: string, finer: boolean, counted = { points: 0 }) =>
  solveBudget(
    withOptions(presets['deep-compression'], { prune: 'density=0.1', share: '5:optimal', budget }),
    budget,
    {
      layers: models.map(({ weights }, index) => ({
        ...denseLayer(1, weights),
        index,
        name: `fc${index.toString()}`,
      })),
      dealer: dealerOf(models, finer, counted),
      profileOf: () => null,
      signal: new AbortController().signal,
      progress: () => {},
    },
  );

const model = fc.record({
  weights: fc.integer({ min: 100, max: 1_000_000 }),
  bend: fc.double({ min: 1.2, max: 8, noNaN: true }),
  over: fc.constantFrom(0, 0.0005, 0.02, -0.01),
});

test('finer choices lose no more than the usual ones, and never go above the target', async () => {
  let better = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(model, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 5, max: 60 }),
      async (models, factor) => {
        const budget = `factor=${factor.toString()}`;
        const [usual, finer] = await Promise.all(
          [solve(models, budget, false), solve(models, budget, true)].map((each) =>
            each.catch((error: unknown) => error as Error),
          ),
        );
        if (usual instanceof Error || finer instanceof Error) {
          assert.ok(usual instanceof Error, 'what the usual choices meet, the finer ones do');
          return;
        }
        const [before, after] = [usual!.budget!, finer!.budget!];
        assert.ok(after.codedBytes <= after.targetBytes);
        assert.ok(after.distortion <= before.distortion * (1 + 1e-12));
        if (after.distortion < 0.98 * before.distortion) better += 1;
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(better > 30, better.toString());
});

test('refining takes fewer points than the usual grid, and is done twice at most', async () => {
  const counted = { points: 0 };
  await solve([{ weights: 400_000, bend: 3, over: 0 }], 'factor=30', true, counted);
  const usual = 8 * (1 + curveDensities.length);
  assert.ok(counted.points > usual && counted.points <= usual + 2 * 8 * 3);
});

test('densities lie between the neighbours of the chosen one, at its bits and those beside them', () => {
  const { points } = curvesOf({ weights: 1000, bend: 2, over: 0 }, null);
  const layer = { mask: 'open' as const, points, bits: points.map(({ codedBits }) => codedBits) };
  const place = points.findIndex(({ density, bits }) => density === 0.125 && bits === 2);
  const [grid] = finerGrids([layer], [place]);
  const all = [0.18, ...grid!.densities.slice(0, 4), 0.125, ...grid!.densities.slice(4), 0.09];
  assert.equal(all.length, 11);
  for (const [i, density] of all.slice(1).entries()) {
    const ratio = (i < 5 ? 0.125 / 0.18 : 0.09 / 0.125) ** (1 / 5);
    assert.ok(
      Math.abs(density / all[i]! - ratio) < 0.002,
      `${density.toString()} after ${all[i]!.toString()}`,
    );
  }
  assert.deepEqual(grid!.bits, [2, 3]);
  assert.deepEqual(finerGrids([{ ...layer, mask: 'fixed' }], [place]), []);
});
