/** Most characters of a text from a file that a surface shows. */
const shown = 200;

/** Control and format characters (bidirectional marks, zero widths, tags), line separators and lone surrogates. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text from a file, fit to be shown: nothing that moves the cursor, ends a line, hides, or reverses the order of
 * what is read; `most` characters at most, the last being an ellipsis when there were more.
 */
export function plain(text: string, most = shown): string {
  const kept = Array.from(text.slice(0, most * 4).replaceAll(hidden, ''));
  return kept.length > most || text.length > most * 4
    ? `${kept.slice(0, most - 1).join('')}…`
    : kept.join('');
}

/** Most characters of a problem's message: it may hold two names and a path. */
const message = 600;

/** The same for a message that holds texts from a file. */
export const plainMessage = (text: string): string => plain(text, message);
