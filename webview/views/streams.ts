import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import {
  counted,
  bitsAsBytesText,
  bitsText,
  countText,
  numberText,
  percentText,
} from '../../analyzers/report/units.ts';
import { barChart, type ChartArea } from '../charts/chart.ts';
import { hatch, write } from '../charts/canvas.ts';
import {
  gapScene,
  streamParts,
  widthRows,
  widthSign,
  type GapScene,
  type WidthRow,
} from '../charts/streamsScene.ts';
import { cellBar } from '../layers/line.ts';
import { inks, type Inks } from '../theme.ts';
import { fill, h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { coderBars, coderTable } from './coders.ts';
import type { LayerPicture, View, ViewTools } from './view.ts';

/** Height of the code lengths under the gaps. */
const lengthsHeight = 52;

export const streamsView: View = {
  id: 'streams',
  title: 'Streams',
  study: 'coders',
  picture: streamsPicture,
  twin: streamsTwin,
  missing: ({ encode }) => (encode === null ? 'This layer’s weights could not be read.' : null),
};

function streamsPicture({ read, studies }: ViewTools): LayerPicture {
  let layer: LayerReport | null = null;
  let scene: GapScene | null = null;
  const gaps = h('div');
  const side = h('div');
  const bytes = h('div');
  const ordinary = (): void => {
    if (layer === null || layer.encode === null) return;
    const { form, padding, entries, bits } = layer.encode;
    read(
      ['form', form],
      form === 'dense'
        ? 'no index: the relative form would be larger'
        : ['as stored', bitsAsBytesText(bits.dense)],
      [
        'padding',
        `${countText(padding)} of ${counted(entries, 'entry', 'entries')} (${percentText(entries > 0 ? padding / entries : 0)})`,
      ],
    );
  };
  const chart = barChart(
    inks,
    () => {
      if (scene === null) return null;
      const ink = inks();
      const padded = scene.padding > 0;
      return {
        heights: [...scene.counts, ...(padded ? [0, 0] : [])],
        colors: [...scene.counts.map(() => ink.mark), ...(padded ? [ink.page, ink.page] : [])],
        most: scene.most,
        ticks: [],
        padding: { top: 18, right: 4, bottom: lengthsHeight + 48, left: 0 },
        gap: scene.counts.length > 64 ? 0 : 1,
      };
    },
    (context, area) => {
      if (scene !== null) paintGaps(context, area, scene, inks());
    },
    (bar) => {
      const count = bar === null ? undefined : scene?.counts[bar];
      if (bar === null || count === undefined) ordinary();
      else
        read(
          [`gap of ${countText(bar)}`, counted(count, 'time')],
          [
            'Huffman code',
            scene?.lengths[bar] === undefined || count === 0 ? 'none' : bitsText(scene.lengths[bar] ?? 0),
          ],
        );
    },
  );
  const coders = coderBars({ studies });
  chart.element.classList.add('gaps');
  chart.element.setAttribute('role', 'img');
  const element = h(
    'div',
    { class: 'streams-view' },
    h('div', { class: 'columns' }, h('div', {}, gaps, chart.element, bytes), side),
    coders.element,
  );
  new ResizeObserver(() => requestAnimationFrame(() => chart.draw())).observe(chart.element);

  return {
    element,
    keys: [],
    update(_, of) {
      layer = of;
      scene = gapScene(of);
      const { encode } = of;
      if (encode === null) return;
      coders.update(of);
      chart.element.hidden = scene === null;
      chart.element.setAttribute('aria-label', `Gaps between kept weights of ${plain(of.name, 60)}`);
      fill(
        gaps,
        encode.form === 'dense'
          ? heading('Dense form', 'every weight has a code, no index is written')
          : scene === null
            ? heading(
                'Gaps between kept weights',
                `${countText(encode.indexBits ?? 0)}-bit index: too many symbols to draw`,
              )
            : heading(
                'Gaps between kept weights',
                `zeros before each, ${countText(encode.indexBits ?? 0)}-bit index`,
              ),
      );
      fill(bytes, heading('Bytes by stream', ''), partsTable(of));
      const rows = widthRows(of);
      fill(
        side,
        rows.length === 0
          ? null
          : heading('Index width', 'bytes of both streams after Huffman; line: before'),
        rows.length === 0 ? null : widths(rows),
        heading('How much is left', 'bytes of the layer'),
        left(of),
      );
      ordinary();
      chart.draw();
    },
  };
}

function paintGaps(context: CanvasRenderingContext2D, area: ChartArea, scene: GapScene, ink: Inks): void {
  const padded = scene.padding > 0;
  const slots = scene.counts.length + (padded ? 2 : 0);
  const slot = (area.right - area.left) / Math.max(1, slots);
  const tall = area.bottom - area.top;
  const quiet = { color: ink.quiet, halo: ink.page } as const;
  write(context, `${counted(scene.counts[0] ?? 0, 'gap')} of 0`, area.left, area.top - 9, quiet);
  if (padded) {
    const height = (tall * scene.padding) / scene.most;
    const x = area.right - slot - 2;
    hatch(context, { x, y: area.bottom - height, width: Math.max(4, slot), height }, ink.reference);
    write(
      context,
      `${countText(scene.padding)} padding`,
      area.right,
      Math.max(area.top - 9, area.bottom - height - 9),
      {
        ...quiet,
        color: ink.text,
        align: 'right',
      },
    );
  }
  const last = `${countText(scene.counts.length - 1)} + the value 0`;
  const free = area.right - (padded ? context.measureText(last).width + 12 : 0);
  const step = Math.max(1, 2 ** Math.ceil(Math.log2(scene.counts.length / 4)) || 1);
  for (let symbol = 0; symbol < scene.counts.length; symbol += step) {
    const x = area.left + (symbol + 0.5) * slot;
    if (x < free) write(context, countText(symbol), x, area.bottom + 11, { ...quiet, align: 'center' });
  }
  if (padded) write(context, last, area.right, area.bottom + 11, { ...quiet, align: 'right' });
  const longest = Math.max(1, ...scene.lengths);
  const floor = area.bottom + 26 + lengthsHeight;
  context.fillStyle = ink.rest;
  scene.counts.forEach((count, i) => {
    if (count === 0 && !(padded && i === scene.counts.length - 1)) return;
    const height = (lengthsHeight * (scene.lengths[i] ?? 0)) / longest;
    context.fillRect(area.left + i * slot, floor - height, Math.max(1, slot - (slot > 3 ? 1 : 0)), height);
  });
  context.fillRect(area.left, floor, slot * scene.counts.length, 1);
  const used = scene.lengths.filter((length) => length > 0);
  if (used.length > 0)
    write(
      context,
      `bits of each gap’s Huffman code: ${countText(Math.min(...used))} to ${countText(longest)}`,
      area.left,
      floor + 12,
      quiet,
    );
}

function partsTable(layer: LayerReport): HTMLElement {
  const parts = streamParts(layer);
  const kept = Math.max(1, layer.prune?.kept ?? 0);
  if (parts === null) return h('p');
  const all = Math.max(1, parts.coded);
  const perWeight = (bits: number): HTMLElement =>
    h('span', {}, `${numberText(bits / kept)} `, h('span', { class: 'quiet', text: 'bits' }));
  return figures({
    caption: 'Bytes by stream',
    columns: [{ head: 'stream' }, { head: 'bytes' }, { head: 'share' }, { head: 'a weight kept' }],
    rows: parts.parts.map(({ name, bits }) => ({
      cells: [
        name,
        countText(Math.ceil(bits / 8)),
        h(
          'span',
          { class: 'barred' },
          cellBar(bits / all, 'result', true),
          h('span', { class: 'share', text: percentText(bits / all) }),
        ),
        perWeight(bits),
      ],
    })),
    foot: { cells: ['coded', countText(Math.ceil(parts.coded / 8)), '', perWeight(parts.coded)] },
  });
}

function widths(rows: readonly WidthRow[]): HTMLElement {
  const most = Math.max(1, ...rows.map(({ before, total }) => Math.max(before, total)));
  const share = (bits: number): string => `${((100 * bits) / most).toFixed(2)}%`;
  const bar = ({ codes, indices, before }: WidthRow): HTMLElement =>
    h(
      'span',
      { class: 'width-bar', attrs: { 'aria-hidden': 'true' } },
      h('i', { style: { width: share(codes) } }),
      h('i', {
        class: 'rest',
        style: { left: `calc(${share(codes)} + 1px)`, width: `calc(${share(indices)} - 1px)` },
      }),
      h('u', { style: { left: share(before) } }),
    );
  return h(
    'div',
    { class: 'width-rows', attrs: { role: 'table', 'aria-label': 'Index width' } },
    ...rows.map((row) =>
      h(
        'div',
        { class: row.now || row.best ? 'width-row now' : 'width-row', attrs: { role: 'row' } },
        h('span', { class: 'end quiet', text: countText(row.bits), attrs: { role: 'rowheader' } }),
        bar(row),
        h('span', { class: 'end', text: bitsAsBytesText(row.total), attrs: { role: 'cell' } }),
        h('span', { text: widthSign(row), attrs: { role: 'cell' } }),
      ),
    ),
    h(
      'div',
      { class: 'width-row key small quiet', attrs: { role: 'presentation' } },
      h('span', { text: 'bits' }),
      h('span', {}, h('i', { class: 'swatch' }), 'codes  ', h('i', { class: 'swatch rest' }), 'indices'),
    ),
  );
}

function left(layer: LayerReport): HTMLElement {
  const bits = layer.encode?.bits;
  if (bits === undefined) return h('p');
  const rows = [
    ['as coded', bits.coded, 'mark'],
    ['order-0 entropy of these streams, without codebook and tables', bits.order0, 'rest'],
    ['limit for independent positions, without codebook and tables', bits.limit, 'rest'],
  ] as const;
  const most = Math.max(1, ...rows.map(([, size]) => size));
  return h(
    'div',
    { class: 'left-rows', attrs: { role: 'table', 'aria-label': 'How much is left' } },
    ...rows.map(([words, size, ink]) =>
      h(
        'div',
        { attrs: { role: 'row' } },
        h('div', { class: 'small quiet', text: words, attrs: { role: 'rowheader' } }),
        h(
          'div',
          { class: 'left-row' },
          h(
            'span',
            { class: `left-bar ${ink}`, attrs: { 'aria-hidden': 'true' } },
            h('i', { style: { width: `${((100 * size) / most).toFixed(2)}%` } }),
          ),
          h('span', { class: 'end', text: bitsAsBytesText(size), attrs: { role: 'cell' } }),
        ),
      ),
    ),
  );
}

function streamsTwin(layer: LayerReport, tools: ViewTools): HTMLElement {
  const scene = gapScene(layer);
  const rows = widthRows(layer);
  return h(
    'div',
    { class: 'twins' },
    heading(`Streams of ${plain(layer.name, 60)}`, 'bytes by stream'),
    partsTable(layer),
    rows.length === 0 ? null : heading('Index width', 'bytes of both streams, padding included'),
    rows.length === 0
      ? null
      : figures({
          caption: 'Index width',
          columns: [
            { head: 'bits' },
            { head: 'entries' },
            { head: 'codes' },
            { head: 'indices' },
            { head: 'both' },
            { head: 'before Huffman' },
            { head: '', start: true },
          ],
          rows: rows.map((row) => ({
            kind: row.now ? ('now' as const) : undefined,
            cells: [
              countText(row.bits),
              countText(row.entries),
              bitsAsBytesText(row.codes),
              bitsAsBytesText(row.indices),
              bitsAsBytesText(row.total),
              bitsAsBytesText(row.before),
              widthSign(row),
            ],
          })),
        }),
    scene === null ? null : heading('Gaps', 'zeros before each kept weight; padding apart'),
    scene === null
      ? null
      : figures({
          caption: 'Gaps',
          columns: [{ head: 'gap' }, { head: 'count' }, { head: 'bits of its code' }],
          rows: scene.counts.map((count, gap) => ({
            cells: [
              countText(gap),
              countText(count),
              count === 0 ? 'unused' : countText(scene.lengths[gap] ?? 0),
            ],
          })),
          foot: { cells: ['padding', countText(scene.padding), countText(scene.lengths.at(-1) ?? 0)] },
        }),
    coderTable(layer, tools),
  );
}
