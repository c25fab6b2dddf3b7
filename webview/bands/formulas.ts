import { plain } from '../../analyzers/report/clean.ts';
import type { LadderStep, StepId } from '../../analyzers/report/ladder.ts';
import type { Totals } from '../../analyzers/report/report.ts';
import { bitsAsBytesText, countText, factorText, percentText } from '../../analyzers/report/units.ts';
import type { Piece } from './strip.ts';

/** How a bar's bytes come about, with this model's numbers. */
export function formulaOf(step: LadderStep, totals: Totals): string {
  const size = bitsAsBytesText(step.bits);
  const times =
    step.factor === null || step.id === 'dense'
      ? ''
      : `; factor ${bitsAsBytesText(totals.bits.dense)} / ${size} = ${factorText(step.factor)}`;
  const besides =
    step.id === 'slim' ? 'of header, alignment and what is carried unchanged' : 'carried unchanged';
  return `${words[step.id](totals)}, ${size} + ${bitsAsBytesText(step.restBits)} ${besides}${times}${after[step.id]?.(totals) ?? ''}`;
}

const words: Readonly<Record<StepId, (totals: Totals) => string>> = {
  dense: ({ weights }) => `dense: ${countText(weights)} weights as stored`,
  lossless: () => 'lossless: every weight bit for bit, its byte planes entropy coded',
  pruned: ({ kept, weights, bits }) =>
    `pruned: ${countText(kept)} of ${countText(weights)} kept as stored, ${bitsAsBytesText(bits.survivors)}, with a relative index at its best width, padding included`,
  shared: () => 'shared: entries × (code + index bits), padding included, and codebooks',
  coded: () => 'coded: Huffman bits of codes and indices, padding included, codebooks and code tables',
  slim: () => '.slim file: each layer in its smallest form, as compress writes it',
};

const after: Partial<Readonly<Record<StepId, (totals: Totals) => string>>> = {
  coded: ({ bits }) => `; limit n·H(density) + kept × H(codes) = ${bitsAsBytesText(bits.limit)}`,
};

export function pieceText(piece: Piece, step: LadderStep): string {
  return `${step.label}: ${plain(piece.name, 80)} ${bitsAsBytesText(piece.bits)}, ${percentText(piece.share)}`;
}
