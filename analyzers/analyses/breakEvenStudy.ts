import { breakEvenBatches, type BreakEvenBatch, type BreakEvenStudy } from '../report/breakEven.ts';
import { breakEvenOf, type BreakEvenOptions } from './breakEven.ts';
import { decodingCost } from './decodingCost.ts';
import type { LayerPasses } from './newWeights.ts';
import type { Settled } from './settleLayer.ts';

/** Share of the work that each part is taken to be. */
const decodingShare = 0.1;

/**
 * Measured on this machine, on one thread: below which density plain sparse loops beat plain dense ones for a matrix of
 * the layer's shape, and what the layer's compressed form costs to decode. Random non-zeros stand for the layer's own:
 * the density can then be chosen.
 */
export async function breakEvenStudy(
  settled: Settled,
  passes: LayerPasses,
  options: BreakEvenOptions,
): Promise<BreakEvenStudy> {
  const { rows, cols } = settled.layer;
  const weights = rows * cols;
  const density = weights === 0 ? null : settled.survey.kept / weights;
  const decoding = await decodingCost(settled, passes, options);
  options.progress(decodingShare);
  const batches: BreakEvenBatch[] = [];
  if (weights > 0)
    for (const [at, batch] of breakEvenBatches.entries()) {
      const share = (part: number): number =>
        decodingShare + ((1 - decodingShare) * (at + part)) / breakEvenBatches.length;
      batches.push(
        await breakEvenOf({ rows, cols }, batch, density, {
          ...options,
          progress: (part) => options.progress(share(part)),
        }),
      );
    }
  options.progress(1);
  return {
    basis: 'measured',
    machine: options.stopwatch.machine,
    density,
    batches,
    decoding,
    notes: notesOf(settled, batches, decoding === null),
  };
}

function notesOf(
  { layer, codebook, sizes }: Settled,
  batches: readonly BreakEvenBatch[],
  undecoded: boolean,
): string[] {
  const notes = [
    'Dense and sparse are plain loops of the same runtime, without vector instructions: those make a library\u2019s dense product several times faster and help its sparse one less, so its break-even lies lower.',
    'Non-zeros are placed at random; those of a real layer may lie closer together, which helps sparse products.',
  ];
  const cut = batches.filter(({ rows, cols }) => rows < layer.rows || cols < layer.cols);
  if (cut.length > 0)
    notes.push(
      `Of ${layer.rows.toString()} x ${layer.cols.toString()} weights a part is multiplied: ${cut
        .map(
          ({ batch, rows, cols }) => `${rows.toString()} x ${cols.toString()} at batch ${batch.toString()}`,
        )
        .join(', ')}.`,
    );
  if (layer.op === 'conv' || layer.op === 'depthwise')
    notes.push('A convolution is taken as the matrix that multiplies its unfolded input.');
  if (undecoded)
    notes.push(
      sizes.plan.slim.form === 'raw'
        ? 'The layer is written as it is: there is nothing to decode.'
        : sizes.plan.slim.form === 'lossless'
          ? 'The layer is written without a codebook, byte for byte: its decoding is not measured.'
          : 'The layer has no codes to decode.',
    );
  else if (codebook === null)
    notes.push('Values are not shared: they are read as they are, and nothing is looked up.');
  return notes;
}
