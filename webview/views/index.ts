import { codebookView } from './codebook.ts';
import { sparsityView } from './sparsityView.ts';
import { streamsView } from './streams.ts';
import type { View } from './view.ts';
import { weightsView } from './weights.ts';

/** The pictures of one layer, in the order of their tabs. */
export const views: readonly View[] = [sparsityView, weightsView, codebookView, streamsView];
