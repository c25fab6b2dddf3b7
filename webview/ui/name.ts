import { plain } from '../../analyzers/report/clean.ts';
import { h } from './dom.ts';

/** Names up to so many characters are not parted, and so many at most stay in sight at the end of a longer one. */
const tail = { least: 14, most: 18, blind: 10 } as const;

/**
 * A name in two: what may be cut at its end, and what stays in sight. The second is as many whole parts ('.conv2',
 * '/weight') as have room, or the last characters where one part is long; '' for a short name.
 */
export function nameParts(name: string): readonly [head: string, tail: string] {
  const letters = Array.from(name);
  if (letters.length <= tail.least) return [name, ''];
  let at = letters.length - tail.blind;
  for (let i = letters.length - 2; i > 0 && letters.length - i <= tail.most; i -= 1)
    if (/[./]/.test(letters[i] ?? '')) at = i;
  return [letters.slice(0, at).join(''), letters.slice(at).join('')];
}

/** A name from the file that is cut in its middle where it has no room: layers differ in how their names end. */
export function nameText(name: string): HTMLElement {
  const shown = plain(name);
  const [head, end] = nameParts(shown);
  return h(
    'span',
    { class: 'name', attrs: { title: shown } },
    h('span', { text: head }),
    end === '' ? null : h('span', { text: end }),
  );
}
