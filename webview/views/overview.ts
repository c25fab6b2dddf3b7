import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import {
  countText,
  decibelText,
  factorText,
  macsText,
  numberText,
  shapeText,
  shortCountText,
  shortPercentText,
} from '../../analyzers/report/units.ts';
import { arrange, rowsOf } from '../layers/rows.ts';
import type { Row } from '../layers/columns.ts';
import { prepare, write } from '../charts/canvas.ts';
import { heightOf, histogramScene, placeOf } from '../charts/histogramScene.ts';
import { isBusy, type State } from '../store.ts';
import { inks } from '../theme.ts';
import { fill, h } from '../ui/dom.ts';
import { whenChanged } from '../ui/part.ts';
import { nameText } from '../ui/name.ts';
import { figures, heading } from '../ui/table.ts';
import { virtualRows } from '../ui/virtualRows.ts';
import { cellBar } from '../layers/line.ts';
import { keptPictures } from './keptPictures.ts';
import { partText, readStubs } from '../readPart.ts';
import type { ReadPart, ViewTools } from './view.ts';

const rowHeight = 112;
const histogramSize = { width: 228, height: 76 } as const;

/** The whole model: a row a layer, the same small pictures in each, only those in sight drawn. */
export function overview(tools: ViewTools): { readonly element: HTMLElement; update(state: State): void } {
  const rows = virtualRows(rowHeight, 'multiples');
  const heads = h(
    'div',
    { class: 'multiple heads' },
    ...[
      'layer',
      'weights, log count; grey: pruned',
      'what is kept, rows down, columns across',
      'bytes, against dense',
    ].map((text) => h('span', { text })),
  );
  const twin = h('div');
  const pictures = h('div', { class: 'overview' }, heads, rows.element);
  const element = h('div', { class: 'overview-frame' }, pictures, twin);
  const kept = keptPictures(tools.session);
  let state: State | null = null;
  let shown: readonly Row[] = [];

  const draw = whenChanged(() => {
    if (state === null) return;
    const now = state;
    shown = arrange(rowsOf(now), now.kept);
    kept.forget();
    if (now.kept.twin) {
      fill(twin, twinOf(shown));
      return;
    }
    fill(twin);
    rows.show(shown.length, (at) => {
      const row = shown[at];
      return row === undefined
        ? h('div')
        : multiple(row, now, kept.ask, () => tools.session.select(row.stub.index));
    });
  });

  return {
    element,
    update(next) {
      state = next;
      pictures.hidden = next.kept.twin;
      twin.hidden = !next.kept.twin;
      tools.read(...readOf(next));
      draw(
        next.stubs,
        next.layers,
        next.kept.twin,
        next.kept.filter,
        next.kept.op,
        next.kept.sort,
        next.theme,
        next.run.kind,
      );
    },
  };
}

/** Until all is read, and where some of it cannot be, every figure is of the layers that have been read. */
function readOf(state: State): ReadPart[] {
  const { totals, stubs } = state;
  if (totals === null || stubs.length === 0) return [];
  if (totals.weights === 0) return ['no weight has been read'];
  const part = partText(state);
  const macs = readStubs(state).reduce((sum, stub) => sum + (stub.macs ?? 0), 0);
  const parts: ReadPart[] = part === null ? [] : [`of what is read (${part})`];
  parts.push(['weights', countText(totals.weights)], ['kept', countText(totals.kept)]);
  if (macs > 0) parts.push(['MACs', macsText(macs)]);
  if (totals.factor.coded !== null) parts.push(['coded', factorText(totals.factor.coded)]);
  return parts;
}

function multiple(
  row: Row,
  state: State,
  askKept: (layer: LayerReport, canvas: HTMLCanvasElement, now: boolean) => void,
  select: () => void,
): HTMLElement {
  const { stub, report } = row;
  const name = h(
    'button',
    {
      class: 'link strong layer-name',
      attrs: { type: 'button', 'aria-label': plain(stub.name) },
      on: { click: select },
    },
    nameText(stub.name),
  );
  const facts: { readonly text: string; readonly quiet: boolean }[] = [
    { text: `${stub.op} ${shapeText([stub.rows, stub.cols])}`, quiet: true },
    { text: `${shortPercentText(row.weightShare)} of weights`, quiet: true },
  ];
  if (row.macShare !== null) facts.push({ text: `${shortPercentText(row.macShare)} of MACs`, quiet: true });
  if (report !== null && report.prune !== null)
    facts.push({ text: `${keptText(report.prune.kept)} of ${keptText(report.weights)}`, quiet: false });
  if (report !== null && report.sqnrDb !== null)
    facts.push({ text: `SQNR ${decibelText(report.sqnrDb)}`, quiet: true });
  const text = h(
    'div',
    { class: 'multiple-text small' },
    name,
    ...facts.map(({ text: words, quiet }) => h('div', { class: quiet ? 'quiet' : '', text: words })),
  );
  if (report === null || report.encode === null || report.profile === null) {
    const words = report === null ? (isBusy(state) ? 'waits' : 'not read') : 'not readable';
    return h(
      'div',
      { class: 'multiple' },
      text,
      h('span', { class: 'open-box', attrs: { 'aria-hidden': 'true' } }),
      h('span', { class: 'quiet small', text: words }),
    );
  }
  const histogram = h('canvas', { attrs: { role: 'img', 'aria-label': 'histogram of the weights' } });
  paintSmall(histogram, report);
  const picture = h('canvas', { class: 'kept', attrs: { role: 'img', 'aria-label': 'what is kept' } });
  askKept(report, picture, state.run.kind === 'done');
  return h(
    'div',
    { class: 'multiple' },
    text,
    h('div', {}, histogram),
    h('div', { class: 'kept-frame' }, picture),
    bars(report),
  );
}

