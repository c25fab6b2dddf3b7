/** Columns that a text takes in a terminal: wide East Asian characters and emoji take two, combining marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text) width += signWidth(sign);
  return width;
}

const combining = /\p{M}/u;
const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;

function signWidth(sign: string): number {
  // Latin and general punctuation, thin spaces among it: nearly all that is printed.
  if (sign < '\u0300' || (sign >= '\u2000' && sign <= '\u206f')) return 1;
  if (combining.test(sign)) return 0;
  return wide.test(sign) ? 2 : 1;
}

/** At most `width` columns of a text, the last one an ellipsis when there was more. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const sign of text) {
    used += signWidth(sign);
    if (used > width - 1) break;
    out += sign;
  }
  return width > 0 ? `${out}…` : '';
}

/** At most `width` columns of a name: what leads many names alike goes first, so both ends stay. */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const head = Math.floor((width - 1) / 3);
  return cut(text, head + 1) + lastColumns(text, width - head - 1);
}

function lastColumns(text: string, width: number): string {
  let out = '';
  let used = 0;
  for (const sign of Array.from(text).toReversed()) {
    used += signWidth(sign);
    if (used > width) break;
    out = sign + out;
  }
  return out;
}

/** Exactly `width` columns: cut, or filled with spaces on the side away from `align`. */
export function padded(text: string, width: number, align: 'left' | 'right'): string {
  const shown = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return align === 'left' ? shown + space : space + shown;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** `share` of `width` columns as a bar, to an eighth of a column; what is there at all shows at least one eighth. */
export function bar(share: number, width: number): string {
  const units = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const shown = share > 0 ? Math.max(1, units) : 0;
  return '█'.repeat(Math.floor(shown / 8)) + (eighths[shown % 8] ?? '');
}

/** Wraps prose at spaces; a word that is longer than a line is cut into lines. Thin spaces do not break. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    while (widthOf(word) > width) {
      if (line !== '') lines.push(line);
      line = '';
      let head = '';
      for (const sign of word) {
        if (widthOf(head + sign) > width) break;
        head += sign;
      }
      lines.push(head);
      word = word.slice(head.length);
    }
    const next = line === '' ? word : `${line} ${word}`;
    if (widthOf(next) <= width) line = next;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

export type Ink = 'bold' | 'quiet' | 'bar';

const codes: Readonly<Record<Ink, string>> = { bold: '1', quiet: '2', bar: '34' };

/** Paints a text with an escape sequence, or leaves it when there is no colour. */
export type Paint = (ink: Ink, text: string) => string;

export const painter = (color: boolean): Paint =>
  color ? (ink, text) => (text === '' ? '' : `\u001b[${codes[ink]}m${text}\u001b[0m`) : (_ink, text) => text;
