import { ReadError } from '../bytes/errors.ts';
import { syntheticActive } from '../kernels/syntheticSlices.ts';
import type { EieActivations } from '../report/eieStudy.ts';

/** The active columns of `cols`, ascending, and what the report calls them. */
export interface ActiveColumns {
  readonly active: Uint32Array;
  readonly source: string;
}

/**
 * Which columns are computed. Throws ReadError 'activations/length' when a vector is of another length than the layer's
 * inputs.
 */
export function activeColumns(asked: EieActivations, cols: number, layer: string): ActiveColumns {
  if (asked.kind === 'all-active')
    return { active: Uint32Array.from({ length: cols }, (_, col) => col), source: 'all-active' };
  if (asked.kind === 'density')
    return {
      active: syntheticActive(cols, asked.density, asked.seed),
      source: `synthetic density ${asked.density.toString()}, seed ${asked.seed.toString()}`,
    };
  if (asked.length !== cols)
    throw new ReadError(
      'activations/length',
      asked.source,
      `${asked.source} has ${asked.length.toString()} activations and ${layer} has ${cols.toString()} inputs: give a vector of as many, or name another layer`,
    );
  return { active: asked.columns, source: asked.source };
}
