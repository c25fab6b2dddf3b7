import { counted, bytesText, countText } from '../../analyzers/report/units.ts';
import type { Excerpt } from '../../analyzers/rpc/contracts.ts';
import type { Session } from '../session.ts';
import { fill, h } from '../ui/dom.ts';
import { hexView } from './hex.ts';

/** Where in the file it went wrong, in bytes. */
export interface Place {
  /** Null when no byte is to blame: the file as a whole is something else. */
  readonly offset: number | null;
  /** The field that the file is too short for, where the reader's message names it. */
  readonly need: Need | null;
}

/** A field that begins at `from` and for which the file would have to have `wanted` bytes. */
export interface Need {
  readonly from: number;
  readonly wanted: number | null;
}

/** What a reader's message of a cut file tells beside its place; null for any other message. */
export function needOf(message: string): Need | null {
  // The last one: a file's name stands before it and may hold anything.
  const found = [
    ...message.matchAll(/ends at byte \d+, [a-z ]*field at byte (\d+)(?: needs at least (\d+) bytes)?/g),
  ].at(-1);
  if (found === undefined) return null;
  const [from, wanted] = [Number(found[1]), found[2] === undefined ? null : Number(found[2])];
  const isExact = Number.isSafeInteger(from) && (wanted === null || Number.isSafeInteger(wanted));
  return isExact ? { from, wanted } : null;
}

/** The file drawn to scale and the bytes around the place; empty until they are there, and when they cannot be had. */
export function placeView(session: Session, place: Place): HTMLElement {
  const element = h('div', { class: 'place' });
  session.excerpt(place.offset).then(
    (excerpt) => fill(element, ...pictureOf(excerpt, place)),
    // The words above tell what is wrong; without bytes there is nothing to add to them.
    () => undefined,
  );
  return element;
}

function pictureOf(excerpt: Excerpt, place: Place): readonly HTMLElement[] {
  const bytes = hexView(excerpt, place.offset);
  return excerpt.size === 0 ? [bytes] : [scaleOf(excerpt.size, place), bytes];
}

/** `size` bytes as a bar: what is there, where it went wrong, and what would be needed. */
function scaleOf(size: number, { offset, need }: Place): HTMLElement {
  const wanted = need?.wanted ?? null;
  const all = Math.max(size, wanted ?? 0);
  const share = (bytes: number): string => `${((100 * Math.min(bytes, all)) / all).toFixed(3)}%`;
  const missing = all - size;
  const words = [
    `${bytesText(size)} are there`,
    ...(offset === null ? [] : [placeWords(offset, size)]),
    ...(missing > 0 ? [`${bytesText(missing)} are missing`] : []),
  ];
  return h(
    'div',
    { class: 'file-scale', attrs: { role: 'img', 'aria-label': words.join(', ') } },
    offset === null
      ? null
      : h('div', { class: 'file-above' }, mark(offset / all, share(offset), placeWords(offset, size))),
    h(
      'div',
      { class: 'file-bar' },
      h(
        'div',
        { class: 'file-there', style: { width: share(size) } },
        size / all > 0.2 ? h('span', { text: `${bytesText(size)} there` }) : null,
      ),
      missing === 0
        ? null
        : h(
            'div',
            { class: 'file-missing' },
            missing / all > 0.2 ? h('span', { text: `${bytesText(missing)} missing` }) : null,
          ),
      need === null ? null : h('u', { style: { left: share(need.from) } }),
      offset === null ? null : h('i', { style: { left: share(offset) } }),
    ),
    h(
      'div',
      { class: 'file-below quiet' },
      h('span', { text: '0' }),
      h('span', {
        text: missing > 0 ? `needs at least ${countText(all)}` : counted(size, 'byte'),
      }),
    ),
  );
}

const placeWords = (offset: number, size: number): string =>
  offset >= size ? `file ends: ${countText(size)}` : `byte ${countText(offset)}`;

/** Words at a place of the bar that never reach out of it. */
const mark = (at: number, left: string, text: string): HTMLElement =>
  h('span', {
    class: at < 0.2 ? 'from' : at > 0.8 ? 'to' : '',
    style: at > 0.8 ? { right: `${(100 - parseFloat(left)).toFixed(3)}%` } : { left },
    text,
  });
