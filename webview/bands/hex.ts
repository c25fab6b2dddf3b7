import { countText } from '../../analyzers/report/units.ts';
import type { Excerpt } from '../../analyzers/rpc/contracts.ts';
import { h } from '../ui/dom.ts';

const perLine = 16;

/** One line of bytes: where it begins, each byte as two digits, and as a letter where ASCII has one. */
export interface HexLine {
  readonly offset: number;
  readonly bytes: readonly string[];
  readonly text: string;
}

/** The lines of an excerpt, 16 bytes each. */
export function hexLines({ start, bytes }: Excerpt): readonly HexLine[] {
  return Array.from({ length: Math.ceil(bytes.length / perLine) }, (_, i) => {
    const line = bytes.subarray(i * perLine, (i + 1) * perLine);
    return {
      offset: start + i * perLine,
      bytes: Array.from(line, (byte) => byte.toString(16).padStart(2, '0')),
      text: Array.from(line, letterOf).join(''),
    };
  });
}

/** What is not printable ASCII is a dot: nothing of the file is ever more than one visible character. */
const letterOf = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

const offsetText = (offset: number): string => offset.toString(16).padStart(8, '0');

/** Bytes as hex and ASCII; the one at `place` is marked, and so is the end of the file when it is in sight. */
export function hexView(excerpt: Excerpt, place: number | null): HTMLElement {
  const lines = hexLines(excerpt);
  const end = excerpt.start + excerpt.bytes.length;
  const from = countText(excerpt.start);
  return h(
    'div',
    {
      class: 'hex',
      attrs: { role: 'group', tabindex: 0, 'aria-label': `Bytes ${from} to ${countText(end)} of the file` },
    },
    ...lines.map((line) => hexRow(line, place)),
    end < excerpt.size
      ? null
      : h(
          'div',
          { class: 'hex-line' },
          h('span', { class: 'quiet', text: offsetText(excerpt.size) }),
          h('b', { class: 'wrong', text: 'end of file' }),
        ),
  );
}

function hexRow({ offset, bytes, text }: HexLine, place: number | null): HTMLElement {
  const at = place === null ? -1 : place - offset;
  const marked = at >= 0 && at < bytes.length;
  const gap = '   '.repeat(perLine - bytes.length);
  return h(
    'div',
    { class: 'hex-line' },
    h('span', { class: 'quiet', text: offsetText(offset) }),
    marked
      ? h(
          'span',
          {},
          bytes
            .slice(0, at)
            .map((byte) => `${byte} `)
            .join(''),
          h('mark', { text: bytes[at] ?? '' }),
          bytes
            .slice(at + 1)
            .map((byte) => ` ${byte}`)
            .join('') + gap,
        )
      : h('span', { text: bytes.join(' ') + gap }),
    marked
      ? h(
          'span',
          { class: 'quiet' },
          text.slice(0, at),
          h('mark', { text: text[at] ?? '' }),
          text.slice(at + 1),
        )
      : h('span', { class: 'quiet', text }),
  );
}
