import { planBudget } from '../analyses/budgetPlan.ts';
import { suggestDensities } from '../analyses/sensitivityStudy.ts';
import type { AnalyzerContract } from '../rpc/contracts.ts';
import type { ModelMethod } from './dealer.ts';

/** How what is asked about all layers at once is answered, on whatever thread it runs. */
export const modelMethods: {
  readonly [M in ModelMethod]: (args: AnalyzerContract[M]['args']) => AnalyzerContract[M]['result'];
} = {
  plan: planBudget,
  suggest: ({ layers }) => suggestDensities(layers),
};
