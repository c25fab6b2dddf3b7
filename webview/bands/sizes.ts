import { plain } from '../../analyzers/report/clean.ts';
import { againstText, ladderOf, type Ladder, type LadderStep } from '../../analyzers/report/ladder.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Totals } from '../../analyzers/report/report.ts';
import { accuracyText, readLine, retrainingNote } from '../../analyzers/report/summary.ts';
import {
  counted,
  countText,
  bitsAsBytesText,
  bytesText,
  factorText,
  percentText,
  shortPercentText,
} from '../../analyzers/report/units.ts';
import type { Session } from '../session.ts';
import { partText } from '../readPart.ts';
import type { State } from '../store.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { whenChanged, type Part } from '../ui/part.ts';
import { formulaOf, pieceText } from './formulas.ts';
import { piecesOf, type Piece } from './strip.ts';

/** Width of the strip, of its narrowest piece, of a letter, of what stands beside letters, of a piece whose name may be cut; px. */
const strip = { width: 268, piece: 3, letter: 6.6, padding: 8, cut: 64 } as const;

/** The ladder: what is true of the file first, then the what-if; a table named "Sizes". */
export function sizes(session: Session): Part {
  const table = h('div', { class: 'ladder', attrs: { role: 'table', 'aria-label': 'Sizes' } });
  const foot = h('div', { class: 'foot' });
  const element = h('section', { class: 'sizes', attrs: { 'aria-label': 'Sizes' } }, table, foot);
  let state: State | null = null;
  let ordinary = '';
  const tell = (text: string | null): void => setText(foot, text ?? ordinary);

  const draw = whenChanged(() => {
    const totals = state?.totals ?? null;
    if (state === null || totals === null) return;
    const held = focusedRow(table);
    const layers = layersOf(state);
    ordinary = totals.weights === 0 ? '' : readLine(totals);
    tell(null);
    fill(table, ...linesOf(state, layers, totals, session, tell));
    if (held !== null) table.querySelector<HTMLElement>(`[data-step="${held}"]`)?.focus();
  });

  return {
    element,
    update(next) {
      state = next;
      element.hidden = next.totals === null || next.totals.weights + next.stubs.length === 0;
      draw(next.totals, next.layers, next.kept.selected, next.run.kind, next.waiting.size, next.stale);
    },
  };
}

const layersOf = (state: State): readonly LayerReport[] =>
  state.stubs.flatMap(({ index }) => {
    const layer = state.layers.get(index);
    return layer === undefined ? [] : [layer];
  });

const focusedRow = (table: HTMLElement): string | null =>
  document.activeElement instanceof HTMLElement && table.contains(document.activeElement)
    ? (document.activeElement.dataset['step'] ?? null)
    : null;

function linesOf(
  state: State,
  layers: readonly LayerReport[],
  totals: Totals,
  session: Session,
  tell: (text: string | null) => void,
): HTMLElement[] {
  const ladder = ladderOf(layers, totals);
  const summary = state.summary;
  const partial = layers.length < state.stubs.length;
  // Dense bits of the layers that are still to be read: where their bytes can still land.
  const unread = partial && summary !== null ? unreadBits(state, summary.weightBytes, totals) : 0;
  const scale = Math.max(ladder.longestBits, totals.bits.dense + totals.bits.rest + unread, 1);
  const selected = state.kept.selected;
  const part = totals.weightsUnread > 0 ? partText(state) : null;
  const row = (step: LadderStep): HTMLElement =>
    stepRow(step, { ladder, totals, scale, unread, part, selected, session, tell });
  if (totals.weights === 0)
    return [
      headsRow('no weight has been read', null, state.stale !== null),
      ...ladder.steps.slice(0, 1).map(row),
      emptyRow(partial),
    ];
  const [asItIs, whatIf] = [
    ladder.steps.filter(({ id }) => id === 'dense' || id === 'lossless'),
    ladder.steps.filter(({ id }) => id !== 'dense' && id !== 'lossless'),
  ];
  const zeros = `${percentText(totals.zeros / totals.weights)} zeros${part === null ? '' : ` in ${part}`}, `;
  return [
    headsRow(`${zeros}nothing changed`, part, state.stale !== null),
    ...asItIs.map(row),
    conditionsRow(state, layers, totals, ladder, partial),
    ...whatIf.map(row),
  ];
}

/** 'as it was': the figures are kept although the file is another one by now. */
const headsRow = (fact: string, part: string | null, stale: boolean): HTMLElement =>
  h(
    'div',
    { class: 'step heads', attrs: { role: 'row' } },
    ...[
      [stale ? 'as it was' : 'as it is', ''],
      ['bytes', 'end'],
      [fact, ''],
      ['factor', 'end'],
      [part === null ? 'where the bytes are, the rest in grey' : `of ${part} · where the bytes are`, 'split'],
      ['accuracy', ''],
    ].map(([text = '', kind = '']) => h('div', { class: kind, text, attrs: { role: 'columnheader' } })),
  );

