import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import type { LayerPrune, LayerReport } from '../../analyzers/report/layerReport.ts';
import {
  counted,
  countText,
  macsText,
  numberText,
  percentText,
  shapeText,
  shortPercentText,
} from '../../analyzers/report/units.ts';
import type { TabId, WholeTabId } from '../kept.ts';
import type { Session } from '../session.ts';
import { isBusy, type State, type Store } from '../store.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { nameText } from '../ui/name.ts';
import { whenChanged, type Part } from '../ui/part.ts';
import { createStudies } from '../studies.ts';
import { tabs } from '../ui/tabs.ts';
import { controls } from './controls.ts';
import { views, wholeViews } from './index.ts';
import type { LayerPicture, ReadPart, View, ViewTools } from './view.ts';
import type { WholeView } from './wholeView.ts';

const panelId = 'panel';

/** The right side: the whole model, or one layer with one picture at a time. */
export function detail(
  store: Store,
  session: Session,
): Part & { readonly focus: () => void; readonly key: (event: KeyboardEvent) => boolean } {
  const layerTabs = tabs<TabId>('Pictures of the layer', views, panelId, (tab) => store.keep({ tab }));
  const wholeTabs = tabs<WholeTabId>('The whole model', wholeViews, panelId, (whole) =>
    store.keep({ whole }),
  );
  const twinButton = h('button', {
    class: 'link',
    attrs: { type: 'button' },
    on: { click: () => store.keep({ twin: !store.get().kept.twin }) },
  });
  const name = h('h2');
  const facts = h('span', { class: 'quiet facts' });
  const setting = controls(store, session);
  const words = h('div', { class: 'rule-words quiet small' });
  const rule = h('div', { class: 'rule' }, words, setting.actions);
  const panel = h('div', { class: 'picture', attrs: { role: 'tabpanel', id: panelId } });
  const reading = h('span', { class: 'reading', attrs: { role: 'status' } });
  const keys = h('span', { class: 'keys quiet' });
  const read = h('div', { class: 'readout' }, reading, keys);
  const element = h(
    'section',
    { class: 'detail', attrs: { 'aria-label': 'Detail' } },
    h('div', { class: 'detail-head' }, layerTabs.element, wholeTabs.element, twinButton),
    h('div', { class: 'title' }, name, facts, setting.element),
    rule,
    panel,
    read,
  );
  const studies = createStudies(session, () => store.set({ studied: store.get().studied + 1 }));
  const tools: ViewTools = {
    store,
    session,
    studies,
    read: (...parts) => fill(reading, ...parts.map(readPart)),
  };
  const pictures = new Map<TabId, LayerPicture>();
  const wholes = new Map<WholeTabId, ReturnType<WholeView['part']>>();
  let shown: LayerPicture | null = null;
  let state: State | null = null;

  const drawTwin = whenChanged(() => {
    const layer = state === null ? null : selectedLayer(state);
    const view = viewOf(state);
    if (layer === null || view === null) return;
    fill(panel, view.twin(layer, tools));
    fill(reading);
  });

  const drawPicture = whenChanged(() => {
    const layer = state === null ? null : selectedLayer(state);
    if (state !== null && layer !== null) shown?.update(state, layer);
  });

  /** Another picture begins at its top. */
  const toTop = whenChanged(() => {
    panel.scrollTop = 0;
  });

  const showLayer = (next: State, layer: LayerReport | null, view: View): void => {
    const stub = next.stubs.find(({ index }) => index === next.kept.selected);
    if (name.textContent !== plain(stub?.name ?? '')) fill(name, nameText(stub?.name ?? ''));
    facts.textContent = layer === null ? 'not read yet' : factsOf(layer, next);
    facts.title = facts.textContent;
    words.textContent = layer === null ? '' : ruleWords(layer);
    const missing = layer === null ? waitText(next) : view.missing(layer);
    const isStudied = view.study !== undefined && layer !== null && missing === null;
    studies.look(isStudied ? { what: view.study, layer } : null, next);
    const studied = isStudied ? [next.studied, next.run.kind] : [];
    if (layer === null || missing !== null) {
      shown = null;
      drawTwin(null);
      fill(
        panel,
        h('p', { class: 'quiet', text: missing ?? '' }),
        ...(layer?.problems ?? []).map(problemLine),
      );
      fill(reading);
      return;
    }
    if (next.kept.twin) {
      shown = null;
      drawTwin(layer, view, next.kept.pruned, ...studied);
      return;
    }
    drawTwin(null);
    const picture = pictures.get(view.id) ?? view.picture(tools);
    pictures.set(view.id, picture);
    if (panel.firstChild !== picture.element) {
      fill(reading);
      fill(panel, picture.element);
      drawPicture(null);
    }
    shown = picture;
    drawPicture(picture, layer, next.kept, next.theme, ...studied);
  };

  return {
    element,
    focus: () =>
      (
        panel.querySelector<HTMLElement>('[tabindex="0"]') ??
        element.querySelector<HTMLElement>('[role=tab][aria-selected=true]')
      )?.focus(),
    key(event) {
      if (event.key === 't' || event.key === 'T') {
        store.keep({ twin: !store.get().kept.twin });
        return true;
      }
      if (event.ctrlKey && (event.key === 'PageUp' || event.key === 'PageDown')) {
        const by = event.key === 'PageUp' ? -1 : 1;
        const { selected, tab, whole } = store.get().kept;
        if (selected === null) store.keep({ whole: beside(wholeViews, whole, by) });
        else store.keep({ tab: beside(views, tab, by) });
        return true;
      }
      return shown?.key?.(event) ?? false;
    },
    update(next) {
      state = next;
      const layer = selectedLayer(next);
      const isWhole = next.kept.selected === null;
      const view = viewOf(next);
      layerTabs.element.hidden = isWhole;
      wholeTabs.element.hidden = !isWhole;
      layerTabs.show(next.kept.tab);
      wholeTabs.show(next.kept.whole);
      // Only the sizes have pictures.
      twinButton.hidden = isWhole && next.kept.whole !== 'sizes';
      setText(twinButton, next.kept.twin ? 'as picture' : 'as table');
      twinButton.append(' ', h('kbd', { text: 't' }));
      rule.hidden = isWhole && next.kept.undo.length === 0;
      if (isWhole) words.textContent = '';
      panel.setAttribute('aria-labelledby', isWhole ? `tab-${next.kept.whole}` : `tab-${next.kept.tab}`);
      setting.update(next);
      toTop(isWhole ? next.kept.whole : next.kept.tab, next.kept.selected, next.kept.twin);
      fill(keys, ...keyHints(isWhole || next.kept.twin ? [] : (shown?.keys ?? []), next.kept.twin));
      if (isWhole || view === null) {
        shown = null;
        studies.look(null, next);
        drawTwin(null);
        setText(name, 'Whole model');
        setText(facts, wholeFacts(next));
        const { whole: id } = next.kept;
        const whole = wholes.get(id) ?? wholeViews.find((one) => one.id === id)?.part(tools);
        if (whole === undefined) return;
        wholes.set(id, whole);
        if (panel.firstChild !== whole.element) fill(panel, whole.element);
        whole.update(next);
        return;
      }
      showLayer(next, layer, view);
      fill(keys, ...keyHints(next.kept.twin ? [] : (shown?.keys ?? []), next.kept.twin));
    },
  };
}

