import { sparsityPicture } from './sparsity.ts';
import { sparsityTwin } from './sparsityTable.ts';
import type { View } from './view.ts';

export const sparsityView: View = {
  id: 'sparsity',
  title: 'Sparsity',
  picture: sparsityPicture,
  twin: sparsityTwin,
  missing: ({ profile }) => (profile === null ? 'This layer’s weights could not be read.' : null),
};
