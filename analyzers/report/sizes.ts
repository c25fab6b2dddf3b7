import type { LadderStep } from './ladder.ts';
import { bitsAsBytesText, factorText } from './units.ts';

/** What stands behind a bar: what else is to know about this step. */
export function stepNote({ id, limitBits, restBits, bareFactor, withRest, factor }: LadderStep): string {
  if (factor === null) return '';
  if (id === 'lossless') return 'every weight comes back bit for bit';
  if (id === 'pruned' && bareFactor !== null) return `weights without index ${factorText(bareFactor)}`;
  if (id === 'slim')
    return withRest === null ? '' : `header included; the whole file ${factorText(withRest)}`;
  if (id !== 'coded') return '';
  const notes: string[] = [];
  if (limitBits !== null) notes.push(`limit ${bitsAsBytesText(limitBits + restBits)}`);
  if (withRest !== null && restBits > 0) notes.push(`with the rest ${factorText(withRest)}`);
  return notes.join(' · ');
}

/** Over the bars that are true of the file, and over those that are not. */
export const asIsHead = 'as it is';
export const whatIfHead = 'what if, one-shot';
