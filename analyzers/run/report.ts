import { slimBytesOf } from '../container/slimHeader.ts';
import type { Frame } from '../model/frame.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { elementsOf } from '../model/tensor.ts';
import type { BudgetResult } from '../report/budget.ts';
import type { LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { ModelSummary, Report } from '../report/report.ts';
import { totalsOf } from '../report/totals.ts';
import { unmatchedRules } from '../report/unmatchedRules.ts';
import type { Census, LayerStub, OpenedModel } from '../rpc/contracts.ts';
import { tool } from './version.ts';

/** What a run found, put together: the same value for every way in which the work was dealt. */
export function reportOf(parts: {
  readonly opened: OpenedModel;
  readonly recipe: Recipe;
  readonly budget: BudgetResult | null;
  /** In order of their index. */
  readonly layers: readonly LayerReport[];
  /** Or why there is none. */
  readonly census: Census | Problem;
  /** Null when no container can be written of the model. */
  readonly frame: Frame | null;
}): Report {
  const { opened, recipe, budget, layers, census, frame } = parts;
  const counted = 'fingerprint' in census ? census : null;
  const { summary } = opened;
  const model: ModelSummary = {
    ...summary,
    fingerprint: counted?.fingerprint ?? null,
    tensors: { ...summary.tensors, zeros: counted?.zeros ?? null },
  };
  return {
    schema: 1,
    tool,
    model,
    recipe,
    layers,
    totals: totalsOf(model, layers, frame === null ? null : slimBytesOf(frame, layers, tool)),
    budget,
    problems: [
      ...opened.problems,
      ...unmatchedRules(recipe, layers),
      ...('fingerprint' in census ? [] : [census]),
    ],
  };
}

/** Rows of the layer list before a layer has been read. */
export const stubsOf = (layers: readonly Layer[]): readonly LayerStub[] =>
  layers.map(({ index, name, op, rows, cols, macs, weight }) => ({
    index,
    name,
    op,
    rows,
    cols,
    weights: elementsOf(weight.shape),
    macs,
  }));
