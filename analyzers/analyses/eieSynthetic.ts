import { syntheticSlices } from '../kernels/syntheticSlices.ts';
import type { EieAsk, EieStudy } from '../report/eieStudy.ts';
import { eieStudy, type EieOptions } from './eieStudy.ts';

/** A layer that nobody trained: each weight is a non-zero with the same probability. */
export interface SyntheticLayer {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly density: number;
  /** Share of active columns: exactly round(activation x cols) of them. */
  readonly activation: number;
  readonly seed: number;
}

/** What the machine would make of a synthetic layer; the same matrix for every machine of a sweep. */
export const syntheticStudy = (
  { name, rows, cols, density, activation, seed }: SyntheticLayer,
  ask: Pick<EieAsk, 'machine' | 'axes' | 'energy'>,
  options: EieOptions,
): Promise<EieStudy> =>
  eieStudy(
    {
      name,
      rows,
      cols,
      bias: null,
      count: async (ways, progress) => {
        const counts = [];
        for (const [i, { pes, width }] of ways.entries()) {
          await options.breathe();
          options.signal.throwIfAborted();
          const { slices, padding, columnPadding } = syntheticSlices({
            rows,
            cols,
            density,
            seed,
            pes,
            indexBits: width,
          });
          counts.push({ entries: slices.entries, padding, columnPadding });
          progress((i + 1) / ways.length);
        }
        return counts;
      },
    },
    { ...ask, convolutions: false, activations: { kind: 'density', density: activation, seed } },
    options,
  );
