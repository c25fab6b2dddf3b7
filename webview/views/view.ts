import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { StudyKind } from '../../analyzers/report/studies.ts';
import type { TabId } from '../kept.ts';
import type { Session } from '../session.ts';
import type { State, Store } from '../store.ts';
import type { Studies } from '../studies.ts';

/** What a picture of one layer may use. */
export interface ViewTools {
  readonly store: Store;
  readonly session: Session;
  readonly studies: Studies;
  /** The line under the picture: what is pointed at, in a fixed place. */
  readonly read: (...parts: readonly ReadPart[]) => void;
}

/** A label in quiet and its value, or words alone. */
export type ReadPart = readonly [label: string, value: string] | string;

/** A picture of one layer. Made when first shown; `update` is called while it is in sight. */
export interface LayerPicture {
  readonly element: HTMLElement;
  update(state: State, layer: LayerReport): void;
  /** A key of the page that the picture may take; true when it did. */
  key?(event: KeyboardEvent): boolean;
  /** What the keys do, for the readout: pairs of keys and words. */
  readonly keys: readonly (readonly [key: string, words: string])[];
}

/** A tab of the detail. `twin` is what stands in its place as a table. */
export interface View {
  readonly id: TabId;
  readonly title: string;
  /** What it shows beyond the report: asked for while the tab is in sight. */
  readonly study?: StudyKind;
  picture(tools: ViewTools): LayerPicture;
  twin(layer: LayerReport, tools: ViewTools): HTMLElement;
  /** Why there is nothing to see, or null. */
  missing(layer: LayerReport): string | null;
}
