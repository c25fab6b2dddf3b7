import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import { codeGroups, type CodeGroups } from '../kernels/codeGroups.ts';
import { powerBelow } from '../kernels/exponent.ts';
import type { Layer } from '../model/layer.ts';
import { formOf } from '../model/view.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { ShareRule } from '../report/recipe.ts';
import { bitsFor } from '../report/rules.ts';

/** A rule that names how many centroids there are: codes are as wide as these need, with the zero beside them. */
export const sharedAs = (share: ShareRule, zeroReserved: boolean): ShareRule =>
  share.kind === 'none' || share.k === null
    ? share
    : { ...share, bits: bitsFor(share.k + (zeroReserved ? 1 : 0)) };

/** The parts of a layer that have a codebook each; null: it has one. Throws ReadError when there would be too many. */
export function groupsOf(layer: Layer, share: ShareRule, zeroReserved: boolean): CodeGroups | null {
  if (share.kind === 'none' || share.per.kind === 'layer') return null;
  const { per, bits } = share;
  const { map } = formOf(layer);
  const groups = codeGroups(per.kind, per.kind === 'pes' ? per.count : per.size, map, layer);
  const k = share.k ?? 2 ** bits - (zeroReserved ? 1 : 0);
  const most = mostIn(layer, groups, k);
  if (tooMany(groups, most))
    throw new ReadError(
      'limits/codebook-groups',
      '',
      `${layer.name} would have ${groups.count.toString()} codebooks of up to ${most.toString()} values each, more than the ${limits.shareCentroids.toString()} values that are searched at once: take more rows, columns or PEs together, or fewer bits`,
    );
  return groups;
}

const mostIn = ({ rows, cols }: Layer, { count }: CodeGroups, k: number): number =>
  Math.min(k, Math.ceil((rows * cols) / count));

const tooMany = ({ count }: CodeGroups, most: number): boolean =>
  count > limits.shareGroups || count * most > limits.shareCentroids;

/** A group for each row; null where a rule with so many values would be refused. */
export function perRow(layer: Layer, k: number): CodeGroups | null {
  const groups = codeGroups('rows', 1, formOf(layer).map, layer);
  return tooMany(groups, mostIn(layer, groups, k)) ? null : groups;
}

/** A power of two that brings weights of extreme magnitudes, which only doubles have, near to 1. */
export function unitOf({ quantisation, weight }: Layer, { min, max }: LayerProfile): number {
  if (quantisation !== null || weight.dtype !== 'f64') return 1;
  const unit = powerBelow(Math.max(2 ** -1022, Math.abs(min ?? 0), Math.abs(max ?? 0)));
  return unit > 2 ** 256 || unit < 2 ** -256 ? unit : 1;
}