/** In the what-if's place when there is nothing to say yet, or nothing to say at all. */
const emptyRow = (partial: boolean): HTMLElement =>
  h(
    'div',
    { class: 'conditions', attrs: { role: 'row' } },
    h('div', {
      text: partial
        ? 'the bars grow as layers are read'
        : 'no weight of this model could be read: the problems say where each is made or missing',
      attrs: { role: 'cell' },
    }),
  );

/** By the bytes in the file; where tensors share them, by the weights that are left, as wide as those read. */
function unreadBits({ stubs, layers }: State, weightBytes: number, totals: Totals): number {
  const left = stubs.reduce((sum, { index, weights }) => sum + (layers.has(index) ? 0 : weights), 0);
  const alike = totals.weights > 0 ? (left * totals.bits.dense) / totals.weights : 0;
  return Math.max(1, alike, 8 * weightBytes - totals.bits.dense);
}

function conditionsRow(
  state: State,
  layers: readonly LayerReport[],
  totals: Totals,
  ladder: Ladder,
  partial: boolean,
): HTMLElement {
  const changes = ladder.steps.some(({ whatIf }) => whatIf);
  const words = changes
    ? `density ${shortPercentText(totals.density ?? 1)}${densities(layers)}, mask by magnitude, one-shot: nobody retrained, accuracy unknown`
    : 'this recipe changes no weight: every row is exact';
  const so = partial
    ? `so far ${countText(layers.length)} of ${counted(state.stubs.length, 'layer')}, the open part is not read yet: `
    : '';
  const part =
    totals.weightsUnread > 0 && !partial ? `of ${partText(state) ?? ''}, the others could not be read: ` : '';
  return h(
    'div',
    { class: 'conditions', attrs: { role: 'row' } },
    h(
      'div',
      { attrs: { role: 'cell', 'aria-colspan': 6, title: changes ? retrainingNote : null } },
      h('b', { text: layers.length === 0 || changes ? 'what if' : 'as coded' }),
      ` ${so}${part}${words}`,
    ),
  );
}

/** ' (conv1 66 %, ip1 8 %)' when there is room to name every layer. */
function densities(layers: readonly LayerReport[]): string {
  const read = layers.flatMap(({ name, prune }) => (prune === null ? [] : [{ name, prune }]));
  if (read.length > 5) {
    const rules = new Set(read.map(({ prune }) => prune.rule));
    return rules.size === 1 && !rules.has('none') ? ` (${[...rules].join('')})` : '';
  }
  return ` (${read.map(({ name, prune }) => `${plain(name, 24)} ${shortPercentText(prune.density)}`).join(', ')})`;
}

interface RowParts {
  readonly ladder: Ladder;
  readonly totals: Totals;
  readonly scale: number;
  readonly unread: number;
  /** '2 of 3 layers' when the others cannot be read. */
  readonly part: string | null;
  readonly selected: number | null;
  readonly session: Session;
  readonly tell: (text: string | null) => void;
}

function stepRow(step: LadderStep, parts: RowParts): HTMLElement {
  const { ladder, totals, scale, unread, part, selected, session, tell } = parts;
  const dense = step.id === 'dense';
  const formula = formulaOf(step, totals);
  const open = dense ? 0 : unread;
  const shownBytes = dense ? Math.ceil((step.bits + step.restBits + unread) / 8) : step.bytes;
  const label = dense ? `dense, ${ladder.dtype === null ? 'as stored' : againstText(ladder)}` : step.label;
  return h(
    'div',
    {
      class: 'step',
      attrs: { role: 'row', tabindex: dense ? 0 : -1, 'data-step': step.id },
      on: {
        pointerenter: () => tell(formula),
        pointerleave: () => tell(null),
        focus: () => tell(formula),
        blur: () => tell(null),
        keydown: moveAmongRows,
      },
    },
    h('div', { text: label, attrs: { role: 'rowheader', title: label } }),
    h('div', { class: 'end', text: bytesText(shownBytes), attrs: { role: 'cell' } }),
    barCell(step, scale, unread, part, dense),
    h('div', {
      class: dense || open > 0 ? 'end quiet' : 'end',
      text: open > 0 ? '…' : dense ? '1x' : step.factor === null ? '' : factorText(step.factor),
      attrs: { role: 'cell', title: part === null ? null : `of ${part}` },
    }),
    step.id === 'lossless'
      ? h('div', {
          class: 'split small quiet',
          text: 'every weight comes back bit for bit',
          attrs: { role: 'cell' },
        })
      : stripCell(step, selected, session, tell, formula),
    accuracyCell(step),
  );
}

