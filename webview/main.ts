import { header } from './bands/header.ts';
import { instead } from './bands/failure.ts';
import { notices, progressBand } from './bands/notices.ts';
import { sizes } from './bands/sizes.ts';
import { writeBand } from './bands/writeBand.ts';
import { connect } from './host.ts';
import { listWidth, readKept } from './kept.ts';
import { layerList, sash } from './layers/list.ts';
import { createSession } from './session.ts';
import { createStore, isBusy } from './store.ts';
import { onThemeChange } from './theme.ts';
import { h, isTyping } from './ui/dom.ts';
import { lightLayers } from './ui/lit.ts';
import { registerControls } from './ui/toolkit.ts';
import { detail } from './views/detail.ts';
import { failureOf } from '../analyzers/rpc/failure.ts';

/** Writing the state down waits for this many milliseconds without a change. */
const settleMs = 150;

function start(app: HTMLElement): void {
  registerControls();
  const host = connect();
  const store = createStore(
    {
      title: document.title,
      presets: [],
      restricted: false,
      recipe: null,
      run: { kind: 'opening' },
      slow: false,
      summary: null,
      stubs: [],
      layers: new Map(),
      waiting: new Set(),
      totals: null,
      problems: [],
      budget: null,
      refused: null,
      writing: null,
      stale: null,
      kept: readKept(host.readState()),
      studied: 0,
      theme: 0,
    },
    (task) => requestAnimationFrame(task),
  );
  const session = createSession(host, store);
  const right = detail(store, session);
  const list = layerList(store, session, right.focus);
  const failure = instead(session);
  const bands = [
    header(session),
    progressBand(session),
    writeBand(session),
    notices(session),
    sizes(session),
  ];
  const edge = sash(store);
  const body = h('div', { class: 'body' }, list.element, edge.element, right.element);
  app.append(h('div', { class: 'bands' }, ...bands.map(({ element }) => element)), failure.element, body);

  lightLayers(app);

  let writing: ReturnType<typeof setTimeout> | undefined;
  let written = store.get().kept;
  store.subscribe((state) => {
    for (const part of bands) part.update(state);
    failure.update(state);
    body.hidden = failure.has(state);
    body.style.setProperty('--list-width', listWidth(state.kept));
    if (!body.hidden) {
      list.update(state);
      edge.update(state);
      right.update(state);
    }
    if (state.kept !== written) {
      written = state.kept;
      clearTimeout(writing);
      writing = setTimeout(() => host.writeState(written), settleMs);
    }
  });
  onThemeChange(() => store.set({ theme: store.get().theme + 1 }));

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isTyping(event)) return;
    const plainKey = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === 'Escape' && isBusy(store.get())) session.cancel();
    else if (event.key === 'Escape' && store.get().writing?.kind === 'writing') session.cancelWrite();
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') session.undo();
    else if (!((plainKey || event.key.startsWith('Page')) && right.key(event))) return;
    event.preventDefault();
  });
  window.addEventListener('pagehide', () => host.writeState(store.get().kept));
  window.addEventListener('resize', () => store.set({}));

  session.start().catch((error: unknown) => {
    store.set({ run: { kind: 'failed', failure: failureOf(error) } });
  });
}

const app = document.getElementById('app');
if (app !== null) start(app);
