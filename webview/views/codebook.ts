import { canonicalCodes } from '../../analyzers/report/canonicalCodes.ts';
import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport, LayerShare } from '../../analyzers/report/layerReport.ts';
import {
  counted,
  countText,
  decibelText,
  numberText,
  percentText,
  tickText,
} from '../../analyzers/report/units.ts';
import { hairline, prepare, write } from '../charts/canvas.ts';
import { niceStep, ticksBetween } from '../charts/ticks.ts';
import { cellBar } from '../layers/line.ts';
import { inks, type Inks } from '../theme.ts';
import { fill, h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { virtualRows } from '../ui/virtualRows.ts';
import { rateCurve, rateTables } from './rateCurve.ts';
import type { LayerPicture, View, ViewTools } from './view.ts';

const rowHeight = 22;

export const codebookView: View = {
  id: 'codebook',
  title: 'Codebook',
  study: 'codebooks',
  picture: codebookPicture,
  twin: codebookTwin,
  missing: ({ encode }) => (encode === null ? 'This layer’s weights could not be read.' : null),
};

/** One line of the codebook; code 0, where it is reserved, is the zero of padding entries. */
interface Code {
  readonly code: number;
  /** Null: the zero; NaN: each group has another. */
  readonly centroid: number | null;
  readonly count: number;
  /** In the stream, of 0 and 1; empty for a code that stands nowhere. */
  readonly word: string;
}

/** `zeros`: entries of code 0, which are padding beside an index and the pruned weights themselves without one. */
export function codesOf(share: LayerShare, zeros: number): readonly Code[] {
  const first = share.zeroReserved || zeros > 0 ? 1 : 0;
  // In the code table the zero always stands before the centroids, with length 0 when the stream has none.
  const [zeroWord = '', ...words] = canonicalCodes([share.paddingLength ?? 0, ...share.codeLengths]);
  // Codebooks of groups have their own values for the same codes.
  const values = share.groups === null ? share.centroids : share.counts.map(() => Number.NaN);
  const codes = values.map((centroid, i) => ({
    code: i + first,
    centroid,
    count: share.counts[i] ?? 0,
    word: words[i] ?? '',
  }));
  return share.zeroReserved || zeros > 0
    ? [{ code: 0, centroid: null, count: zeros, word: zeroWord }, ...codes]
    : codes;
}

/** Entries of code 0: padding, or in the dense form every weight that is not kept. */
const zerosOf = ({ encode, weights, prune }: LayerReport): number =>
  encode?.form === 'dense' ? weights - (prune?.kept ?? weights) : (encode?.padding ?? 0);

const centroidText = (centroid: number): string =>
  Number.isNaN(centroid) ? 'by group' : numberText(centroid);

const zeroWords = (form: 'relative' | 'dense'): string => (form === 'dense' ? '0, pruned' : '+0, padding');

function codebookPicture({ read, studies }: ViewTools): LayerPicture {
  const head = h(
    'div',
    { class: 'code-line heads', attrs: { role: 'row' } },
    ...['code', 'centroid', 'count', 'of kept'].map((text) =>
      h('div', { text, attrs: { role: 'columnheader' } }),
    ),
    h(
      'div',
      { attrs: { role: 'columnheader' } },
      h('span', { class: 'wide', text: 'Huffman code' }),
      h('span', { class: 'close', text: 'code bits' }),
    ),
  );
  const rows = virtualRows(rowHeight, 'codes');
  const table = h(
    'div',
    { class: 'code-table', attrs: { role: 'table', 'aria-label': 'Codebook' } },
    head,
    rows.element,
  );
  const title = h('div');
  const canvas = h('canvas', { attrs: { role: 'img' } });
  const facts = h('div');
  const use = h('div', { class: 'code-use' });
  let layer: LayerReport | null = null;
  const curve = rateCurve({ studies, read }, () => ordinary());
  const element = h(
    'div',
    { class: 'codebook-view' },
    h('div', { class: 'code-side' }, title, table),
    h('div', { class: 'code-picture' }, curve.element, use, canvas, facts),
  );
  const draw = (): void => {
    if (layer !== null && layer.share !== null) paintUse(canvas, layer.share, inks());
  };
  const ordinary = (): void => {
    if (layer === null || layer.share === null) return;
    read(
      ['mean squared error', numberText(layer.share.mse)],
      ['SQNR of kept weights', layer.share.sqnrDb === null ? 'exact' : decibelText(layer.share.sqnrDb)],
    );
  };
  new ResizeObserver(() => requestAnimationFrame(draw)).observe(element);

  return {
    element,
    keys: [],
    update(_, of) {
      layer = of;
      const { share, encode } = of;
      curve.update(of);
      for (const part of [table, use, canvas, facts])
        part.hidden = share === null || (share.groups !== null && part === canvas);
      if (share === null) {
        fill(
          title,
          heading('Codebook', 'none'),
          h('p', {
            class: 'quiet',
            text: 'Nothing is shared in this layer: its values stay as stored. Move the slider “bits” to share them.',
          }),
        );
        read();
        return;
      }
      const codes = codesOf(share, zerosOf(of));
      const most = Math.max(1, ...share.counts);
      const kept = of.prune?.kept ?? 0;
      const used = share.counts.filter((count) => count > 0).length;
      fill(
        title,
        heading(
          'Codebook',
          `${groupWords(share)}${share.zeroReserved ? `code 0 is kept for ${encode?.form === 'dense' ? 'the pruned' : 'padding'}: ` : ''}${countText(used)} of ${counted(share.k, 'centroid')} used${share.inSteps ? '; in steps of each channel’s scale' : ''}`,
        ),
      );
      fill(
        use,
        heading(
          'Use of the centroids',
          share.inSteps
            ? 'kept weights by step of the scale; below, bits of each code'
            : 'kept weights by value; below, bits of each code',
        ),
      );
      canvas.setAttribute(
        'aria-label',
        `Use of the ${counted(share.k, 'centroid')} of ${plain(of.name, 60)}`,
      );
      rows.show(codes.length, (at) => {
        const code = codes[at];
        return code === undefined ? h('div') : codeLine(code, most, kept, encode?.form ?? 'relative');
      });
      fill(
        facts,
        figures({
          caption: 'Figures of the codebook',
          columns: [{ head: '' }, { head: '' }],
          rows: [
            ['bits of a code', countText(share.bits)],
            ['method', share.method],
            ['mean squared error of kept weights', numberText(share.mse)],
            ['SQNR of kept weights', share.sqnrDb === null ? 'exact' : decibelText(share.sqnrDb)],
            ['mean code length', meanText(encode?.codeBitsMean ?? null)],
          ].map(([label = '', value = '']) => ({
            cells: [h('span', { class: 'quiet', text: label }), value],
          })),
        }),
      );
      ordinary();
      draw();
    },
  };
}

/** 'one for every 64 rows, 8 of them: ' when there is more than one. */
export function groupWords({ groups }: LayerShare): string {
  if (groups === null) return '';
  const each =
    groups.by === 'pes'
      ? 'each PE'
      : `every ${countText(groups.size)} ${groups.by === 'rows' ? 'rows' : 'columns'}`;
  return `one for ${each}, ${countText(groups.count)} of them: `;
}

const meanText = (bits: number | null): string => (bits === null ? 'none' : numberText(bits));

const cell = (text: string): HTMLElement => h('div', { text, attrs: { role: 'cell' } });

/** The word itself, which gives way where there is no room, and its length in bits. */
const wordParts = (word: string): readonly HTMLElement[] =>
  word === ''
    ? [h('span', { class: 'quiet', text: 'unused' })]
    : [h('span', { class: 'word', text: word }), h('span', { class: 'quiet', text: countText(word.length) })];

function codeLine(
  { code, centroid, count, word }: Code,
  most: number,
  kept: number,
  form: 'relative' | 'dense',
): HTMLElement {
  return h(
    'div',
    { class: centroid === null ? 'code-line quiet' : 'code-line', attrs: { role: 'row' } },
    cell(countText(code)),
    cell(centroid === null ? zeroWords(form) : centroidText(centroid)),
    h(
      'div',
      { class: 'barred', attrs: { role: 'cell' } },
      cellBar(Math.min(1, count / most), centroid === null ? 'fact' : 'result'),
      h('span', { class: 'count', text: countText(count) }),
    ),
    cell(centroid === null || kept === 0 ? '' : percentText(count / kept)),
    h('div', { class: 'word-cell', attrs: { role: 'cell' } }, ...wordParts(word)),
  );
}

function paintUse(canvas: HTMLCanvasElement, share: LayerShare, ink: Inks): void {
  const width = Math.max(180, Math.min(520, (canvas.parentElement?.clientWidth ?? 360) - 4));
  const [top, use, gap, bits, axis] = [18, 180, 26, 64, 24] as const;
  const context = prepare(canvas, width, top + use + gap + bits + axis);
  if (context === null) return;
  context.font = ink.font;
  const limit = Math.max(1e-30, ...share.centroids.map(Math.abs));
  const xOf = (value: number): number => 6 + ((value + limit) / (2 * limit)) * (width - 12);
  const most = Math.max(1, ...share.counts);
  const longest = Math.max(1, ...share.codeLengths);
  const base = top + use;
  const floor = base + gap + bits;
  const bar = Math.max(1, Math.min(4, Math.floor(((width - 12) / Math.max(1, share.k)) * 0.4)));
  write(context, `${countText(most)}, the most used`, 0, 8, { color: ink.quiet });
  hairline(context, [0, base], [width, base], ink.rest);
  hairline(context, [0, floor], [width, floor], ink.rest);
  share.centroids.forEach((value, i) => {
    const count = share.counts[i] ?? 0;
    const x = Math.round(xOf(value) - bar / 2);
    const height = Math.max(count > 0 ? 1 : 0, (use * count) / most);
    context.fillStyle = ink.mark;
    context.fillRect(x, base - height, bar, height);
    context.fillStyle = ink.rest;
    const length = count > 0 ? (bits * (share.codeLengths[i] ?? 0)) / longest : 0;
    context.fillRect(x, floor - length, bar, length);
  });
  write(context, `up to ${counted(longest, 'bit')}`, 0, base + 14, { color: ink.quiet, halo: ink.page });
  const step = niceStep(2 * limit, Math.max(2, Math.floor(width / 84)));
  for (const tick of ticksBetween(-limit, limit, step)) {
    hairline(context, [xOf(tick), floor], [xOf(tick), floor + 4], ink.rest);
    write(context, tickText(tick, step), xOf(tick), floor + 13, { color: ink.quiet, align: 'center' });
  }
}

/** The table is the view's own left side; as a twin it stands alone, at most a few hundred rows. */
function codebookTwin(layer: LayerReport, tools: ViewTools): HTMLElement {
  const { share, prune } = layer;
  if (share === null)
    return h(
      'div',
      { class: 'twins' },
      h('p', { class: 'quiet', text: 'Nothing is shared in this layer: its values stay as stored.' }),
      rateTables(layer, tools),
    );
  const codes = codesOf(share, zerosOf(layer));
  const form = layer.encode?.form ?? 'relative';
  const shown = codes.slice(0, 512);
  return h(
    'div',
    { class: 'twins' },
    heading(
      `Codebook of ${plain(layer.name, 60)}`,
      shown.length < codes.length
        ? `the first ${countText(shown.length)} of ${counted(codes.length, 'code')}`
        : '',
    ),
    figures({
      caption: 'Codebook',
      columns: [
        { head: 'code' },
        { head: 'centroid' },
        { head: 'count' },
        { head: 'of kept' },
        { head: 'Huffman code', start: true },
        { head: 'code length' },
      ],
      rows: shown.map(({ code, centroid, count, word }) => ({
        kind: centroid === null ? ('quiet' as const) : undefined,
        cells: [
          countText(code),
          centroid === null ? zeroWords(form) : centroidText(centroid),
          countText(count),
          centroid === null ? '' : percentText(count / Math.max(1, prune?.kept ?? 0)),
          h('span', { class: 'code', text: word }),
          word === '' ? 'unused' : countText(word.length),
        ],
      })),
    }),
    rateTables(layer, tools),
  );
}