function barCell(
  step: LadderStep,
  scale: number,
  unread: number,
  part: string | null,
  dense: boolean,
): HTMLElement {
  const at = (bits: number): string => `${((100 * bits) / scale).toFixed(3)}%`;
  const piece = (kind: string, from: number, bits: number): HTMLElement =>
    h('i', { class: kind, style: { left: at(from), width: bits > 0 ? `max(1px, ${at(bits)})` : '0' } });
  const weights = dense ? step.bits + unread : step.bits;
  const end = step.bits + step.restBits;
  const note =
    dense || unread > 0 ? '' : [part === null ? '' : `of ${part}`, noteOf(step)].filter(Boolean).join(' · ');
  const inside = end / scale > 0.55;
  return h(
    'div',
    { class: 'bar', attrs: { role: 'cell', 'aria-label': note === '' ? 'no note' : note } },
    piece('weights', 0, weights),
    piece('rest', weights, step.restBits),
    !dense && unread > 0 ? piece('open', end, unread) : null,
    step.limitBits === null || unread > 0
      ? null
      : h('u', { style: { left: at(step.limitBits + step.restBits) } }),
    note === '' || inside ? null : h('em', { text: note, style: { left: `calc(${at(end)} + 8px)` } }),
  );
}

/** What stands in the bar's free space. */
function noteOf(step: LadderStep): string {
  if (step.id === 'pruned' && step.bareFactor !== null)
    return `weights without index ${factorText(step.bareFactor)}`;
  if (step.id !== 'coded' || step.limitBits === null) return '';
  const limit = `limit ${bitsAsBytesText(step.limitBits + step.restBits)}`;
  return step.withRest === null ? limit : `${limit} · with the rest ${factorText(step.withRest)}`;
}

function stripCell(
  step: LadderStep,
  selected: number | null,
  session: Session,
  tell: (text: string | null) => void,
  formula: string,
): HTMLElement {
  const least = strip.piece / strip.width;
  const segment = (piece: Piece): HTMLElement => {
    const px = piece.share * strip.width;
    const text = piece.kind === 'rest' ? '' : labelOf(piece, px);
    const { layer } = piece;
    return h('span', {
      class: `${piece.kind} ${layer !== null && layer === selected ? 'on' : ''} ${text === '' ? 'tiny' : ''}`,
      text,
      style: { flex: `${Math.max(piece.share, least).toFixed(5)} 1 0` },
      attrs: { 'data-layer': layer },
      on: {
        pointerenter: () => tell(pieceText(piece, step)),
        pointerleave: () => tell(formula),
        click: () => {
          if (layer !== null) session.select(layer);
        },
      },
    });
  };
  const pieces = piecesOf(step, selected, least);
  return h(
    'div',
    {
      class: 'split strip',
      attrs: {
        role: 'cell',
        'aria-label': pieces
          .slice(0, 12)
          .map((piece) => `${plain(piece.name, 40)} ${shortPercentText(piece.share)}`)
          .join(', '),
      },
    },
    ...pieces.map(segment),
  );
}

/** Name and share, or the name, or its beginning, or nothing: as much as has room. */
function labelOf(piece: Piece, px: number): string {
  const name = plain(piece.name, 40);
  const long = `${name} ${shortPercentText(piece.share)}`;
  return (
    [long, name].find((text) => text.length * strip.letter + strip.padding <= px) ??
    (px >= strip.cut ? name : '')
  );
}

const unmeasured = 'Accuracy is not measured: nothing has run the model.';

function accuracyCell(step: LadderStep): HTMLElement {
  const exact = step.id === 'lossless' || (step.id !== 'dense' && !step.whatIf);
  return h(
    'div',
    { class: 'accuracy', attrs: { role: 'cell' } },
    exact
      ? h('span', { class: 'small quiet', text: 'as dense' })
      : step.id === 'dense'
        ? h('span', { class: 'small quiet', text: 'as the file' })
        : h('span', { class: 'unmeasured', text: accuracyText, attrs: { title: unmeasured } }),
  );
}

function moveAmongRows(event: Event): void {
  if (!(event instanceof KeyboardEvent) || !(event.currentTarget instanceof HTMLElement)) return;
  const steps = [...(event.currentTarget.parentElement?.querySelectorAll<HTMLElement>('[data-step]') ?? [])];
  const at = steps.indexOf(event.currentTarget);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: steps.length - 1 }[event.key];
  const next = to === undefined ? undefined : steps[to];
  if (next === undefined) return;
  event.preventDefault();
  for (const step of steps) step.tabIndex = step === next ? 0 : -1;
  next.focus();
}
