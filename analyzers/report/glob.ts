/**
 * Whether a glob matches a whole text, case-sensitively: `*` is any run of characters, `/` and `.` included,
 * `?` is one character, `\` takes the next character as it is. No other character is special.
 * Takes at most pattern x text steps: on a mismatch only the last star is tried again.
 */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    const sign = pattern[p];
    if (sign === '*') {
      star = p;
      retry = t;
      p += 1;
      continue;
    }
    const escaped = sign === '\\' && p + 1 < pattern.length;
    const wanted = escaped ? pattern[p + 1] : sign;
    if (wanted !== undefined && ((sign === '?' && !escaped) || wanted === text[t])) {
      p += escaped ? 2 : 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      retry += 1;
      t = retry;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** The glob that matches this text and no other. */
export const exactly = (text: string): string => text.replaceAll(/[*?\\]/g, '\\$&');
