import { codebookView } from './codebook.ts';
import { eieView } from './eie.ts';
import { sparsityView } from './sparsityView.ts';
import { sensitivityView } from './sensitivity.ts';
import { streamsView } from './streams.ts';
import { budgetView } from './budgetView.ts';
import { energyView } from './energyView.ts';
import { overview } from './overview.ts';
import { paperView } from './paperView.ts';
import type { View } from './view.ts';
import { weightsView } from './weights.ts';
import type { WholeView } from './wholeView.ts';

/** The pictures of one layer, in the order of their tabs. */
export const views: readonly View[] = [
  sparsityView,
  weightsView,
  codebookView,
  streamsView,
  sensitivityView,
  eieView,
];

/** What is shown of the whole model. */
export const wholeViews: readonly WholeView[] = [
  { id: 'sizes', title: 'Sizes', part: overview },
  budgetView,
  paperView,
  energyView,
];
