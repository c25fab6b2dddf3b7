import type { LadderStep } from '../../analyzers/report/ladder.ts';
import { counted } from '../../analyzers/report/units.ts';

/** One piece of a strip: a layer, several small ones together, or what is carried unchanged. */
export interface Piece {
  /** Index of the layer; null for a group and for the rest. */
  readonly layer: number | null;
  readonly kind: 'layer' | 'group' | 'rest';
  readonly name: string;
  /** Layers in it. */
  readonly count: number;
  readonly bits: number;
  /** Of the whole strip, 0 to 1. */
  readonly share: number;
}

/**
 * The bytes of one step split by layer, 100 % of that step's own bytes: a bar of 3 % cannot be split.
 * Neighbours too narrow to be seen are drawn together; the selected layer never is.
 *
 * least  share below which a piece is too narrow
 */
export function piecesOf(step: LadderStep, selected: number | null, least: number): readonly Piece[] {
  const all = step.bits + step.restBits;
  if (all <= 0) return [];
  const pieces: Piece[] = [];
  let open: Piece[] = [];
  const close = (): void => {
    const [first] = open;
    if (open.length === 1 && first !== undefined) pieces.push(first);
    else if (first !== undefined) pieces.push(together(open));
    open = [];
  };
  for (const { layer, name, bits } of step.parts) {
    const piece: Piece = { layer, kind: 'layer', name, count: 1, bits, share: bits / all };
    if (piece.share >= least || layer === selected) {
      close();
      pieces.push(piece);
      continue;
    }
    open.push(piece);
    if (sum(open, 'share') >= least) close();
  }
  close();
  if (step.restBits > 0)
    pieces.push({
      layer: null,
      kind: 'rest',
      name: 'the rest',
      count: 0,
      bits: step.restBits,
      share: step.restBits / all,
    });
  return pieces;
}

const sum = (pieces: readonly Piece[], key: 'bits' | 'share'): number =>
  pieces.reduce((all, piece) => all + piece[key], 0);

const together = (pieces: readonly Piece[]): Piece => ({
  layer: null,
  kind: 'group',
  name: counted(pieces.length, 'layer'),
  count: pieces.length,
  bits: sum(pieces, 'bits'),
  share: sum(pieces, 'share'),
});