/** The tab that many places on, around the ends. */
function beside<T extends string>(all: readonly { readonly id: T }[], id: T, by: number): T {
  const at = all.findIndex((one) => one.id === id);
  return all[(at + by + all.length) % all.length]?.id ?? id;
}

const viewOf = (state: State | null): View | null =>
  state === null ? null : (views.find(({ id }) => id === state.kept.tab) ?? views[0] ?? null);

const selectedLayer = ({ kept, layers }: Pick<State, 'kept' | 'layers'>): LayerReport | null =>
  kept.selected === null ? null : (layers.get(kept.selected) ?? null);

const readPart = (part: ReadPart): HTMLElement =>
  typeof part === 'string'
    ? h('span', { class: 'quiet', text: part })
    : h('span', {}, `${part[0]} `, h('b', { text: part[1] }));

const problemLine = (problem: { readonly message: string }): HTMLElement =>
  h('p', { text: plainMessage(problem.message) });

const waitText = ({ run }: State): string =>
  run.kind === 'cancelled'
    ? 'The run was cancelled before this layer was read.'
    : 'This layer waits for its turn.';

function factsOf(layer: LayerReport, { stubs }: State): string {
  let weights = 0;
  let macs = 0;
  for (const stub of stubs) {
    weights += stub.weights;
    macs += stub.macs ?? 0;
  }
  const parts = [
    `${layer.op} ${shapeText([layer.rows, layer.cols])}`,
    `${counted(layer.weights, 'weight')} (${shortPercentText(layer.weights / Math.max(1, weights))})`,
  ];
  if (layer.macs !== null && macs > 0)
    parts.push(`${macsText(layer.macs)} (${shortPercentText(layer.macs / macs)})`);
  if (layer.dtype !== 'f32') parts.push(`stored as ${layer.dtype}`);
  return parts.join(' · ');
}

function thresholdWords({ threshold, saliency }: LayerPrune): string {
  if (threshold === null) return '';
  return `|w|${saliency === 'magnitude' ? '' : ' with its batch norm'} ≥ ${numberText(threshold)}, `;
}

/** The rule in words: what is done to this layer, and what came of it. */
function ruleWords({ prune, share, encode, profile }: LayerReport): string {
  if (prune === null || encode === null) return '';
  const parts = [
    prune.rule === 'none'
      ? profile !== null && profile.zeros > 0
        ? 'not pruned, its own zeros stay'
        : 'not pruned'
      : `${prune.rule}: ${thresholdWords(prune)}${countText(prune.kept)} kept (${percentText(prune.density)})`,
    share === null ? 'values as stored' : `${countText(share.bits)}-bit codebook, ${share.method}`,
    encode.form === 'dense' ? 'dense form' : `${countText(encode.indexBits ?? 0)}-bit index`,
  ];
  return `${parts.join(' · ')}${prune.rule === 'none' && share === null ? '' : ' · one-shot'}`;
}

function wholeFacts({ stubs, run, layers }: State): string {
  if (stubs.length === 0) return '';
  if (isBusy({ run }) && layers.size < stubs.length)
    return 'rows appear when their layer is done; choose one now, the others go on';
  const [count, one] = [counted(stubs.length, 'layer'), stubs.length === 1 ? 'it' : 'one'];
  return `${count} on the same measures; choose ${one} for its pictures`;
}

const keyHints = (hints: readonly (readonly [string, string])[], twin: boolean): (Node | string)[] => [
  ...hints.flatMap(([key, words]) => [h('kbd', { text: key }), words === '' ? ' ' : ` ${words} · `]),
  h('kbd', { text: 't' }),
  twin ? ' picture' : ' table',
];
