import { magnitudeThreshold } from '../../analyzers/report/magnitudeThreshold.ts';
import { setLayerRule } from '../../analyzers/report/recipeEdit.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import {
  counted,
  countText,
  decibelText,
  numberText,
  percentText,
  tickText,
} from '../../analyzers/report/units.ts';
import { barChart, type ChartArea } from '../charts/chart.ts';
import { hairline, write } from '../charts/canvas.ts';
import {
  countTicks,
  heightOf,
  histogramScene,
  placeOf,
  type HistogramScene,
} from '../charts/histogramScene.ts';
import { niceStep, ticksBetween } from '../charts/ticks.ts';
import { inks, type Inks } from '../theme.ts';
import { isBusy, type State } from '../store.ts';
import { fill, h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { paintCurve } from './densityCurve.ts';
import { thresholdHandles } from './thresholdHandles.ts';
import type { LayerPicture, View, ViewTools } from './view.ts';

/** Space under the bars: centroids hang there by their use, with the axis below. */
const below = { centroids: 48, axis: 20 } as const;

export const weightsView: View = {
  id: 'weights',
  title: 'Weights',
  picture: weightsPicture,
  twin: weightsTwin,
  missing: ({ profile }) =>
    profile === null
      ? 'This layer’s weights could not be read.'
      : profile.histogram === null
        ? 'Every weight of this layer is 0 or not finite: there is nothing to draw.'
        : null,
};

function weightsPicture({ store, session, read }: ViewTools): LayerPicture {
  let layer: LayerReport | null = null;
  let scene: HistogramScene | null = null;
  let log = true;
  const title = h('h3');
  const small = h('canvas', { attrs: { role: 'img', 'aria-label': 'Density against threshold' } });
  const facts = h('div');
  const binText = (bar: number): void => {
    if (scene === null) return;
    const width = (2 * scene.limit) / scene.counts.length;
    const from = -scene.limit + bar * width;
    read(
      ['weights', `${numberText(from)} to ${numberText(from + width)}`],
      ['count', countText(scene.counts[bar] ?? 0)],
      scene.pruned[bar] === true ? 'pruned' : 'kept',
    );
  };
  const ordinary = (): void => {
    if (layer === null || layer.prune === null) return;
    const { density, ties, rule } = layer.prune;
    const threshold = magnitudeThreshold(layer.prune);
    read(
      ['threshold', threshold === null ? 'none' : `±${numberText(threshold)}`],
      ['density', percentText(density)],
      [ties === 1 ? 'tie' : 'ties', countText(ties)],
      ['rule', rule],
    );
  };
  const chart = barChart(
    inks,
    () => {
      if (scene === null) return null;
      const colors = inks();
      const most = Math.max(1, ...scene.counts);
      return {
        heights: scene.counts.map((count) => heightOf(count, log)),
        colors: scene.pruned.map((gone) => (gone ? colors.rest : colors.mark)),
        most: heightOf(most, log),
        ticks: countTicks(most, log).map((count) => ({ at: heightOf(count, log), text: countText(count) })),
        padding: { top: 24, right: 56, bottom: below.centroids + below.axis + 4, left: 0 },
        gap: scene.counts.length > 200 ? 0 : 0.5,
      };
    },
    (context, area) => {
      if (scene !== null) paintOver(context, area, scene, inks());
    },
    (bar) => {
      if (bar === null) ordinary();
      else binText(bar);
    },
  );
  chart.element.classList.add('histogram');
  chart.element.setAttribute('role', 'img');
  const handles = thresholdHandles(chart.element, {
    area: () => chart.area(),
    scene: () => scene,
    answered: () => !isBusy(store.get()),
    moved(threshold) {
      const { recipe } = store.get();
      if (layer === null || recipe === null) return;
      const rule = `threshold=${Number(threshold.toPrecision(3)).toString()}`;
      session.edit(setLayerRule(recipe, layer.name, { prune: rule }), false);
    },
    ended: () => session.settle(),
  });
  const element = h(
    'div',
    { class: 'weights-view' },
    title,
    chart.element,
    h(
      'div',
      { class: 'columns' },
      h('div', {}, h('h3', { text: 'Density against threshold' }), small),
      facts,
    ),
  );
  const draw = (): void => {
    chart.draw();
    handles.place();
    if (layer !== null && scene !== null) paintCurve(small, layer, scene, inks());
  };
  new ResizeObserver(() => requestAnimationFrame(draw)).observe(chart.element);

  return {
    element,
    keys: [
      ['←', ''],
      ['→', 'threshold'],
    ],
    update(next: State, of) {
      layer = of;
      log = next.kept.logCount;
      scene = of.profile === null ? null : histogramScene(of.profile, of.prune, of.share, of.weights);
      if (scene === null) return;
      fill(
        title,
        'Weights ',
        h('span', {
          class: 'quiet',
          text: `${log ? 'log count' : 'count'}, ${counted(scene.counts.length, 'bin')}, symmetric axis${goneText(scene)} · `,
        }),
        h('button', {
          class: 'link',
          text: log ? 'linear' : 'logarithmic',
          attrs: { type: 'button' },
          on: { click: () => store.keep({ logCount: !log }) },
        }),
      );
      chart.element.setAttribute('aria-label', `Weights of ${of.name}: histogram`);
      fill(facts, factsTable(of));
      ordinary();
      draw();
    },
  };
}

function paintOver(
  context: CanvasRenderingContext2D,
  area: ChartArea,
  scene: HistogramScene,
  ink: Inks,
): void {
  const width = area.right - area.left;
  const xOf = (value: number): number => area.left + placeOf(value, scene.limit) * width;
  const middle = (area.left + area.right) / 2;
  const look = { color: ink.text, halo: ink.page } as const;
  context.fillStyle = ink.mark;
  for (const { value, use } of scene.centroids)
    context.fillRect(xOf(value) - 1, area.bottom + 1, 2, 2 + (below.centroids - 4) * use);
  const { threshold, keptText } = scene;
  if (threshold !== null && threshold > 0) {
    for (const side of [-1, 1])
      hairline(
        context,
        [xOf(side * threshold), area.top - 12],
        [xOf(side * threshold), area.bottom],
        ink.text,
      );
    const right = `|w| ≥ ${numberText(threshold)} stays: ${countText(keptText.kept)} of ${countText(keptText.all)}`;
    const x = xOf(threshold) + 12;
    const fits = x + context.measureText(right).width < area.right + 50;
    if (fits) write(context, right, x, area.top - 12, look);
    else write(context, right, xOf(-threshold) - 12, area.top - 12, { ...look, align: 'right' });
  }
  if (scene.centroids.length > 0) {
    const used = scene.centroids.filter(({ count }) => count > 0).length;
    const words = `${countText(used)} of ${counted(scene.centroids.length, 'centroid')} used, depth = use`;
    if (threshold !== null && xOf(threshold) - xOf(-threshold) > context.measureText(words).width + 16)
      write(context, words, middle, area.bottom + 18, { ...look, color: ink.quiet, align: 'center' });
  }
  const step = niceStep(2 * scene.limit, Math.max(2, Math.floor(width / 110)));
  const y = area.bottom + below.centroids;
  for (const tick of ticksBetween(-scene.limit, scene.limit, step)) {
    hairline(context, [xOf(tick), y], [xOf(tick), y + 4], ink.rest);
    const text = tickText(tick, step);
    const x = Math.max(xOf(tick), area.left + context.measureText(text).width / 2);
    write(context, text, x, y + 13, { color: ink.quiet, align: 'center' });
  }
}

const goneText = ({ threshold, keptText }: HistogramScene): string =>
  threshold === null || threshold <= 0 ? '' : ` · grey: ${countText(keptText.all - keptText.kept)} pruned`;

const shown = (value: number | null | undefined, text: (value: number) => string): string =>
  value === null || value === undefined ? 'none' : text(value);

/** Groups of each pattern that keep a weight. */
const groupWords = {
  nm: 'groups with a weight',
  block: 'blocks with a weight',
  filters: 'rows with a weight',
  columns: 'columns with a weight',
} as const;

function factsTable(layer: LayerReport): HTMLElement {
  const { profile, prune, share } = layer;
  const rows: [string, string][] = [
    ['min', shown(profile?.min, numberText)],
    ['max', shown(profile?.max, numberText)],
    ['mean', shown(profile?.mean, numberText)],
    ['standard deviation', shown(profile?.std, numberText)],
    ['exact zeros', shown(profile?.zeros, countText)],
  ];
  if (profile !== null && profile.nonFinite > 0) rows.push(['not finite', countText(profile.nonFinite)]);
  // What the std rule multiplies: about zero, and without the zeros.
  rows.push(['std of the non-zeros', shown(profile?.stdNonZero, numberText)]);
  const threshold = magnitudeThreshold(prune);
  if (threshold !== null && profile !== null && (profile.stdNonZero ?? 0) > 0)
    rows.push(['threshold in these', numberText(threshold / (profile.stdNonZero ?? 1))]);
  if (prune !== null && prune.rule !== 'none') {
    rows.push(['kept of the L1 norm', shown(prune.keptL1, percentText)]);
    rows.push(['kept of the L2 norm', shown(prune.keptL2, percentText)]);
  }
  if (prune !== null && prune.pattern !== null)
    rows.push([
      groupWords[prune.pattern.kind],
      `${countText(prune.pattern.keptGroups)} of ${countText(prune.pattern.groups)}`,
    ]);
  rows.push(['SQNR, all weights', layer.exact ? 'exact' : shown(layer.sqnrDb, decibelText)]);
  if (share !== null) rows.push(['SQNR, kept only', shown(share.sqnrDb, decibelText)]);
  return figures({
    caption: 'Figures of the weights',
    columns: [{ head: '' }, { head: '' }],
    rows: rows.map(([label, value]) => ({ cells: [h('span', { class: 'quiet', text: label }), value] })),
  });
}

function weightsTwin(layer: LayerReport): HTMLElement {
  const scene =
    layer.profile === null ? null : histogramScene(layer.profile, layer.prune, layer.share, layer.weights);
  if (scene === null) return h('p', { class: 'quiet', text: 'nothing to count' });
  const { counts, limit, pruned, threshold } = scene;
  const width = (2 * limit) / counts.length;
  // The bar across zero, where there is one, stands for itself.
  const half = Math.floor(counts.length / 2);
  const isEdge = (i: number): boolean =>
    i === half || i === counts.length - half || pruned[i] !== pruned[i - 1];
  const rows = groupsOf(counts.length, isEdge).map(([from, to]) => ({
    cells: [
      `${numberText(-limit + from * width)} to ${numberText(-limit + to * width)}`,
      countText(counts.slice(from, to).reduce((a, b) => a + b, 0)),
      pruned[from] === true ? 'pruned' : 'kept',
    ],
  }));
  return h(
    'div',
    {},
    heading(
      `Weights of ${layer.name}`,
      `exact zeros apart: ${countText(scene.zeros)}${threshold === null || threshold <= 0 ? '' : `; pruned below ±${numberText(threshold)}, to the nearest bin`}`,
    ),
    figures({
      caption: 'Weights',
      columns: [{ head: 'from, to' }, { head: 'count' }, { head: 'rule', start: true }],
      rows,
      foot: { cells: ['all but zeros', countText(scene.counts.reduce((a, b) => a + b, 0)), ''] },
    }),
    factsTable(layer),
  );
}

/** Bars in rows of a table of about 40, with a new row wherever `cut` says so: at zero and at the thresholds. */
function groupsOf(bars: number, cut: (bar: number) => boolean): readonly (readonly [number, number])[] {
  const most = Math.ceil(bars / 40);
  const starts: number[] = [];
  for (let i = 0; i < bars; i += 1) {
    const first = starts.at(-1);
    if (first === undefined || i - first >= most || cut(i)) starts.push(i);
  }
  return starts.map((from, i) => [from, starts[i + 1] ?? bars]);
}
