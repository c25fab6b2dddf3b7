import type { WholeTabId } from '../kept.ts';
import type { State } from '../store.ts';
import type { ViewTools } from './view.ts';

/** A tab of the whole model. Made when first shown; `update` is called while it is in sight. */
export interface WholeView {
  readonly id: WholeTabId;
  readonly title: string;
  part(tools: ViewTools): { readonly element: HTMLElement; update(state: State): void };
}
