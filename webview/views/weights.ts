import { setLayerRule } from '../../analyzers/report/recipeEdit.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { countText, decibelText, numberText, percentText, tickText } from '../../analyzers/report/units.ts';
import { barChart, type ChartArea } from '../charts/chart.ts';
import { hairline, prepare, write } from '../charts/canvas.ts';
import {
  countTicks,
  densityCurve,
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
    const { threshold, density, ties, rule } = layer.prune;
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
          text: `${log ? 'log count' : 'count'}, ${countText(scene.counts.length)} bins, symmetric axis · `,
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
    const gone = keptText.all - keptText.kept;
    write(context, `${countText(gone)} pruned`, middle, area.top + (area.bottom - area.top) * 0.62, {
      ...look,
      align: 'center',
    });
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
    const words = `${countText(used)} of ${countText(scene.centroids.length)} centroids used, depth = use`;
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

function paintCurve(canvas: HTMLCanvasElement, layer: LayerReport, scene: HistogramScene, ink: Inks): void {
  const width = Math.max(160, Math.min(360, (canvas.parentElement?.clientWidth ?? 360) - 8));
  const height = 96;
  const context = prepare(canvas, width, height + 22);
  if (context === null) return;
  context.font = ink.font;
  const curve = densityCurve(scene.counts, scene.limit, layer.weights);
  const xOf = (value: number): number => 4 + (value / scene.limit) * (width - 8);
  const yOf = (density: number): number => 4 + (height - 8) * (1 - density);
  hairline(context, [0, height - 4], [width, height - 4], ink.rest);
  context.strokeStyle = ink.mark;
  context.lineWidth = 1.5;
  context.beginPath();
  curve.forEach(({ threshold, density }, i) => {
    if (i === 0) context.moveTo(xOf(threshold), yOf(density));
    else context.lineTo(xOf(threshold), yOf(density));
  });
  context.stroke();
  const std = layer.profile?.stdNonZero ?? null;
  const dot = (threshold: number, density: number, words: string, filled: boolean): void => {
    context.beginPath();
    context.arc(xOf(threshold), yOf(density), filled ? 4 : 2.5, 0, 2 * Math.PI);
    context.fillStyle = filled ? ink.mark : ink.page;
    context.strokeStyle = filled ? ink.mark : ink.reference;
    context.lineWidth = 1;
    context.fill();
    context.stroke();
    write(context, words, xOf(threshold) + 8, yOf(density) - 7, {
      color: filled ? ink.text : ink.quiet,
      halo: ink.page,
    });
  };
  const at = (threshold: number): number => curve.find((point) => point.threshold >= threshold)?.density ?? 0;
  const now = layer.prune?.threshold ?? null;
  for (const times of [1, 2]) {
    const threshold = times * (std ?? 0);
    const near = now !== null && Math.abs(xOf(threshold) - xOf(now)) < 24;
    if (std !== null && threshold < scene.limit && !near)
      dot(threshold, at(threshold), `${countText(times)} std: ${percentText(at(threshold))}`, false);
  }
  if (now !== null && layer.prune !== null)
    dot(now, layer.prune.density, `now ${percentText(layer.prune.density)}`, true);
  write(context, '|w| 0', 0, height + 10, { color: ink.quiet });
  write(context, numberText(scene.limit), width, height + 10, { color: ink.quiet, align: 'right' });
}

const shown = (value: number | null | undefined, text: (value: number) => string): string =>
  value === null || value === undefined ? 'none' : text(value);

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
  if (prune !== null && prune.threshold !== null && profile !== null && (profile.stdNonZero ?? 0) > 0)
    rows.push(['threshold in standard deviations', numberText(prune.threshold / (profile.stdNonZero ?? 1))]);
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
  // Bars in groups, so that a table of at most 40 rows says the same.
  const group = Math.ceil(scene.counts.length / 40);
  const width = (2 * scene.limit) / scene.counts.length;
  const rows = Array.from({ length: Math.ceil(scene.counts.length / group) }, (_, g) => {
    const from = g * group;
    const to = Math.min(scene.counts.length, from + group);
    const counts = scene.counts.slice(from, to);
    const gone = scene.pruned.slice(from, to).filter(Boolean).length;
    return {
      cells: [
        `${numberText(-scene.limit + from * width)} to ${numberText(-scene.limit + to * width)}`,
        countText(counts.reduce((a, b) => a + b, 0)),
        gone === 0 ? 'kept' : gone === counts.length ? 'pruned' : 'in part',
      ],
    };
  });
  return h(
    'div',
    {},
    heading(`Weights of ${layer.name}`, `exact zeros apart: ${countText(scene.zeros)}`),
    figures({
      caption: 'Weights',
      columns: [{ head: 'from, to' }, { head: 'count' }, { head: 'rule', start: true }],
      rows,
      foot: { cells: ['all but zeros', countText(scene.counts.reduce((a, b) => a + b, 0)), ''] },
    }),
    factsTable(layer),
  );
}
