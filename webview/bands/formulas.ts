import type { LadderStep } from '../../analyzers/report/ladder.ts';
import type { Totals } from '../../analyzers/report/report.ts';
import { bitsAsBytesText, countText, factorText, percentText } from '../../analyzers/report/units.ts';
import type { Piece } from './strip.ts';
import { plain } from '../../analyzers/report/clean.ts';

/** How a bar's bytes come about, with this model's numbers. */
export function formulaOf(step: LadderStep, totals: Totals): string {
  const rest = `+ ${bitsAsBytesText(step.restBits)} carried unchanged`;
  const dense = bitsAsBytesText(totals.bits.dense);
  const size = bitsAsBytesText(step.bits);
  const times = step.factor === null ? '' : `; factor ${dense} / ${size} = ${factorText(step.factor)}`;
  switch (step.id) {
    case 'dense':
      return `dense: ${countText(totals.weights)} weights as stored, ${size} ${rest}`;
    case 'lossless':
      return `lossless: every weight bit for bit, its byte planes entropy coded, ${size} ${rest}${times}`;
    case 'pruned':
      return `pruned: ${countText(totals.kept)} of ${countText(totals.weights)} kept as stored, ${bitsAsBytesText(totals.bits.survivors)}, with a relative index at its best width, padding included, ${size} ${rest}${times}`;
    case 'shared':
      return `shared: entries × (code + index bits), padding included, and codebooks, ${size} ${rest}${times}`;
    case 'coded':
      return `coded: Huffman bits of codes and indices, padding included, codebooks and code tables, ${size} ${rest}${times}; limit n·H(density) + kept × H(codes) = ${bitsAsBytesText(totals.bits.limit)}`;
  }
}

export function pieceText(piece: Piece, step: LadderStep): string {
  return `${step.label}: ${plain(piece.name, 80)} ${bitsAsBytesText(piece.bits)}, ${percentText(piece.share)}`;
}
