import { keptRange } from '../kernels/kept.ts';
import type { Mask } from '../kernels/mask.ts';
import type { Pass } from '../model/chunk.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import { parsePrune } from '../report/pruneRules.ts';
import type { TileMask } from '../report/tile.ts';
import { maskByScores, scoresOf, type MaskOptions } from './mask.ts';
import { sweepsOf } from './sweeps.ts';

/** The mask that a picture asks for: found again in passes of its own where it is no range of magnitudes. */
export async function maskForTile(
  layer: Layer,
  asked: TileMask,
  pass: Pass,
  options: MaskOptions,
): Promise<Mask> {
  if (asked === null || typeof asked === 'number') return { kind: 'range', range: keptRange(asked) };
  const prune = parsePrune(asked.prune);
  if (prune.kind === 'none') return { kind: 'range', range: keptRange(null) };
  const { signal } = options;
  const sweep = sweepsOf(pass, elementsOf(layer.weight.shape), 1, { signal, progress: () => {} });
  const scores = await scoresOf(layer, asked, sweep, options);
  return (await maskByScores(layer, prune, scores ?? sweep)).mask;
}