/** Seven digits twice have no room. */
const keptText = (n: number): string => (n < 1_000_000 ? countText(n) : shortCountText(n));

function paintSmall(canvas: HTMLCanvasElement, layer: LayerReport): void {
  const { width, height } = histogramSize;
  const context = prepare(canvas, width, height + 18);
  const scene =
    layer.profile === null ? null : histogramScene(layer.profile, layer.prune, layer.share, layer.weights);
  if (context === null || scene === null) return;
  const ink = inks();
  context.font = ink.font;
  const xOf = (value: number): number => placeOf(value, scene.limit) * width;
  const { threshold } = scene;
  if (threshold !== null && threshold > 0) {
    context.fillStyle = ink.rule;
    context.fillRect(xOf(-threshold), 0, xOf(threshold) - xOf(-threshold), height);
  }
  const most = heightOf(Math.max(1, ...scene.counts), true);
  const bar = width / scene.counts.length;
  scene.counts.forEach((count, i) => {
    if (count === 0) return;
    const tall = Math.max(1, ((height - 2) * heightOf(count, true)) / most);
    context.fillStyle = scene.pruned[i] === true ? ink.rest : ink.mark;
    context.fillRect(i * bar, height - tall, bar + 0.1, tall);
  });
  context.fillStyle = ink.rest;
  context.fillRect(0, height, width, 1);
  const y = height + 10;
  write(context, numberText(-scene.limit), 0, y, { color: ink.quiet });
  write(context, numberText(scene.limit), width, y, { color: ink.quiet, align: 'right' });
  if (threshold !== null && threshold > 0)
    write(context, `±${numberText(threshold)}`, width / 2, y, { color: ink.text, align: 'center' });
}

function bars({ encode }: LayerReport): HTMLElement {
  const bits = encode?.bits;
  const steps = [
    ['pruned', bits?.pruned ?? 0],
    ['shared', bits?.shared ?? 0],
    ['coded', bits?.coded ?? 0],
  ] as const;
  const dense = Math.max(1, bits?.dense ?? 0);
  return h(
    'div',
    { class: 'against small' },
    ...steps.map(([words, size]) =>
      h(
        'div',
        {},
        h('span', { class: 'quiet', text: words }),
        h(
          'span',
          { class: 'against-bar', attrs: { 'aria-hidden': 'true' } },
          h('i', { style: { width: `${(60 * Math.min(1.2, size / dense)).toFixed(1)}px` } }),
        ),
        h('span', { text: shortPercentText(size / dense) }),
      ),
    ),
  );
}

const shown = (value: number | null | undefined, text: (value: number) => string): string =>
  value === null || value === undefined ? '' : text(value);

function twinOf(rows: readonly Row[]): HTMLElement {
  return h(
    'div',
    { class: 'twins' },
    heading('Whole model', 'the same measures for every layer'),
    figures({
      caption: 'Layers by size',
      columns: [
        { head: 'layer' },
        { head: 'weights' },
        { head: 'share' },
        { head: 'of MACs' },
        { head: 'kept' },
        { head: 'threshold' },
        { head: 'pruned' },
        { head: 'shared' },
        { head: 'coded' },
        { head: 'SQNR' },
      ],
      rows: rows.slice(0, 1000).map(({ stub, report, weightShare, macShare }) => {
        const bits = report?.encode?.bits;
        const of = (size: number | undefined): string =>
          size === undefined || bits === undefined ? '' : shortPercentText(size / Math.max(1, bits.dense));
        return {
          cells: [
            nameText(stub.name),
            countText(stub.weights),
            h(
              'span',
              { class: 'barred' },
              cellBar(weightShare, 'fact'),
              h('span', { class: 'share', text: shortPercentText(weightShare) }),
            ),
            macShare === null ? '' : shortPercentText(macShare),
            shown(report?.prune?.kept, countText),
            shown(report?.prune?.threshold, numberText),
            of(bits?.pruned),
            of(bits?.shared),
            of(bits?.coded),
            report?.exact === true ? 'exact' : shown(report?.sqnrDb, decibelText),
          ],
        };
      }),
    }),
  );
}
